/** The functions that Python expressions can use without an import. */
import { BeyondSubset, ConditionProblem } from "./problem.ts";
import {
  Callable,
  Dictionary,
  index,
  isTrue,
  iterate,
  numeric,
  order,
  Sequence,
  string,
  textOf,
  typeName,
  type Value,
} from "./values.ts";

type Function = (...args: Value[]) => Value;

function toInteger(value: Value = 0n, base: Value = 10n): Value {
  const number = numeric(value);
  if (number !== undefined) return BigInt(Math.trunc(Number(number)));
  const text = string(value).trim();
  const radix = index(base);
  if (radix === 10 && /^[-+]?\d+(_\d+)*$/.test(text)) {
    return BigInt(text.replace("+", "").replaceAll("_", ""));
  }
  if (radix !== 10) throw new BeyondSubset("int() with a base is not supported");
  throw new ConditionProblem(`int() cannot convert ${textOf(value)}`);
}

function toFloat(value: Value = 0n): Value {
  const number = numeric(value);
  if (number !== undefined) return Number(number);
  const text = string(value).trim();
  if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)) {
    throw new ConditionProblem(`float() cannot convert ${textOf(value)}`);
  }
  return Number(text);
}

function length(value: Value = null): Value {
  if (typeof value === "string") return BigInt([...value].length);
  if (value instanceof Sequence) return BigInt(value.items.length);
  if (value instanceof Dictionary) return BigInt(value.items.size);
  throw new ConditionProblem(`${typeName(value)} has no length`);
}

function sorted(values: Value[]): Value[] {
  return [...values].sort((a, b) => order(a, b));
}

/** The least or greatest of the arguments, or of the items of a single one. */
function extreme(last: boolean): Function {
  return (...args) => {
    const found = sorted(args.length === 1 ? iterate(args[0]!) : args).at(last ? -1 : 0);
    if (found === undefined) throw new ConditionProblem("the sequence is empty");
    return found;
  };
}

const FUNCTIONS: Record<string, Function> = {
  all: (items = null) => iterate(items).every(isTrue),
  any: (items = null) => iterate(items).some(isTrue),
  bool: (value = null) => isTrue(value),
  chr: (code = null) => String.fromCodePoint(index(code)),
  float: toFloat,
  int: toInteger,
  len: length,
  list: (items = "") => new Sequence("list", [...iterate(items)]),
  max: extreme(true),
  min: extreme(false),
  ord: (char = null) => BigInt(string(char).codePointAt(0) ?? 0),
  set: (items = "") => new Sequence("set", [...new Set(iterate(items))]),
  sorted: (items = null) => new Sequence("list", sorted(iterate(items))),
  str: (value = "") => textOf(value),
  tuple: (items = "") => new Sequence("tuple", [...iterate(items)]),
  abs: (value = null) => {
    const number = numeric(value);
    if (number === undefined) throw new ConditionProblem(`abs() needs a number`);
    return number < 0 ? -number : number;
  },
  map: (callee = null, items = null) => {
    if (!(callee instanceof Callable)) throw new ConditionProblem("map() needs a function");
    const none = new Map<string, Value>();
    return new Sequence(
      "list",
      iterate(items).map((item) => callee.call([item], none)),
    );
  },
};

/** A Python function from a plain one; named arguments are beyond us. */
export function callable(name: string, body: Function): Callable {
  return new Callable(name, (args, named) => {
    if (named.size > 0) throw new BeyondSubset(`${name}() with named arguments is not supported`);
    return body(...args);
  });
}

export function builtin(name: string): Value | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? callable(name, FUNCTIONS[name]!) : undefined;
}

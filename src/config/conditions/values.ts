import { compareText, repr } from "../../pythonic/text.ts";
import { BeyondSubset, ConditionProblem } from "./problem.ts";

/** Values of the expressions: Python's int is a bigint, its float a number. */
export type Value =
  | bigint
  | number
  | string
  | boolean
  | null
  | Sequence
  | Dictionary
  | Callable
  | Namespace;

/** A list, tuple or set. */
export class Sequence {
  readonly type: "list" | "tuple" | "set";
  readonly items: Value[];
  /** Fields of a named tuple such as sys.version_info. */
  readonly fields: ReadonlyMap<string, Value>;

  constructor(type: Sequence["type"], items: Value[], fields: Iterable<[string, Value]> = []) {
    this.type = type;
    this.items = items;
    this.fields = new Map(fields);
  }
}

export class Dictionary {
  readonly items: Map<Value, Value>;

  constructor(items: Iterable<[Value, Value]>) {
    this.items = new Map(items);
  }
}

/** Something that can be called. */
export class Callable {
  readonly name: string;
  readonly call: (args: Value[], named: ReadonlyMap<string, Value>) => Value;

  constructor(name: string, call: Callable["call"]) {
    this.name = name;
    this.call = call;
  }
}

/** A module, or another object with attributes. Attributes are computed on access. */
export class Namespace {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, () => Value>;

  constructor(name: string, attributes: Iterable<[string, () => Value]>) {
    this.name = name;
    this.attributes = new Map(attributes);
  }
}

export function tuple(...items: Value[]): Sequence {
  return new Sequence("tuple", items);
}

export function typeName(value: Value): string {
  if (value === null) return "NoneType";
  if (value instanceof Sequence) return value.type;
  if (value instanceof Dictionary) return "dict";
  if (value instanceof Callable) return "function";
  if (value instanceof Namespace) return value.name;
  const names: Record<string, string> = {
    bigint: "int",
    number: "float",
    string: "str",
    boolean: "bool",
  };
  return names[typeof value]!;
}

export function isTrue(value: Value): boolean {
  if (value instanceof Sequence) return value.items.length > 0;
  if (value instanceof Dictionary) return value.items.size > 0;
  return value instanceof Callable || value instanceof Namespace || Boolean(value);
}

/** The value as a number, if it is one; True counts as 1. */
export function numeric(value: Value): bigint | number | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return typeof value === "bigint" || typeof value === "number" ? value : undefined;
}

export function equal(a: Value, b: Value): boolean {
  const x = numeric(a);
  const y = numeric(b);
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1 is what Python's 1 == 1.0 is.
  if (x !== undefined && y !== undefined) return x == y;
  if (a instanceof Sequence && b instanceof Sequence) {
    if (a.type !== b.type || a.items.length !== b.items.length) return false;
    if (a.type === "set") return a.items.every((item) => contains(b, item));
    return a.items.every((item, i) => equal(item, b.items[i]!));
  }
  if (a instanceof Dictionary && b instanceof Dictionary) {
    if (a.items.size !== b.items.size) return false;
    return [...a.items].every(([key, value]) => equal(value, b.items.get(key) ?? null));
  }
  return a === b;
}

/** Below zero, zero or above, as a sorts before, with or after b. */
export function order(a: Value, b: Value, operator = "<"): number {
  const x = numeric(a);
  const y = numeric(b);
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : 0;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (a instanceof Sequence && b instanceof Sequence && a.type === b.type && a.type !== "set") {
    const shorter = Math.min(a.items.length, b.items.length);
    for (let i = 0; i < shorter; i++) {
      if (!equal(a.items[i]!, b.items[i]!)) return order(a.items[i]!, b.items[i]!, operator);
    }
    return a.items.length - b.items.length;
  }
  throw new ConditionProblem(`'${operator}' cannot compare ${typeName(a)} with ${typeName(b)}`);
}

export function iterate(value: Value): Value[] {
  if (typeof value === "string") return [...value];
  if (value instanceof Sequence) return value.items;
  if (value instanceof Dictionary) return [...value.items.keys()];
  throw new ConditionProblem(`${typeName(value)} is not a sequence`);
}

export function contains(container: Value, item: Value): boolean {
  if (typeof container === "string") {
    if (typeof item !== "string") {
      throw new ConditionProblem(`'in <string>' needs a string, not ${typeName(item)}`);
    }
    return container.includes(item);
  }
  return iterate(container).some((each) => equal(each, item));
}

/** `str(value)` */
export function textOf(value: Value): string {
  return typeof value === "string" ? value : shown(value);
}

/** `repr(value)` */
function shown(value: Value): string {
  if (typeof value === "string") return repr(value);
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Sequence && value.type !== "set") {
    const items = value.items.map(shown).join(", ");
    if (value.type === "list") return `[${items}]`;
    return value.items.length === 1 ? `(${items},)` : `(${items})`;
  }
  throw new BeyondSubset(`${typeName(value)} as text is not supported`);
}

/** A position or count given as an int. */
export function index(value: Value): number {
  const number = numeric(value);
  if (typeof number !== "bigint") throw new ConditionProblem(`${typeName(value)} is not an index`);
  return Number(number);
}

export function string(value: Value | undefined): string {
  if (typeof value === "string") return value;
  throw new ConditionProblem(`a string is needed, not ${typeName(value ?? null)}`);
}

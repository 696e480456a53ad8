import type { Expression, Loop } from "./expression.ts";
import { attribute } from "./methods.ts";
import { BeyondSubset, ConditionProblem, UnknownName } from "./problem.ts";
import {
  Callable,
  contains,
  Dictionary,
  equal,
  index,
  isTrue,
  iterate,
  numeric,
  order,
  Sequence,
  textOf,
  typeName,
  type Value,
} from "./values.ts";

/** Names and their values; undefined for an unknown name. */
export type Scope = (name: string) => Value | undefined;

function sliced(of: Value, bounds: (Value | undefined)[]): Value {
  const length = of instanceof Sequence ? of.items.length : [...(of as string)].length;
  const step = bounds[2] === undefined || bounds[2] === null ? 1 : index(bounds[2]);
  if (step === 0) throw new ConditionProblem("a slice's step is zero");
  const bound = (value: Value | undefined, fallback: number) => {
    if (value === undefined || value === null) return fallback;
    const given = index(value);
    const counted = given < 0 ? given + length : given;
    return step > 0
      ? Math.min(Math.max(counted, 0), length)
      : Math.min(Math.max(counted, -1), length - 1);
  };
  const start = bound(bounds[0], step > 0 ? 0 : length - 1);
  const stop = bound(bounds[1], step > 0 ? length : -1);
  const source: Value[] = of instanceof Sequence ? of.items : [...(of as string)];
  const items: Value[] = [];
  for (let i = start; step > 0 ? i < stop : i > stop; i += step) items.push(source[i]!);
  return of instanceof Sequence ? new Sequence(of.type, items) : items.join("");
}

function subscript(of: Value, at: Value): Value {
  if (of instanceof Dictionary) {
    for (const [key, value] of of.items) if (equal(key, at)) return value;
    throw new ConditionProblem(`there is no key ${textOf(at)}`);
  }
  const items = of instanceof Sequence && of.type !== "set" ? of.items : undefined;
  if (items === undefined && typeof of !== "string") {
    throw new ConditionProblem(`${typeName(of)} cannot be indexed`);
  }
  const source: Value[] = items ?? [...(of as string)];
  const position = index(at);
  const found = source[position < 0 ? position + source.length : position];
  if (found === undefined) throw new ConditionProblem(`position ${position} is out of range`);
  return found;
}

function floor(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function divide(operator: string, x: bigint | number, y: bigint | number): Value {
  if (Number(y) === 0) throw new ConditionProblem("division by zero");
  if (operator === "/") return Number(x) / Number(y);
  if (typeof x === "bigint" && typeof y === "bigint") {
    return operator === "//" ? floor(x, y) : x - floor(x, y) * y;
  }
  const quotient = Math.floor(Number(x) / Number(y));
  return operator === "//" ? quotient : Number(x) - quotient * Number(y);
}

function power(x: bigint | number, y: bigint | number): Value {
  if (typeof x !== "bigint" || typeof y !== "bigint" || y < 0n) return Number(x) ** Number(y);
  if (y > 10_000n) throw new BeyondSubset("a power this large is not supported");
  return x ** y;
}

function arithmetic(operator: string, x: bigint | number, y: bigint | number): Value | undefined {
  if (operator === "/" || operator === "//" || operator === "%") return divide(operator, x, y);
  if (operator === "**") return power(x, y);
  const whole = typeof x === "bigint" && typeof y === "bigint";
  if (operator === "+") return whole ? x + y : Number(x) + Number(y);
  if (operator === "-") return whole ? x - y : Number(x) - Number(y);
  if (operator === "*") return whole ? x * y : Number(x) * Number(y);
  if (!whole) return undefined;
  if (operator === "&") return x & y;
  if (operator === "|") return x | y;
  if (operator === "^") return x ^ y;
  if (y < 0n) throw new ConditionProblem("the shift count is negative");
  if (operator === ">>") return x >> y;
  if (operator === "<<" && y <= 10_000n) return x << y;
  return undefined;
}

function repeated(of: Value, count: Value): Value | undefined {
  if (typeof count !== "bigint" || count > 10_000n) return undefined;
  const times = Math.max(0, Number(count));
  if (typeof of === "string") return of.repeat(times);
  if (!(of instanceof Sequence)) return undefined;
  return new Sequence(of.type, Array.from({ length: times }, () => of.items).flat());
}

function binary(operator: string, left: Value, right: Value): Value {
  const x = numeric(left);
  const y = numeric(right);
  let result: Value | undefined;
  if (x !== undefined && y !== undefined) result = arithmetic(operator, x, y);
  else if (operator === "+" && typeof left === "string" && typeof right === "string") {
    result = left + right;
  } else if (operator === "+" && left instanceof Sequence && right instanceof Sequence) {
    if (left.type === right.type) result = new Sequence(left.type, [...left.items, ...right.items]);
  } else if (operator === "*") result = repeated(left, right) ?? repeated(right, left);
  else if (operator === "%" && typeof left === "string") {
    throw new BeyondSubset("'%' on strings is not supported");
  }
  if (result === undefined) {
    throw new ConditionProblem(
      `'${operator}' does not work on ${typeName(left)} and ${typeName(right)}`,
    );
  }
  return result;
}

function unary(operator: string, value: Value): Value {
  if (operator === "not") return !isTrue(value);
  const number = numeric(value);
  if (number === undefined || (operator === "~" && typeof number === "number")) {
    throw new ConditionProblem(`'${operator}' does not work on ${typeName(value)}`);
  }
  if (operator === "+") return number;
  return operator === "-" ? -number : -(number as bigint) - 1n;
}

function compare(operator: string, left: Value, right: Value): boolean {
  switch (operator) {
    case "==":
      return equal(left, right);
    case "!=":
      return !equal(left, right);
    case "in":
      return contains(right, left);
    case "not in":
      return !contains(right, left);
    case "is":
      return left === right;
    case "is not":
      return left !== right;
    case "<":
      return order(left, right, operator) < 0;
    case "<=":
      return order(left, right, operator) <= 0;
    case ">":
      return order(left, right, operator) > 0;
    default:
      return order(left, right, operator) >= 0;
  }
}

function withNames(scope: Scope, names: readonly string[], values: readonly Value[]): Scope {
  return (name) => {
    const at = names.indexOf(name);
    return at < 0 ? scope(name) : (values[at] ?? null);
  };
}

function each(result: Expression, loops: readonly Loop[], scope: Scope): Value[] {
  const [loop, ...inner] = loops;
  if (loop === undefined) return [evaluate(result, scope)];
  const found: Value[] = [];
  for (const item of iterate(evaluate(loop.items, scope))) {
    const values = loop.names.length === 1 ? [item] : iterate(item);
    const below = withNames(scope, loop.names, values);
    if (loop.tests.every((test) => isTrue(evaluate(test, below)))) {
      found.push(...each(result, inner, below));
    }
  }
  return found;
}

/** The value of an expression. Throws ConditionProblem. */
export function evaluate(expression: Expression, scope: Scope): Value {
  const value = (of: Expression) => evaluate(of, scope);
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "name": {
      const found = scope(expression.name);
      if (found === undefined) throw new UnknownName(expression.name);
      return found;
    }
    case "attribute":
      return attribute(value(expression.of), expression.name);
    case "call": {
      const callee = value(expression.callee);
      if (!(callee instanceof Callable)) {
        throw new ConditionProblem(`${typeName(callee)} cannot be called`);
      }
      const named = expression.named.map(([name, each]) => [name, value(each)] as const);
      return callee.call(expression.args.map(value), new Map(named));
    }
    case "subscript": {
      const of = value(expression.of);
      const at = expression.index;
      if (at.kind !== "slice") return subscript(of, value(at));
      if (typeof of !== "string" && (!(of instanceof Sequence) || of.type === "set")) {
        throw new ConditionProblem(`${typeName(of)} cannot be sliced`);
      }
      return sliced(
        of,
        [at.start, at.stop, at.step].map((bound) => bound && value(bound)),
      );
    }
    case "slice":
      throw new ConditionProblem("':' is unexpected there");
    case "list":
    case "tuple":
    case "set":
      return new Sequence(expression.kind, expression.items.map(value));
    case "dict":
      return new Dictionary(expression.items.map(([key, item]) => [value(key), value(item)]));
    case "each":
      return new Sequence("list", each(expression.result, expression.loops, scope));
    case "unary":
      return unary(expression.operator, value(expression.operand));
    case "binary":
      return binary(expression.operator, value(expression.left), value(expression.right));
    case "compare": {
      let left = value(expression.first);
      for (const [operator, operand] of expression.rest) {
        const right = value(operand);
        if (!compare(operator, left, right)) return false;
        left = right;
      }
      return true;
    }
    case "and": {
      const left = value(expression.left);
      return isTrue(left) ? value(expression.right) : left;
    }
    case "or": {
      const left = value(expression.left);
      return isTrue(left) ? left : value(expression.right);
    }
    case "choice":
      return isTrue(value(expression.test)) ? value(expression.yes) : value(expression.no);
    case "lambda": {
      const { parameters, body } = expression;
      return new Callable("lambda", (args) => evaluate(body, withNames(scope, parameters, args)));
    }
  }
}

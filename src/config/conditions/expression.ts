/** Parses the expressions of conditions. Over 300 lines: one function for each rule of the grammar. */
import { BeyondSubset, ConditionProblem } from "./problem.ts";
import { type Token, tokenize } from "./tokens.ts";

/** A Python expression as a tree. */
export type Expression =
  | { kind: "literal"; value: bigint | number | string | boolean | null }
  | { kind: "name"; name: string }
  | { kind: "attribute"; of: Expression; name: string }
  | { kind: "call"; callee: Expression; args: Expression[]; named: [string, Expression][] }
  | { kind: "subscript"; of: Expression; index: Expression }
  | { kind: "slice"; start?: Expression; stop?: Expression; step?: Expression }
  | { kind: "list" | "tuple" | "set"; items: Expression[] }
  | { kind: "dict"; items: [Expression, Expression][] }
  | { kind: "each"; result: Expression; loops: Loop[]; bracketed?: true }
  | { kind: "unary"; operator: string; operand: Expression }
  | { kind: "binary"; operator: string; left: Expression; right: Expression }
  | { kind: "compare"; first: Expression; rest: [string, Expression][] }
  | { kind: "and" | "or"; left: Expression; right: Expression }
  | { kind: "choice"; test: Expression; yes: Expression; no: Expression }
  | { kind: "lambda"; parameters: string[]; body: Expression };

/** `for names in items if tests` of a comprehension. */
export interface Loop {
  names: string[];
  items: Expression;
  tests: Expression[];
}

const LITERALS = new Map<string, boolean | null>([
  ["True", true],
  ["False", false],
  ["None", null],
]);
const KEYWORDS = new Set(
  "and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
    " ",
  ),
);
const COMPARISONS = new Set(["<", ">", "<=", ">=", "==", "!="]);
/** Binary operators from weakest to strongest. */
const LEVELS = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "//", "%", "@"]];

/** Maximum depth of an expression; Python gives up at a few hundred, too. */
const MAX_DEPTH = 200;

class Parser {
  private readonly tokens: Token[];
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.tokens = tokenize(text);
  }

  /** Expressions separated by commas up to the end of the text. */
  whole(): Expression[] {
    const items = this.items("");
    if (this.peek().kind !== "end") throw this.unexpected();
    return items;
  }

  private peek(): Token {
    return this.tokens[this.at]!;
  }

  private unexpected(): ConditionProblem {
    const { kind, value } = this.peek();
    return new ConditionProblem(
      kind === "end" ? "it ends too early" : `'${value}' is unexpected there`,
    );
  }

  private is(value: string): boolean {
    const token = this.peek();
    return (token.kind === "operator" || token.kind === "name") && token.value === value;
  }

  private take(value: string): boolean {
    if (!this.is(value)) return false;
    this.at++;
    return true;
  }

  private expect(value: string): void {
    if (!this.take(value)) throw this.unexpected();
  }

  private name(): string {
    const token = this.peek();
    if (token.kind !== "name" || KEYWORDS.has(token.value)) throw this.unexpected();
    this.at++;
    return token.value;
  }

  /** Items up to `close`, which stays; a comprehension is one item of kind `each`. */
  private items(close: string): Expression[] {
    const items: Expression[] = [];
    while (!this.is(close) && this.peek().kind !== "end") {
      const item = this.expression();
      const loops = this.loops();
      items.push(loops.length > 0 ? { kind: "each", result: item, loops } : item);
      if (!this.take(",")) break;
    }
    return items;
  }

  private loops(): Loop[] {
    const loops: Loop[] = [];
    while (this.take("for")) {
      const names = [this.name()];
      while (this.take(",")) names.push(this.name());
      this.expect("in");
      const items = this.or();
      const tests: Expression[] = [];
      while (this.take("if")) tests.push(this.or());
      loops.push({ names, items, tests });
    }
    return loops;
  }

  private expression(): Expression {
    return this.nested(() => this.choice());
  }

  private nested(read: () => Expression): Expression {
    if (++this.depth > MAX_DEPTH) throw new ConditionProblem("it is nested too deeply");
    const expression = read();
    this.depth--;
    return expression;
  }

  private choice(): Expression {
    if (this.take("lambda")) return this.lambda();
    const yes = this.or();
    if (!this.take("if")) return yes;
    const test = this.or();
    this.expect("else");
    return { kind: "choice", test, yes, no: this.expression() };
  }

  private lambda(): Expression {
    const parameters: string[] = [];
    while (!this.is(":")) {
      parameters.push(this.name());
      if (!this.take(",")) break;
    }
    this.expect(":");
    return { kind: "lambda", parameters, body: this.expression() };
  }

  private or(): Expression {
    let left = this.and();
    while (this.take("or")) left = { kind: "or", left, right: this.and() };
    return left;
  }

  private and(): Expression {
    let left = this.not();
    while (this.take("and")) left = { kind: "and", left, right: this.not() };
    return left;
  }

  private not(): Expression {
    if (this.take("not")) {
      return { kind: "unary", operator: "not", operand: this.nested(() => this.not()) };
    }
    const first = this.binary(0);
    const rest: [string, Expression][] = [];
    for (;;) {
      const operator = this.comparison();
      if (operator === undefined) break;
      rest.push([operator, this.binary(0)]);
    }
    return rest.length === 0 ? first : { kind: "compare", first, rest };
  }

  private comparison(): string | undefined {
    const token = this.peek();
    if (token.kind === "operator" && COMPARISONS.has(token.value)) {
      this.at++;
      return token.value;
    }
    if (this.take("in")) return "in";
    if (this.take("is")) return this.take("not") ? "is not" : "is";
    if (!this.take("not")) return undefined;
    this.expect("in");
    return "not in";
  }

  private binary(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = operators.find((each) => this.take(each));
      if (operator === undefined) return left;
      left = { kind: "binary", operator, left, right: this.binary(level + 1) };
    }
  }

  private unary(): Expression {
    for (const operator of ["-", "+", "~"]) {
      if (this.take(operator))
        return { kind: "unary", operator, operand: this.nested(() => this.unary()) };
    }
    const left = this.primary();
    if (!this.take("**")) return left;
    return { kind: "binary", operator: "**", left, right: this.nested(() => this.unary()) };
  }

  private primary(): Expression {
    let result = this.atom();
    for (;;) {
      if (this.take(".")) result = { kind: "attribute", of: result, name: this.name() };
      else if (this.take("(")) result = this.call(result);
      else if (this.take("[")) {
        result = { kind: "subscript", of: result, index: this.index() };
        this.expect("]");
      } else return result;
    }
  }

  private call(callee: Expression): Expression {
    const args: Expression[] = [];
    const named: [string, Expression][] = [];
    while (!this.is(")")) {
      if (this.is("*") || this.is("**")) throw new BeyondSubset("'*' arguments are not supported");
      const next = this.tokens[this.at + 1];
      if (this.peek().kind === "name" && next?.kind === "operator" && next.value === "=") {
        const name = this.name();
        this.expect("=");
        named.push([name, this.expression()]);
      } else {
        const result = this.expression();
        const loops = this.loops();
        args.push(loops.length > 0 ? { kind: "each", result, loops } : result);
      }
      if (!this.take(",")) break;
    }
    this.expect(")");
    return { kind: "call", callee, args, named };
  }

  private index(): Expression {
    const bounds: (Expression | undefined)[] = [undefined];
    for (;;) {
      if (this.take(":")) bounds.push(undefined);
      else if (this.is("]") || bounds.at(-1) !== undefined) break;
      else bounds[bounds.length - 1] = this.expression();
    }
    const [start, stop, step] = bounds;
    if (bounds.length > 3) throw this.unexpected();
    if (bounds.length > 1) {
      return {
        kind: "slice",
        ...(start && { start }),
        ...(stop && { stop }),
        ...(step && { step }),
      };
    }
    if (start === undefined) throw this.unexpected();
    if (!this.take(",")) return start;
    return { kind: "tuple", items: [start, ...this.items("]")] };
  }

  private atom(): Expression {
    const token = this.peek();
    if (token.kind === "number") {
      this.at++;
      return { kind: "literal", value: token.value };
    }
    if (token.kind === "string") return { kind: "literal", value: this.strings() };
    if (token.kind === "name") {
      const literal = LITERALS.get(token.value);
      if (literal === undefined) return { kind: "name", name: this.name() };
      this.at++;
      return { kind: "literal", value: literal };
    }
    if (this.take("(")) return this.parenthesis();
    if (this.take("[")) {
      const items = this.items("]");
      this.expect("]");
      return display("list", items);
    }
    if (this.take("{")) return this.braces();
    throw this.unexpected();
  }

  /** Strings side by side are one. */
  private strings(): string {
    let text = "";
    for (;;) {
      const token = this.peek();
      if (token.kind !== "string") return text;
      text += token.value;
      this.at++;
    }
  }

  private parenthesis(): Expression {
    const start = this.at;
    const items = this.items(")");
    const trailingComma = this.tokens[this.at - 1]?.value === "," && this.at > start;
    this.expect(")");
    const [only] = items;
    return items.length === 1 && !trailingComma ? only! : { kind: "tuple", items };
  }

  private braces(): Expression {
    if (this.take("}")) return { kind: "dict", items: [] };
    const first = this.expression();
    if (!this.take(":")) {
      const items = this.take(",") ? [first, ...this.items("}")] : [first];
      this.expect("}");
      return { kind: "set", items };
    }
    const items: [Expression, Expression][] = [[first, this.expression()]];
    while (this.take(",") && !this.is("}")) {
      const key = this.expression();
      this.expect(":");
      items.push([key, this.expression()]);
    }
    this.expect("}");
    return { kind: "dict", items };
  }
}

/** A display contains items or a single comprehension. */
function display(kind: "list", items: Expression[]): Expression {
  const [only] = items;
  return items.length === 1 && only?.kind === "each"
    ? { ...only, bracketed: true }
    : { kind, items };
}

/**
 * The items of the list `[text]`: zc.buildout puts a condition between brackets
 * and takes the first item. Throws ConditionProblem.
 */
export function parseItems(text: string): Expression[] {
  return new Parser(text).whole();
}

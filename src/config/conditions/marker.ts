/** Environment markers of PEP 508: `python_version >= "3.8" and sys_platform == "linux"`. */

import { meets } from "../../pythonic/version.ts";
import type { PythonFacts } from "./facts.ts";
import { pythonVersion } from "./modules.ts";
import { ConditionProblem } from "./problem.ts";
import { unescaped } from "./tokens.ts";

type Operand = { variable: string } | { text: string };

export type Marker = { kind: "and" | "or"; left: Marker; right: Marker } | Comparison;

interface Comparison {
  kind: "compare";
  left: Operand;
  operator: string;
  right: Operand;
}

type Fact = (facts: PythonFacts, extra: string) => string;

const implementationVersion: Fact = (facts) => pythonVersion(facts);

const VARIABLES: Record<string, Fact> = {
  python_version: ({ versionInfo: [major, minor] }) => `${major}.${minor}`,
  python_full_version: (facts) => pythonVersion(facts),
  os_name: ({ osName }) => osName,
  sys_platform: ({ platform }) => platform,
  platform_release: ({ release }) => release,
  platform_system: ({ system }) => system,
  platform_version: ({ systemVersion }) => systemVersion,
  platform_machine: ({ machine }) => machine,
  platform_python_implementation: ({ implementation }) => implementation,
  implementation_name: ({ implementation }) => implementation.toLowerCase(),
  implementation_version: implementationVersion,
  extra: (_facts, extra) => extra,
};

/** Spellings of PEP 345. */
const OLD_NAMES: Record<string, string> = {
  "os.name": "os_name",
  "sys.platform": "sys_platform",
  "platform.version": "platform_version",
  "platform.machine": "platform_machine",
  "platform.python_implementation": "platform_python_implementation",
  python_implementation: "platform_python_implementation",
};

/** Variables that are compared as versions, if they are compared with one. */
const VERSIONS = new Set([
  "python_version",
  "python_full_version",
  "implementation_version",
  "platform_release",
]);

const TOKEN = /[ \t]*(?:(===|==|~=|!=|<=|>=|<|>)|([()])|('[^']*'|"[^"]*")|([A-Za-z_][\w.]*))/y;
const OPERATORS = new Set(["===", "==", "~=", "!=", "<=", ">=", "<", ">"]);

/** The tokens, or undefined if the text cannot be a marker. */
function tokens(text: string): string[] | undefined {
  const found: string[] = [];
  const end = text.replace(/[ \t]+$/, "").length;
  TOKEN.lastIndex = 0;
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    found.push(match[1] ?? match[2] ?? match[3] ?? match[4]!);
  }
  return found;
}

const MAX_DEPTH = 200;

class Reader {
  private readonly tokens: string[];
  private at = 0;
  private depth = 0;

  constructor(tokens: string[]) {
    this.tokens = tokens;
  }

  whole(): Marker | undefined {
    const marker = this.or();
    return this.at === this.tokens.length ? marker : undefined;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private or(): Marker | undefined {
    let left = this.and();
    while (left !== undefined && this.take("or")) left = combined("or", left, this.and());
    return left;
  }

  private and(): Marker | undefined {
    let left = this.atom();
    while (left !== undefined && this.take("and")) left = combined("and", left, this.atom());
    return left;
  }

  private atom(): Marker | undefined {
    if (this.take("(")) {
      if (++this.depth > MAX_DEPTH) throw new ConditionProblem("it is nested too deeply");
      const inner = this.or();
      this.depth--;
      return this.take(")") ? inner : undefined;
    }
    const left = this.operand();
    const operator = this.operator();
    const right = this.operand();
    if (left === undefined || operator === undefined || right === undefined) return undefined;
    return { kind: "compare", left, operator, right };
  }

  private operator(): string | undefined {
    if (this.take("in")) return "in";
    if (this.take("not")) return this.take("in") ? "not in" : undefined;
    const token = this.tokens[this.at];
    if (token === undefined || !OPERATORS.has(token)) return undefined;
    this.at++;
    return token;
  }

  private operand(): Operand | undefined {
    const token = this.tokens[this.at++];
    if (token === undefined) return undefined;
    if (/^['"]/.test(token)) {
      if (/[^\\](\\\\)*\\.$/.test(token)) throw new ConditionProblem("a string is not closed");
      return { text: unescaped(token.slice(1, -1)) };
    }
    const variable = Object.hasOwn(OLD_NAMES, token) ? OLD_NAMES[token]! : token;
    return Object.hasOwn(VARIABLES, variable) ? { variable } : undefined;
  }
}

function combined(kind: "and" | "or", left: Marker, right: Marker | undefined): Marker | undefined {
  return right && { kind, left, right };
}

/** Parses a marker; undefined if the text is not one. */
export function parseMarker(text: string): Marker | undefined {
  const found = tokens(text);
  return found && new Reader(found).whole();
}

function compared(left: string, operator: string, right: string, asVersions: boolean): boolean {
  if (operator === "in") return right.includes(left);
  if (operator === "not in") return !right.includes(left);
  const met = asVersions ? meets(left, operator + right) : undefined;
  if (met !== undefined) return met;
  switch (operator) {
    case "==":
    case "<=":
    case ">=":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
    case ">":
      return false;
    default:
      throw new ConditionProblem(`'${operator}' compares versions only`);
  }
}

/**
 * Whether the marker holds; `extra` is the value of the variable of this name.
 * Throws ConditionProblem.
 */
export function evaluateMarker(marker: Marker, facts: () => PythonFacts, extra = ""): boolean {
  if (marker.kind !== "compare") {
    // Evaluate both sides, as in packaging: errors on the right are reported even if the left decides.
    const left = evaluateMarker(marker.left, facts, extra);
    const right = evaluateMarker(marker.right, facts, extra);
    return marker.kind === "or" ? left || right : left && right;
  }
  const { left, operator, right } = marker;
  const value = (variable: string) => VARIABLES[variable]!(facts(), extra);
  if ("variable" in left) {
    // A second variable on the right counts as a string with its name.
    const text = "text" in right ? right.text : right.variable;
    return compared(value(left.variable), operator, text, VERSIONS.has(left.variable));
  }
  if ("variable" in right) {
    const text = value(right.variable);
    return compared(left.text, operator, text, VERSIONS.has(right.variable));
  }
  throw new ConditionProblem("a marker compares a variable such as python_version");
}

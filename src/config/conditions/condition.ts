/** Conditional sections, `[section : condition]`. */
import { BuildoutError, type Location } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { evaluate } from "./evaluate.ts";
import { parseItems } from "./expression.ts";
import type { Python } from "./facts.ts";
import { evaluateMarker, parseMarker } from "./marker.ts";
import type { Env } from "./modules.ts";
import { PREDEFINED_NAMES, predefined } from "./names.ts";
import { BeyondSubset, CertainProblem, ConditionProblem, UnknownName } from "./problem.ts";
import { isTrue, iterate } from "./values.ts";

export interface ConditionContext {
  python: Python;
  env: Env;
  /** The working directory. */
  directory: string;
}

/** The answer of our own evaluator: whether the first item of the list `[expression]` is true. */
function own(expression: string, { python, env, directory }: ConditionContext): boolean {
  const scope = predefined(() => python.facts(), env, directory);
  const items = parseItems(expression);
  const values = items.map((item) => evaluate(item, scope));
  const [item] = items;
  const results =
    item?.kind === "each" && item.bracketed === undefined ? iterate(values[0]!) : values;
  if (results.length === 0) throw new CertainProblem("it is empty");
  return isTrue(results[0]!);
}

/** The white space of a configuration is more than what Python knows between tokens. */
function checkTail(tail: string): void {
  const strange = /[^ \t\f]/.exec(tail)?.[0];
  if (strange === undefined) return;
  const name = strange.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  throw new CertainProblem(`the character U+${name} after its ']' is not allowed in Python`);
}

/** Our own answer, or else the interpreter's. */
function answer(expression: string, tail: string, context: ConditionContext): boolean {
  const marker = parseMarker(expression);
  if (marker !== undefined) return evaluateMarker(marker, () => context.python.facts());
  // Python reads the list to the end of the line.
  checkTail(tail);
  try {
    return own(expression, context);
  } catch (problem) {
    if (!(problem instanceof ConditionProblem) || problem instanceof CertainProblem) throw problem;
    let asked: boolean | undefined;
    try {
      asked = context.python.evaluate(expression);
    } catch (itsProblem) {
      // Our message is better, unless it only says that the expression is unsupported.
      throw problem instanceof BeyondSubset ? itsProblem : problem;
    }
    if (asked === undefined) throw problem;
    return asked;
  }
}

/**
 * Whether a condition holds: an environment marker if it is one, otherwise a Python expression. `tail` is
 * the white space after the header's `]`. Throws `invalid-condition` at `location`.
 */
export function evaluateCondition(
  expression: string,
  location: Location,
  context: ConditionContext,
  tail = "",
): boolean {
  try {
    return answer(expression, tail, context);
  } catch (problem) {
    // A very long chain of operators is a tree too deep for the call stack.
    const tooLong = problem instanceof RangeError;
    if (!tooLong && !(problem instanceof ConditionProblem)) throw problem;
    const hint =
      problem instanceof UnknownName ? didYouMean(problem.unknown, PREDEFINED_NAMES) : undefined;
    const reason = tooLong ? "it is too long" : (problem as Error).message;
    throw new BuildoutError(
      "invalid-condition",
      `The condition '${expression.trim().slice(0, 200)}' cannot be evaluated: ${reason}.`,
      { location, ...(hint && { hint }) },
    );
  }
}

/** The tag of the interpreter's binary interface, for `abi-tag-eggs`. Throws `no-python`. */
export function abiTag(python: Python): string {
  try {
    return python.facts().abiTag;
  } catch (problem) {
    if (!(problem instanceof ConditionProblem)) throw problem;
    throw new BuildoutError("no-python", `abi-tag-eggs cannot be used: ${problem.message}.`);
  }
}

/** Conditional sections, `[section : condition]`. */
import { BuildoutError, type Location } from "../../error/index.ts";
import { evaluate } from "./evaluate.ts";
import { parseItems } from "./expression.ts";
import type { Python } from "./facts.ts";
import { evaluateMarker, parseMarker } from "./marker.ts";
import type { Env } from "./modules.ts";
import { predefined } from "./names.ts";
import { BeyondSubset, ConditionProblem } from "./problem.ts";
import { isTrue } from "./values.ts";

export interface ConditionContext {
  python: Python;
  env: Env;
  /** The working directory. */
  directory: string;
}

function holds(expression: string, { python, env, directory }: ConditionContext): boolean {
  const facts = () => python.facts();
  const marker = parseMarker(expression);
  if (marker !== undefined) return evaluateMarker(marker, facts);
  const scope = predefined(facts, env, directory);
  const items = parseItems(expression);
  const [first] = items;
  if (first === undefined) throw new ConditionProblem("it is empty");
  if (first.kind !== "each") return isTrue(evaluate(first, scope));
  const found = evaluate(first, scope);
  const { items: results } = found as { items: Parameters<typeof isTrue>[0][] } & typeof found;
  if (results.length === 0) throw new ConditionProblem("it is empty");
  return isTrue(results[0]!);
}

/** Our own answer, or the interpreter's where the expression is beyond us. */
function answer(expression: string, context: ConditionContext): boolean {
  try {
    return holds(expression, context);
  } catch (problem) {
    if (!(problem instanceof BeyondSubset)) throw problem;
    const asked = context.python.evaluate(expression);
    if (asked === undefined) throw problem;
    return asked;
  }
}

/**
 * Whether a condition holds: an environment marker if it is one, otherwise a Python expression.
 * Throws `invalid-condition` at `location`.
 */
export function evaluateCondition(
  expression: string,
  location: Location,
  context: ConditionContext,
): boolean {
  try {
    return answer(expression, context);
  } catch (problem) {
    // An endless row of operators is a tree too deep for the call stack.
    const tooLong = problem instanceof RangeError;
    if (!tooLong && !(problem instanceof ConditionProblem)) throw problem;
    const reason = tooLong ? "it is too long" : problem.message;
    throw new BuildoutError(
      "invalid-condition",
      `The condition '${expression.trim().slice(0, 200)}' cannot be evaluated: ${reason}.`,
      { location },
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

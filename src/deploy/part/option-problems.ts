import { canonicalName, hostOptions, InvalidOption } from "./options.ts";

/** A value that a deployment would reject. */
export interface HostOptionProblem {
  /** As it is written. */
  option: string;
  /** `OPTION: what is wrong`. */
  message: string;
  hint: string | undefined;
}

/** Options that depend on each other: a problem with one may come from another. */
const TOGETHER = ["health-timeout", "health-passes", "health-interval"];

/**
 * All problems with the options of part `name` that would stop a deployment. Skips values with unresolved
 * references.
 */
export function hostOptionProblems(
  name: string,
  written: ReadonlyMap<string, string>,
  directory: string,
): HostOptionProblem[] {
  const left = new Map([...written].filter(([, value]) => !value.includes("${")));
  if (TOGETHER.some((option) => written.has(option) && !left.has(option))) {
    for (const option of TOGETHER) left.delete(option);
  }
  const problems: HostOptionProblem[] = [];
  for (;;) {
    const found = firstProblem(name, left, directory);
    if (found === undefined) return problems;
    const { option, problem, hint } = found;
    const related = TOGETHER.includes(option) ? TOGETHER : [];
    const all = [...left.keys()].filter((one) => [option, ...related].includes(canonicalName(one)));
    const own = all.find((one) => canonicalName(one) === option) ?? all[0];
    if (own === undefined) return problems;
    problems.push({ option: own, message: problem, hint });
    for (const one of all) left.delete(one);
  }
}

function firstProblem(
  name: string,
  options: ReadonlyMap<string, string>,
  directory: string,
): InvalidOption | undefined {
  try {
    hostOptions(name, options, directory);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidOption) return error;
    throw error;
  }
}

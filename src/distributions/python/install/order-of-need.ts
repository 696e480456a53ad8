/** The order in which zc.buildout processes distributions. */
import type { PythonFacts } from "../../../config/conditions/facts.ts";
import { applies, type Requirement, requirementText } from "../requirement.ts";

/** The requirements of a distribution with some of its extras. */
export type Needs = (extras: readonly string[]) => Requirement[];

export function needsOf(requires: readonly Requirement[], facts: () => PythonFacts): Needs {
  return (extras) => {
    const common = requires.filter((one) => applies(one, facts));
    const more = extras.flatMap((extra) => requires.filter((one) => applies(one, facts, [extra])));
    return [...new Set([...common, ...more])];
  };
}

/**
 * First the given requirements, in order; then, starting from the last, their dependencies, breadth first.
 * A distribution can occur several times. `needs` by normalized name.
 */
export function* inOrderOfNeed(
  roots: readonly Requirement[],
  needs: ReadonlyMap<string, Needs>,
): Generator<Requirement> {
  yield* roots;
  const queue = [...roots].reverse();
  const processed = new Set<string>();
  for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
    const text = requirementText(one);
    if (processed.has(text)) continue;
    processed.add(text);
    yield one;
    queue.push(...(needs.get(one.key)?.(one.extras) ?? []).reverse());
  }
}

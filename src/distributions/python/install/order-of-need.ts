/** The order in which zc.buildout comes to distributions. */
import type { PythonFacts } from "../../../config/conditions/facts.ts";
import { applies, type Requirement, requirementText } from "../requirement.ts";

/** What a distribution needs with some of its extras. */
export type Needs = (extras: readonly string[]) => Requirement[];

export function needsOf(requires: readonly Requirement[], facts: () => PythonFacts): Needs {
  return (extras) => {
    const common = requires.filter((one) => applies(one, facts));
    const more = extras.flatMap((extra) => requires.filter((one) => applies(one, facts, [extra])));
    return [...new Set([...common, ...more])];
  };
}

/**
 * First what is asked for, in order; then, from the last of it on, what that needs, breadth first.
 * The same distribution may come several times. `needs` by normalized name.
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

import type { OptionChange } from "../../events/engine.ts";
import type { ConfiguredPart } from "../lookup/part.ts";
import { asRemembered, type InstalledPart } from "../record/installed.ts";
import type { Secrets } from "../secrets/secrets.ts";

/** Why a part must be reinstalled. */
export interface Staleness {
  changes: OptionChange[];
  /** Whether the recipe itself, or a distribution that it runs with, is another. */
  recipeChanged: boolean;
  /** Missing paths of the part, as recorded. */
  missing: string[];
}

/** The values of these options as in `.installed.cfg`, without secrets. */
export function rememberedOptions(
  { part, recipe }: ConfiguredPart,
  names: Iterable<string>,
  secrets: Pick<Secrets, "remembered"> | undefined,
): Map<string, string> {
  const specs = new Map(Object.entries(recipe.definition.options ?? {}));
  const options = new Map<string, string>();
  for (const name of names) {
    const value = specs.get(name)?.secret ? undefined : part.options.get(name);
    if (value !== undefined) options.set(name, secrets?.remembered(value) ?? value);
  }
  return options;
}

/** Compares a part with its installed state; `exists` checks its paths. Undefined if it is current. */
export function staleness(
  configured: ConfiguredPart,
  before: InstalledPart,
  exists: (path: string) => boolean,
  secrets: Pick<Secrets, "remembered"> | undefined,
): Staleness | undefined {
  const options = rememberedOptions(configured, configured.part.options.keys(), secrets);
  const recipeChanged = configured.recipe.signature() !== before.signature;
  const isSame =
    !recipeChanged &&
    (sameOptions(options, before.options) || sameOptions(asRemembered(options), before.options));
  // Check the paths only if everything else is the same: a part may have thousands.
  const missing = isSame ? before.paths.filter((path) => !exists(path)) : [];
  if (isSame && missing.length === 0) return undefined;
  return { changes: isSame ? [] : changes(before.options, options), recipeChanged, missing };
}

function sameOptions(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  if (a.size !== b.size) return false;
  for (const [option, value] of a) if (b.get(option) !== value) return false;
  return true;
}

function changes(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): OptionChange[] {
  const changed = [...before].flatMap(([option, value]): OptionChange[] => {
    const current = now.get(option);
    if (current === undefined) return [{ option, before: value }];
    return current === value ? [] : [{ option, before: value, now: current }];
  });
  const added = [...now].filter(([option]) => !before.has(option));
  return [...changed, ...added.map(([option, value]) => ({ option, now: value }))];
}

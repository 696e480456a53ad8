/**
 * Merging a file again. zc.buildout reads and merges an extended file each time it is reached, and diamonds
 * reach some files thousands of times. After a first visit all sections of the file exist, so that every
 * further visit does the same: it sets some options again and changes others by `+=` and `-=`. That effect
 * is computed once and then applied.
 */
import { applyOperators, IMPLICIT, type Sections } from "./merge.ts";
import {
  type History,
  type HistoryItem,
  type Option,
  step,
  tooLong,
  visitAgain,
  withLines,
  withoutLines,
} from "./option.ts";

interface Change {
  adds: boolean;
  lines: string;
}

/** Changes to one option in one visit: each level of a diamond can double them. */
const MAX_CHANGES = 1_000_000;

/** The effect of a visit on one option. Sources in `steps` are relative to the visited file's directory. */
interface Effect {
  steps: History;
  /** The value afterwards; undefined if it depends on the previous value: see `changes`. */
  value: string | undefined;
  changes: Change[];
  /** Whether the visit discards the earlier history. */
  replaces: boolean;
}

/** section -> option -> effect */
export type Effects = Map<string, Map<string, Effect>>;

function changed(value: string, changes: readonly Change[]): string {
  let result = value;
  for (const { adds, lines } of changes) {
    result = adds ? withLines(result, lines) : withoutLines(result, lines);
  }
  return result;
}

function then(first: Effect | undefined, second: Effect, folder: string): Effect {
  const replaces = second.replaces || first?.replaces === true;
  const previous = second.replaces ? undefined : first?.steps;
  const steps: History = { folder, steps: second.steps, previous };
  if (second.value !== undefined || first === undefined) return { ...second, steps, replaces };
  if (first.value !== undefined) {
    return { steps, value: changed(first.value, second.changes), changes: [], replaces };
  }
  if (first.changes.length + second.changes.length > MAX_CHANGES) throw tooLong();
  return { steps, value: undefined, changes: [...first.changes, ...second.changes], replaces };
}

/** Adds to `effects` what the visit of an extended file in `folder` does. */
export function addEffects(effects: Effects, further: Effects, folder: string): void {
  for (const [name, options] of further) {
    let mine = effects.get(name);
    if (mine === undefined) {
      mine = new Map();
      effects.set(name, mine);
    }
    for (const [option, effect] of options) {
      mine.set(option, then(mine.get(option), effect, folder));
    }
  }
}

/** The effect of one option of a file; `start` stands for the unknown history before it. */
function effectOf(option: Option, start: History): Effect {
  const items: HistoryItem[] = [];
  let here: History | undefined = option.history;
  while (here !== undefined && here !== start && "operation" in here) {
    items.unshift(here);
    here = here.previous;
  }
  const relative = here === start;
  const sets = !relative && items.length === 1;
  let steps: History | undefined;
  for (const item of items) {
    steps = step(sets ? "OVERRIDE" : item.operation, item.value, item, steps);
  }
  return {
    steps: steps!,
    value: relative ? undefined : option.value,
    changes: relative
      ? items.map(({ operation, value }) => ({ adds: operation === "ADD", lines: value }))
      : [],
    replaces: !relative && !sets,
  };
}

/** Adds the effect of a file's own options, after everything it extends. */
export function addOwnEffects(effects: Effects, sections: Sections): void {
  const unknown: Option = { value: "", history: { ...IMPLICIT.history } };
  for (const [name, options] of sections) {
    const own = new Map<string, Effect>();
    for (const [key, option] of applyOperators({ get: () => unknown }, options)) {
      own.set(key, effectOf(option, unknown.history));
    }
    addEffects(effects, new Map([[name, own]]), "");
  }
}

/** Applies a further visit of a file in `folder` to the sections merged so far. */
export function applyEffects(sections: Sections, effects: Effects, folder: string): void {
  for (const [name, changes] of effects) {
    const section = sections.get(name)!;
    for (const [option, effect] of changes) {
      const before = section.get(option) ?? IMPLICIT;
      const value = effect.value ?? changed(before.value, effect.changes);
      const previous = effect.replaces ? undefined : before.history;
      section.set(option, visitAgain(value, effect.steps, folder, previous));
    }
  }
}

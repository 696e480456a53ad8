import { BuildoutError } from "../../errors/error.ts";
import { compareText, sorted } from "../../pythonic/text.ts";
import { isOperator } from "../syntax/parse.ts";
import { DeferredMap } from "./deferred-map.ts";
import {
  addLines,
  IMPLICIT_VALUE,
  latest,
  type Option,
  overrideOption,
  removeLines,
  setOption,
} from "./option.ts";
import { locatedAt } from "./place.ts";

export type Options = Map<string, Option>;
/** A section that is not computed yet has plain settings only. */
export type Sections = DeferredMap<Options>;
export const noSections = (): Sections => new DeferredMap();

/** The initial value for `+=` and `-=` if the option is not set anywhere. */
export const IMPLICIT = setOption("", { source: IMPLICIT_VALUE });

/** Called for an option whose name lost its last letter, with the name as written. */
export type OnCutName = (section: string, written: string, name: string, option: Option) => void;

/** The names that the operator `written` can come to concern: `x- +` with a cut is `x-`, which is one of `x`. */
export function targets(written: string): Set<string> {
  const names = new Set([written]);
  for (const name of names) {
    if (isOperator(name)) names.add(target(name)).add(name.slice(0, -2));
  }
  return names;
}

function target(name: string): string {
  return name.replace(name.endsWith("+") ? /[ +]+$/ : /[ -]+$/, "");
}

/** `+=` before `-=` for one option, whatever their order in the file. */
function inOrder(a: string, b: string): number {
  const byName = compareText(a.replace(/[ +]+$/, ""), b.replace(/[ +]+$/, ""));
  return byName || compareText(a.at(-1)!, b.at(-1)!);
}

function operatorsOf(options: Options): string[] {
  const found: string[] = [];
  for (const name of options.keys()) if (isOperator(name)) found.push(name);
  return found;
}

/** `next` with its operators applied to its own options or else to those of `base`. Throws `empty-option-name`. */
export function applyOperators(base: Pick<Options, "get">, next: Options): Options {
  const nameless = next.get("");
  if (nameless !== undefined) throw emptyName(nameless);
  const operators = operatorsOf(next);
  if (operators.length === 0) return next;
  const result = new Map(next);
  for (const name of operators.sort(inOrder)) {
    const option = next.get(name)!;
    const key = target(name);
    const start = result.get(key) ?? base.get(key) ?? IMPLICIT;
    const change = name.endsWith("+") ? addLines : removeLines;
    result.set(key, change(start, option.value, latest(option)));
    result.delete(name);
  }
  return result;
}

function emptyName(option: Option): BuildoutError {
  return new BuildoutError("empty-option-name", "An option's name is empty.", {
    ...locatedAt(latest(option)),
    hint: "Put a space between the name and '+=' or '-='.",
  });
}

/** Merges the options `next` of a later file into `base`. */
export function mergeSection(base: Options, next: Options): void {
  for (const [name, option] of applyOperators(base, next)) {
    const earlier = base.get(name);
    base.set(name, earlier === undefined ? option : overrideOption(earlier, option));
  }
}

/**
 * The options of a section that appears for the first time. Operators without an option in the file start
 * one: `+=` sets it, `-=` leaves it empty. zc.buildout cuts the operator off as the last two characters of
 * the name, which takes a letter where no space precedes it. A section with macros keeps its operators
 * until the macros are known.
 */
function firstAppearance(name: string, next: Options, onCutName: OnCutName | undefined): Options {
  // Shared by others, see `ownSections`.
  if (next.size === 0) return new Map();
  const operators = operatorsOf(next);
  if (next.has("<") || (operators.length === 0 && !next.has(""))) return next;
  const result: Options = new Map();
  const started = new Map(next);
  for (const written of sorted(operators)) {
    const option = next.get(written)!;
    const cut = written.slice(0, -2);
    if (started.has(cut)) continue;
    if (target(written) !== cut) onCutName?.(name, written, cut, option);
    started.delete(written);
    const removed = () => removeLines(option, option.value, { source: IMPLICIT_VALUE });
    started.set(cut, written.endsWith("+") ? option : removed());
  }
  mergeSection(result, started);
  return result;
}

/** Merges the sections `next` of a later file into `base`, to which they belong afterwards. */
export function mergeSections(base: Sections, next: Sections, onCutName?: OnCutName): void {
  for (const name of next.keys()) {
    const earlier = base.get(name);
    if (earlier !== undefined) mergeSection(earlier, next.get(name)!);
    // It has no operators.
    else if (next.isDeferred(name)) base.defer(name, () => next.get(name)!);
    else base.set(name, firstAppearance(name, next.get(name)!, onCutName));
  }
}

/** A copy whose sections can be merged into; the options themselves never change. */
export function copySections(sections: Sections): Sections {
  const copy = noSections();
  for (const [name, options] of sections) copy.set(name, new Map(options));
  return copy;
}

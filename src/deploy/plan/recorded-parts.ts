import { type InstalledPart, parseInstalled } from "../../buildout/record/installed.ts";
import type { Configuration } from "../../config/merge/configuration.ts";
import { splitReferences } from "../../config/resolve/reference.ts";
import { Sections } from "../../config/resolve/sections.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { OptionChange, PlannedPart } from "../../events/engine.ts";
import { words } from "../../pythonic/text.ts";

/** The data for a plan if the buildout on the host cannot make one. */
export interface RecordFacts {
  /** The content of `.installed.cfg`; undefined: nothing is installed. */
  record: string | undefined;
  /** The configuration of the release, as read on the host. */
  configuration: Configuration;
  /** Options of the configuration files on the host, by section, if known. */
  former: ReadonlyMap<string, ReadonlySet<string>>;
  /** Normalized names of packages whose versions change. */
  changed: ReadonlySet<string>;
  /** The recorded parts were built by another engine. */
  otherEngine: boolean;
}

/**
 * What a build would do with the parts, according to the record and the configuration. Recipes, which may
 * know more, are not asked.
 */
export function recordedParts(facts: RecordFacts): PlannedPart[] {
  const { configuration, otherEngine } = facts;
  const installed = parseInstalled(facts.record ?? "").parts;
  const wanted = partsOf(configuration);
  addRecorded(configuration, installed);
  const sections = new Sections(configuration);
  const gone = [...installed]
    .reverse()
    .flatMap(([part, { options }]): PlannedPart[] =>
      wanted.includes(part)
        ? []
        : [{ action: "uninstall", part, recipe: options.get("recipe") ?? "" }],
    );
  const others = wanted.map((part): PlannedPart => {
    const before = installed.get(part);
    const recipe = configuration.sections.get(part)?.get("recipe") ?? "";
    if (before === undefined) return { action: "install", part, recipe };
    const changes = changesOf(part, before, facts, sections);
    const recipeChanged =
      otherEngine || facts.changed.has(normalized(recipe.replace(/[:[].*$/, "")));
    if (changes.length === 0 && !recipeChanged) return { action: "update", part, recipe };
    return { action: "reinstall", part, recipe, changes, recipeChanged };
  });
  return [...gone, ...others];
}

export function normalized(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

/** The named parts, preceded by those they refer to. */
function partsOf({ sections }: Configuration): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string) => {
    const options = sections.get(name);
    if (seen.has(name) || options === undefined) return;
    seen.add(name);
    for (const text of options.values()) for (const other of referred(text)) visit(other);
    if (options.get("recipe")) found.push(name);
  };
  for (const name of words(sections.get("buildout")?.get("parts") ?? "")) visit(name);
  return found;
}

/** Sections that a string refers to. */
function referred(text: string): string[] {
  return text.split("$$").flatMap((piece) =>
    splitReferences(piece)
      .filter((_, at) => at % 2 === 1)
      .map((reference) => reference.slice(2, -1).split(":")[0] ?? ""),
  );
}

/** Options set by recipes are assumed to be unchanged. */
function addRecorded(
  { sections }: Configuration,
  installed: ReadonlyMap<string, InstalledPart>,
): void {
  for (const [part, { options }] of installed) {
    const section = sections.get(part);
    for (const [option, value] of section === undefined ? [] : options) {
      if (!section!.has(option)) section!.set(option, value.replaceAll("$", "$$$$"));
    }
  }
}

function changesOf(
  part: string,
  { options: before }: InstalledPart,
  { configuration, former }: RecordFacts,
  sections: Sections,
): OptionChange[] {
  const written = configuration.annotated.get(part);
  const raw = configuration.sections.get(part)!;
  const changes: OptionChange[] = [];
  for (const option of raw.keys()) {
    // The host's Python and computed options are unknown here.
    if (option === "<" || /:(?:executable|python)\}/.test(raw.get(option)!)) continue;
    const now = resolvedValue(sections, part, option);
    const then = before.get(option);
    if (now === undefined || isSame(now, then)) continue;
    changes.push({ option, ...(then !== undefined && { before: then }), now });
  }
  for (const option of former.get(part) ?? []) {
    if (written?.has(option) || !before.has(option)) continue;
    changes.push({ option, before: before.get(option)! });
  }
  return changes;
}

/** Undefined if it depends on an option set by a recipe. */
function resolvedValue(sections: Sections, part: string, option: string): string | undefined {
  try {
    return sections.resolve(part).get(option);
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
  }
  try {
    return sections.peek(part, option);
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    return undefined;
  }
}

/** The record has no trailing white space. */
function isSame(now: string, then: string | undefined): boolean {
  const lines = (text: string) => text.split("\n").map((line) => line.trim());
  return then !== undefined && lines(now).join("\n") === lines(then).join("\n");
}

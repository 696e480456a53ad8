/** What is worth showing of what pip prints when it fails. */
import { lastLines } from "../../../system/process.ts";
import { type Requirement, readRequirement } from "../requirement.ts";

/** pip's own lines on what it does, which say nothing of the failure. */
const NOISE =
  /^(Looking in (indexes|links)|Collecting |\s*Downloading |Processing |Requirement already|\s*Using cached|WARNING: (Location|Skipping|Retrying)|\[notice\]|\s*$)/;

/** Its last words, without those. */
export function outputOf(text: string): string {
  return lastLines(
    text
      .split("\n")
      .filter((line) => !NOISE.test(line))
      .join("\n"),
  );
}

/** What a build printed, where pip quotes it. */
function quotedOutput(text: string): string | undefined {
  const quoted = [
    ...text.matchAll(/╰─> \[\d+ lines? of output\]\n([\s\S]*?)\n\s*\[end of output\]/g),
  ].at(-1)?.[1];
  return quoted?.replace(/^ {6}/gm, "");
}

/** What failed: the output of a build where there was one. */
export function failureOutput(text: string): string {
  return lastLines(outputOf(quotedOutput(text) ?? text), 60);
}

/** One side of a conflict that pip reports. */
export interface ConflictSide {
  requirement: Requirement;
  /** Who requires it: `name version`, or the asker; undefined for a pin. */
  by: string | undefined;
}

/** `X 1.0 depends on Y>=2` against `The user requested (constraint) y==1`. */
export function conflictSides(output: string, asker: string): ConflictSide[] {
  const cause = /The conflict is caused by:\n((?: {4}.*\n?)+)/.exec(output)?.[1] ?? "";
  return cause
    .split("\n")
    .map((line) => line.trim())
    .flatMap((line) => {
      const constraint = /^The user requested \(constraint\) (.+)$/.exec(line)?.[1];
      const asked = /^The user requested (.+)$/.exec(line)?.[1];
      const [, by, needed] = /^(.+) depends on (.+)$/.exec(line) ?? [];
      const requirement = readRequirement(constraint ?? asked ?? needed ?? "");
      return requirement ? [{ requirement, by: constraint ? undefined : (by ?? asker) }] : [];
    });
}

/** What `No matching distribution found` says: the requirement, and the versions there are. */
export function unmatched(
  output: string,
): { requirement: Requirement; line: string; published: string[] } | undefined {
  const [, none] = /No matching distribution found for (.+?)(?: \(from .*)?$/m.exec(output) ?? [];
  const requirement = none === undefined ? undefined : readRequirement(none);
  if (requirement === undefined) return undefined;
  const line =
    /Could not find a version that satisfies the requirement (.+)$/m.exec(output)?.[1] ?? "";
  return { requirement, line, published: publishedVersions(output) };
}

/** The versions of a project that pip lists, oldest first, when none of them will do. */
export function publishedVersions(output: string): string[] {
  const list = /\(from versions: ([^)]*)\)/.exec(output)?.[1] ?? "none";
  return list === "none" || list === "" ? [] : list.split(", ");
}

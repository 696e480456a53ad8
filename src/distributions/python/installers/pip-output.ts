/** Extracts the relevant part of pip's output on failure. */
import { lastLines } from "../../../system/process.ts";
import { type Requirement, readRequirement } from "../requirement.ts";

/** pip's progress lines, which do not explain the failure. */
const NOISE =
  /^(Looking in (indexes|links)|Collecting |\s*Downloading |Processing |Requirement already|\s*Using cached|WARNING: (Location|Skipping|Retrying)|\[notice\]|\s*$)/;

/** Its last lines, without those. */
export function outputOf(text: string): string {
  return lastLines(
    text
      .split("\n")
      .filter((line) => !NOISE.test(line))
      .join("\n"),
  );
}

/** The output of a build, if pip quotes it. */
function quotedOutput(text: string): string | undefined {
  const quoted = [
    ...text.matchAll(/╰─> \[\d+ lines? of output\]\n([\s\S]*?)\n\s*\[end of output\]/g),
  ].at(-1)?.[1];
  return quoted?.replace(/^ {6}/gm, "");
}

/** The failure: the output of a build, if any. */
export function failureOutput(text: string): string {
  return lastLines(outputOf(quotedOutput(text) ?? text), 60);
}

/** One side of a conflict that pip reports. */
export interface ConflictSide {
  requirement: Requirement;
  /** Who requires it: `name version`, or the requester; undefined for a pin. */
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

/** Parses `No matching distribution found`: the requirement and the available versions. */
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

/** The versions listed by pip if none matches, oldest first. */
export function publishedVersions(output: string): string[] {
  const list = /\(from versions: ([^)]*)\)/.exec(output)?.[1] ?? "none";
  return list === "none" || list === "" ? [] : list.split(", ");
}

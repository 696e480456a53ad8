/** What is worth showing of what pip prints when it fails. */
import { lastLines } from "../../system/process.ts";

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

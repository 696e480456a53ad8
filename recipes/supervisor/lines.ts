import { readFileSync } from "node:fs";
import { BuildoutError, type Section } from "../../src/index.ts";

/** Line breaks of Python's `str.splitlines`. */
const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/** The lines of an option that are not empty. */
export function linesOf(section: Section, option: string): string[] {
  return (section.get(option) ?? "").split(LINE_END).filter(Boolean);
}

/** Whether a line of a configuration file can become `line` by resolving references. */
function became(written: string, line: string): boolean {
  const literals = written.trim().split(/\$\{[^}]*\}/);
  const pattern = literals.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(".*");
  return new RegExp(`^${pattern}$`).test(line.trim());
}

/** The location of a line of an option, or of the option itself if unknown. */
function placeOf(section: Section, option: string, line: string) {
  const start = section.location(option);
  if (start?.line === undefined) return start;
  try {
    const written = readFileSync(start.file, "utf8")
      .split("\n")
      .slice(start.line - 1);
    const first = written[0]?.replace(/^.*?=/, "") ?? "";
    const index = [first, ...written.slice(1)].findIndex((text) => became(text, line));
    return index === -1 ? start : { ...start, line: start.line + index };
  } catch {
    return start; // Read from a URL, for instance.
  }
}

/** The syntax of one option's lines. */
export interface Grammar {
  option: string;
  pattern: RegExp;
  /** The original's message for an invalid line. */
  complaint: string;
  form: string;
}

/** The named groups of each line. Throws `invalid-line`, with the location of the line. */
export function parseLines(
  section: Section,
  { option, pattern, complaint, form }: Grammar,
): Record<string, string | undefined>[] {
  return linesOf(section, option).map((line) => {
    const groups = pattern.exec(line)?.groups;
    if (groups !== undefined) return groups;
    const location = placeOf(section, option, line);
    throw new BuildoutError("invalid-line", `${complaint}: ${line}`, {
      ...(location && { location }),
      hint: `It is written as: ${form}`,
    });
  });
}

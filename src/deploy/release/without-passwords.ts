import { readFileSync } from "node:fs";
import { hostSections } from "../../buildout/secrets/host-sections.ts";
import type { Configuration } from "../../config/merge/configuration.ts";
import type { Range } from "../../config/syntax/ranges.ts";

const PASSWORDS = new Set(["password", "buildout-password"]);

/** The configuration files that contain passwords of hosts, absolute -> their text without them. */
export function withoutPasswords(configuration: Configuration): Map<string, string> {
  const hosts = hostSections(configuration);
  const texts = new Map<string, string>();
  for (const file of hosts.size === 0 ? [] : configuration.files) {
    const passwords = (configuration.ranges(file) ?? [])
      .filter(({ name }) => hosts.has(name))
      .flatMap(({ options }) => options.filter(({ name }) => PASSWORDS.has(name)))
      .map(({ valueRange }) => valueRange);
    if (passwords.length > 0) texts.set(file, without(readFileSync(file, "utf8"), passwords));
  }
  return texts;
}

/** A text without the given ranges. */
function without(text: string, ranges: readonly Range[]): string {
  // Every other piece is a line break.
  const pieces = text.split(/(\r\n|\n|\r)/);
  const starts: number[] = [];
  let length = 0;
  pieces.forEach((piece, at) => {
    if (at % 2 === 0) starts.push(length);
    length += piece.length;
  });
  const offset = ({ line, column }: Range["start"]) => starts[line]! + column;
  return [...ranges]
    .sort((a, b) => offset(b.start) - offset(a.start))
    .reduce((rest, { start, end }) => rest.slice(0, offset(start)) + rest.slice(offset(end)), text);
}

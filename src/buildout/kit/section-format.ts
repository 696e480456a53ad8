// The notation of .installed.cfg: a subset of the configuration language that preserves every value
// exactly, as written and read by zc.buildout.

import { dedentBlock } from "../../config/syntax/block.ts";
import { isSpace, strip, stripEnd, stripFrom } from "../../pythonic/text.ts";

// zc.buildout protects blanks that its parser would strip with these marks.
const MARKS: readonly (readonly [mark: string, blank: string])[] = [
  ["%(__buildout_space__)s", " "],
  ["%(__buildout_space_n__)s", "\n"],
  ["%(__buildout_space_r__)s", "\r"],
  ["%(__buildout_space_f__)s", "\f"],
  ["%(__buildout_space_v__)s", "\v"],
];
const NEWLINE_MARK = "%(__buildout_space_n__)s";
const STRIPPED_BLANKS = /[ \t\r\f\v]*\n[ \t\r\f\v\n]*|^[ \t\r\f\v]+|[ \t\r\f\v]+$/g;

function mark(blanks: string): string {
  return MARKS.reduce((text, [name, blank]) => text.replaceAll(blank, name), blanks);
}

function unmark(value: string): string {
  if (!value.includes("%(")) return value;
  return MARKS.reduce((text, [name, blank]) => text.replaceAll(name, blank), value);
}

function formatOption(option: string, value: string): string {
  let text = value.replace(STRIPPED_BLANKS, (blanks) => {
    const newline = blanks.indexOf("\n");
    if (newline < 0) return mark(blanks);
    return `${mark(blanks.slice(0, newline))}\n\t${mark(blanks.slice(newline + 1))}`;
  });
  if (text.startsWith("\n\t")) text = NEWLINE_MARK + text.slice(2);
  if (text.endsWith("\n\t")) text = text.slice(0, -2) + NEWLINE_MARK;
  return `${option} = ${text}\n`;
}

/** One section in zc.buildout's notation: options sorted, blanks protected. */
export function formatSection(name: string, options: Iterable<[string, string]>): string {
  const sorted = [...options].sort(([a], [b]) => (a < b ? -1 : 1));
  return `[${name}]\n${sorted.map(([option, value]) => formatOption(option, value)).join("")}`;
}

/** Parses sections written by `formatSection`; the last of repeated options counts. */
export function parseSections(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let options: Map<string, string> | undefined;
  let option: string | undefined;
  let inBlock = false;
  for (const line of text.split(/\r?\n/)) {
    const first = line.charCodeAt(0);
    if (first === 0x23 /* # */ || first === 0x3b /* ; */) continue;
    if (line === "" || isSpace(first)) {
      const more = inBlock ? stripEnd(line) : strip(line);
      if (option === undefined || (more === "" && !inBlock)) continue;
      options?.set(option, `${options.get(option)}\n${more}`);
      continue;
    }
    const header = first === 0x5b /* [ */ ? /^\[(.*)\]$/.exec(stripEnd(line)) : null;
    const equals = line.indexOf("=");
    option = undefined;
    if (header !== null) {
      const name = strip(header[1]!);
      options = sections.get(name) ?? new Map();
      sections.set(name, options);
    } else if (equals > 0) {
      option = stripEnd(line.slice(0, equals));
      const value = stripFrom(line, equals + 1);
      inBlock = value === "";
      options?.set(option, value);
    }
  }
  for (const section of sections.values()) {
    for (const [name, value] of section) {
      const meant = unmark(dedentBlock(value));
      if (meant !== value) section.set(name, meant);
    }
  }
  return sections;
}

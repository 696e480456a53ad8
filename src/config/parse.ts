import { BuildoutError } from "../error/index.ts";
import { dedentBlock } from "./block.ts";
import { isSpace, quoted, SPACE, strip, stripEnd } from "./python-text.ts";

/** One option as a file says it; lines count from 1. */
export interface ParsedOption {
  value: string;
  line: number;
}

/** An option that one file sets twice in a section: the first one is lost. */
export interface Duplicate {
  section: string;
  option: string;
  line: number;
  firstLine: number;
}

type Options = Map<string, ParsedOption>;

export interface ParsedFile {
  sections: Map<string, Options>;
  /** Where each section has its first header. */
  headers: Map<string, number>;
  duplicates: Duplicate[];
}

/** Whether the condition of `[section : expression]` is true. */
export type Condition = (expression: string, line: number) => boolean;

export const PART_DEPENDENCIES = "<part-dependencies>";

const HEADER = new RegExp(
  `^\\[[${SPACE}]*([^${SPACE}#[\\]{}:]+)[${SPACE}]*(?::([^#;]*))?\\][${SPACE}]*(?:[#;].*)?$`,
  "s",
);
const FORBIDDEN_IN_NAMES = new RegExp(`[${SPACE}{}[\\]:]`);

interface Line {
  name: string;
  value: string;
}

function isName(text: string): boolean {
  return text !== "" && !FORBIDDEN_IN_NAMES.test(text);
}

/** `name = value`, `name += value`, `name -= value`; the name keeps its operator (`name +`). */
function optionLine(line: string): Line | undefined {
  if (line.startsWith("=>")) return { name: PART_DEPENDENCIES, value: strip(line.slice(2)) };
  const equals = line.indexOf("=");
  if (equals < 0) return undefined;
  const left = line.slice(0, equals);
  const value = () => strip(line.slice(equals + 1));
  if (/[-+]$/.test(left) && isName(stripEnd(left.slice(0, -1)))) {
    return { name: left, value: value() };
  }
  const name = stripEnd(left);
  return isName(name) ? { name, value: value() } : undefined;
}

/** Takes an option line into its section; an option that was there before keeps its old line. */
function assign(section: Options, { name, value }: Line, line: number): ParsedOption {
  const earlier = section.get(name);
  if (!/[-+]$/.test(name)) {
    // A plain value drops the changes before it, provided they were written with one space.
    section.delete(`${name} +`);
    section.delete(`${name} -`);
  } else if (earlier !== undefined) {
    // Changes of the same spelling add up.
    earlier.value = stripEnd(earlier.value);
    if (value !== "") earlier.value += `\n${value}`;
    return earlier;
  }
  if (earlier !== undefined) {
    earlier.value = value;
    return earlier;
  }
  const option = { value, line };
  section.set(name, option);
  return option;
}

function noHeader(name: string, file: string, line: number, text: string): BuildoutError {
  return new BuildoutError(
    "missing-section-header",
    `File contains no section headers.\nfile: ${name}, line: ${line}\n${quoted(text)}`,
    { location: { file, line }, hint: "An option belongs below a [section] line." },
  );
}

function badLines(
  name: string,
  file: string,
  lines: { line: number; text: string }[],
): BuildoutError {
  const listed = lines.map(
    ({ line, text }) => `\n\t[line ${String(line).padStart(2)}]: ${quoted(text)}`,
  );
  return new BuildoutError(
    "parse-error",
    `File contains parsing errors: ${name}${listed.join("")}`,
    {
      location: { file, line: lines[0]!.line },
      hint: "A line is '[section]', 'option = value', a comment (# or ; in the first column), or an indented continuation.",
    },
  );
}

/**
 * Reads one configuration text. `name` stands for it in messages, `file` in their
 * location; `holds` decides conditional sections. Throws `missing-section-header`, `parse-error` (all bad
 * lines in one error) and what `holds` throws.
 */
export function parse(
  text: string,
  name: string,
  holds: Condition,
  file: string = name,
): ParsedFile {
  const sections: ParsedFile["sections"] = new Map();
  const headers: ParsedFile["headers"] = new Map();
  const duplicates: Duplicate[] = [];
  const bad: { line: number; text: string }[] = [];

  let sectionName = "";
  let section: Options | undefined;
  let active = true;
  let option: ParsedOption | undefined;
  let inBlock = false;

  const lines = (text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text).split("\n");
  const last = lines.length - 1;
  for (let index = 0; index <= last; index++) {
    const content = lines[index]!;
    if (index === last && content === "") break;
    const first = content.charCodeAt(0);
    if (first === 0x23 /* # */ || first === 0x3b /* ; */) continue;

    // An empty line is white space too: its line end.
    const continues = content === "" || isSpace(first);
    if (continues && section !== undefined && option !== undefined) {
      if (!active) continue;
      if (inBlock) option.value += `\n${stripEnd(content)}`;
      else {
        const rest = strip(content);
        if (rest !== "") option.value += `\n${rest}`;
      }
      continue;
    }

    const line = index + 1;
    const written = () => (index === last ? content : `${content}\n`);
    const header = first === 0x5b /* [ */ ? HEADER.exec(content) : null;
    if (header !== null) {
      active = header[2] === undefined || header[2] === "" || holds(header[2], line);
      // What follows a false header still belongs, for the parser, to the section before it.
      if (!active) continue;
      sectionName = header[1]!;
      section = sections.get(sectionName);
      if (section === undefined) {
        section = new Map();
        sections.set(sectionName, section);
        headers.set(sectionName, line);
      }
      option = undefined;
    } else if (section === undefined) {
      if (strip(content) !== "") throw noHeader(name, file, line, written());
    } else {
      const found = optionLine(content);
      if (found !== undefined) {
        if (!active) continue;
        option = assign(section, found, line);
        if (option.line !== line) {
          const { name } = found;
          duplicates.push({ section: sectionName, option: name, line, firstLine: option.line });
          option.line = line;
        }
        inBlock = found.value === "";
      } else if (strip(content) !== "") {
        bad.push({ line, text: written() });
      }
    }
  }
  if (bad.length > 0) throw badLines(name, file, bad);
  for (const options of sections.values()) {
    for (const each of options.values()) each.value = dedentBlock(each.value);
  }
  return { sections, headers, duplicates };
}

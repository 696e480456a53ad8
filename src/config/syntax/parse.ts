import { BuildoutError } from "../../errors/error.ts";
import { isSpace, repr, SPACE, strip, stripEnd, stripFrom } from "../../pythonic/text.ts";
import { dedentBlock } from "./block.ts";

/** One option in a file; lines count from 1. */
interface ParsedOption {
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

export type ParsedSection = Map<string, ParsedOption>;

export interface ParsedFile {
  sections: Map<string, ParsedSection>;
  /** Where each section has its first header. */
  headers: Map<string, number>;
  duplicates: Duplicate[];
  /** Whether no option has an operator and no section a macro (`<`). */
  isPlain: boolean;
}

/** Whether the condition of `[section : expression]` is true; `tail` is what follows its `]`. */
export type Condition = (expression: string, line: number, tail: string) => boolean;

export const PART_DEPENDENCIES = "<part-dependencies>";

export const HEADER = new RegExp(
  `^\\[[${SPACE}]*([^${SPACE}#[\\]:;{}]+)[${SPACE}]*(?::([^#;]*))?\\]([${SPACE}]*)(?:[#;].*)?$`,
  "s",
);
const BYTE_ORDER_MARK = "\ufeff";
const BLANKS = `(?:(?!\\n)[${SPACE}])*`;
const PLUS = 0x2b;
const MINUS = 0x2d;
const FORBIDDEN_IN_NAMES = new RegExp(`[${SPACE}{}[\\]:]`);

/** A whole `name = value` line without an operator, if the next line is not a continuation. Most lines are. */
const PLAIN_LINE = new RegExp(
  `(?![#;])([^${SPACE}{}[\\]:=]*[^${SPACE}{}[\\]:=+-])` +
    `${BLANKS}=${BLANKS}([^${SPACE}](?:[^\\n]*[^${SPACE}])?)${BLANKS}\\n(?![${SPACE}])`,
  "y",
);

interface Line {
  name: string;
  value: string;
}

function isName(text: string): boolean {
  return text !== "" && !FORBIDDEN_IN_NAMES.test(text);
}

/** Whether the name ends in `+` or `-`: a change of an option, not an assignment. */
export function isOperator(name: string): boolean {
  const last = name.charCodeAt(name.length - 1);
  return last === PLUS || last === MINUS;
}

/** `name = value`, `name += value`, `name -= value`; the name keeps its operator (`name +`). */
export function optionLine(line: string): Line | undefined {
  if (line.startsWith("=>")) return { name: PART_DEPENDENCIES, value: stripFrom(line, 2) };
  const equals = line.indexOf("=");
  if (equals < 0) return undefined;
  let name = line.slice(0, equals);
  if (!isOperator(name) || !isName(stripEnd(name.slice(0, -1)))) {
    name = stripEnd(name);
    if (!isName(name)) return undefined;
  }
  return { name, value: stripFrom(line, equals + 1) };
}

function noHeader(name: string, file: string, line: number, text: string): BuildoutError {
  return new BuildoutError(
    "missing-section-header",
    `File contains no section headers.\nfile: ${name}, line: ${line}\n${repr(text)}`,
    {
      location: { file, line },
      hint: text.startsWith(BYTE_ORDER_MARK)
        ? "The file begins with a byte order mark (U+FEFF): save it as UTF-8 without one."
        : "An option belongs below a [section] line.",
    },
  );
}

function badLines(
  name: string,
  file: string,
  lines: { line: number; text: string }[],
): BuildoutError {
  const listed = lines.map(
    ({ line, text }) => `\n\t[line ${String(line).padStart(2)}]: ${repr(text)}`,
  );
  return new BuildoutError(
    "parse-error",
    `File contains parsing errors: ${name}${listed.join("")}`,
    {
      location: { file, line: lines[0]!.line },
      hint: "A line must be '[section]', 'option = value', a comment (# or ; in the first column), or an indented continuation.",
    },
  );
}

/** Reads line by line; `name` identifies the text in messages, `file` in locations. */
class Parser implements ParsedFile {
  readonly sections: ParsedFile["sections"] = new Map();
  readonly headers: ParsedFile["headers"] = new Map();
  readonly duplicates: Duplicate[] = [];
  /** Options that began below their name. */
  readonly blocks = new Set<ParsedOption>();
  readonly bad: { line: number; text: string }[] = [];
  private readonly name: string;
  private readonly file: string;
  private readonly holds: Condition;
  private sectionName = "";
  private section: ParsedSection | undefined;
  /** False below a header whose condition is false. */
  private active = true;
  private option: ParsedOption | undefined;
  private inBlock = false;
  private hasOperators = false;
  private hasMacros = false;

  constructor(name: string, file: string, holds: Condition) {
    this.name = name;
    this.file = file;
    this.holds = holds;
  }

  get isPlain(): boolean {
    return !this.hasOperators && !this.hasMacros;
  }

  readAll(text: string): void {
    let at = 0;
    for (let line = 1; at < text.length; line++) {
      PLAIN_LINE.lastIndex = at;
      const plain = this.section !== undefined && this.active ? PLAIN_LINE.exec(text) : null;
      if (plain !== null) {
        this.assign(this.section!, plain[1]!, plain[2]!, line);
        at = PLAIN_LINE.lastIndex;
        continue;
      }
      const end = text.indexOf("\n", at);
      const hasEnd = end >= 0;
      this.read(text.slice(at, hasEnd ? end : undefined), line, hasEnd ? "\n" : "");
      at = hasEnd ? end + 1 : text.length;
    }
  }

  /** `ending`: the line break, for messages. */
  read(content: string, line: number, ending: string): void {
    const first = content.charCodeAt(0);
    if (first === 0x23 /* # */ || first === 0x3b /* ; */) return;
    // An empty line is white space, too: its line break.
    const indented = content === "" || isSpace(first);
    if (indented && this.section !== undefined && this.option !== undefined) {
      if (this.active) this.continue(this.option, content);
      return;
    }
    const header = first === 0x5b /* [ */ ? HEADER.exec(content) : null;
    if (header !== null) {
      this.header(header, line);
    } else if (!indented || strip(content) !== "") {
      if (this.section === undefined) {
        throw noHeader(this.name, this.file, line, content + ending);
      }
      const found = optionLine(content);
      if (found === undefined) this.bad.push({ line, text: content + ending });
      else if (this.active) this.assign(this.section, found.name, found.value, line);
    }
  }

  private continue(option: ParsedOption, content: string): void {
    if (this.inBlock) {
      option.value += `\n${stripEnd(content)}`;
      return;
    }
    const rest = strip(content);
    if (rest !== "") option.value += `\n${rest}`;
  }

  private header([, name = "", condition = "", tail = ""]: RegExpExecArray, line: number): void {
    this.active = condition === "" || this.holds(condition, line, tail);
    // For the parser, lines after a false header still belong to the previous section.
    if (!this.active) return;
    this.sectionName = name;
    this.section = this.sections.get(name);
    if (this.section === undefined) {
      this.section = new Map();
      this.sections.set(name, this.section);
      this.headers.set(name, line);
    }
    this.option = undefined;
  }

  private assign(section: ParsedSection, name: string, value: string, line: number): void {
    this.inBlock = value === "";
    const isChange = isOperator(name);
    this.hasOperators ||= isChange;
    this.hasMacros ||= name === "<";
    const earlier = section.get(name);
    if (earlier === undefined) {
      this.option = { value, line };
      section.set(name, this.option);
    } else if (isChange) {
      // Changes of the same spelling add up.
      earlier.value = stripEnd(earlier.value);
      if (value !== "") earlier.value += `\n${value}`;
      this.option = earlier;
    } else {
      const { line: firstLine } = earlier;
      this.duplicates.push({ section: this.sectionName, option: name, line, firstLine });
      earlier.value = value;
      earlier.line = line;
      this.option = earlier;
    }
    if (this.inBlock) this.blocks.add(this.option);
    // A plain value drops the changes before it, provided they were written with one space.
    if (!this.hasOperators) return;
    section.delete(`${name} +`);
    section.delete(`${name} -`);
  }
}

/**
 * Reads one configuration text. `name` identifies it in messages, `file` in locations; `holds` evaluates
 * conditional sections. Throws `missing-section-header`, `parse-error` (all bad lines in one error, passed
 * to `onError` if given) and the errors of `holds`.
 */
export function parse(
  text: string,
  name: string,
  holds: Condition,
  file: string = name,
  onError?: (error: BuildoutError) => void,
): ParsedFile {
  const parser = new Parser(name, file, holds);
  parser.readAll(text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text);
  if (parser.bad.length > 0) {
    const error = badLines(name, file, parser.bad);
    if (onError === undefined) throw error;
    onError(error);
  }
  for (const option of parser.blocks) option.value = dedentBlock(option.value);
  const { sections, headers, duplicates, isPlain } = parser;
  return { sections, headers, duplicates, isPlain };
}

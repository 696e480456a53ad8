/**
 * The positions of sections, options and references in a file, for editors. Unsaved text is often invalid,
 * so unreadable lines are skipped. Not used in normal runs.
 *
 * Lines and columns count from 0. Columns are UTF-16 units, as in the Language Server Protocol: a tab is
 * one, a character beyond the basic plane two. A range ends before its `end`. LF, CR LF and CR end a line
 * and belong to none. A byte order mark does not count.
 */
import { isSpace, strip, stripEnd } from "../../pythonic/text.ts";
import { HEADER, isOperator, optionLine, PART_DEPENDENCIES } from "./parse.ts";

interface Position {
  line: number;
  column: number;
}

export interface Range {
  file: string;
  start: Position;
  end: Position;
}

/** `${section:option}`, or a section that `<=` or `=>` names (`option` is undefined then). */
interface ReferenceRange {
  /** As written: empty in `${:option}`, which means the section it is in. */
  section: string;
  option: string | undefined;
  /** From the `$` to the `}`. */
  range: Range;
  sectionRange: Range;
  optionRange: Range | undefined;
}

/** One line that sets or changes an option, with its continuation lines. */
interface OptionRange {
  /** Without its operator. `<` are macros, `<part-dependencies>` is what `=>` sets. */
  name: string;
  operator: "=" | "+=" | "-=";
  /** From the name to the end of the value. */
  range: Range;
  nameRange: Range;
  /** Empty for an empty value, after the `=`. */
  valueRange: Range;
  references: ReferenceRange[];
}

/** A header and what follows it; a file can have several for one section. */
export interface SectionRange {
  name: string;
  /** From the `[` to the end of the last option. */
  range: Range;
  /** From the `[` to the `]`. */
  headerRange: Range;
  nameRange: Range;
  /** The expression of `[name: expression]`; the section is listed whether it holds or not. */
  conditionRange: Range | undefined;
  options: OptionRange[];
}

const HEADER_PLACES = new RegExp(HEADER.source, "ds");
const REFERENCE = /\$\{([^:}]*)(?::([^}]*))?\}/dg;
const WORD = /\S+/dg;

/** A piece of a value on one line. */
interface Piece {
  line: number;
  column: number;
  text: string;
}

/** The value as joined by the parser, with a mapping from its offsets to the file. */
class Value {
  readonly pieces: Piece[] = [];

  get text(): string {
    return this.pieces.map(({ text }) => text).join("\n");
  }

  position(offset: number): Position {
    let rest = offset;
    for (const { line, column, text } of this.pieces) {
      if (rest <= text.length) return { line, column: column + rest };
      rest -= text.length + 1;
    }
    return this.end();
  }

  start(): Position {
    const { line, column } = this.pieces.find(({ text }) => text !== "") ?? this.pieces[0]!;
    return { line, column };
  }

  end(): Position {
    const last = [...this.pieces].reverse().find(({ text }) => text !== "") ?? this.pieces[0]!;
    return { line: last.line, column: last.column + last.text.length };
  }
}

/** The trimmed text and its start. */
function trimmed(content: string, from: number, line: number): Piece {
  let start = from;
  while (start < content.length && isSpace(content.charCodeAt(start))) start++;
  const text = stripEnd(content.slice(start));
  return { line, column: text === "" ? from : start, text };
}

class Scanner {
  readonly sections: SectionRange[] = [];
  private readonly file: string;
  private section: SectionRange | undefined;
  private option: { found: OptionRange; value: Value } | undefined;
  private lineText = "";

  constructor(file: string) {
    this.file = file;
  }

  read(content: string, line: number): void {
    const first = content.charAt(0);
    if (first === "#" || first === ";") return;
    const indented = content === "" || isSpace(content.charCodeAt(0));
    if (indented && this.option !== undefined) {
      this.option.value.pieces.push(trimmed(content, 0, line));
      return;
    }
    const header = first === "[" ? HEADER_PLACES.exec(content) : null;
    if (header !== null) this.header(header, line);
    else if (this.section !== undefined) this.assign(this.section, content, line);
  }

  private header({ indices, 1: name = "" }: RegExpExecArray, line: number): void {
    this.finish();
    const [, nameAt, conditionAt] = indices!;
    const closing = (conditionAt ?? nameAt)![1];
    const at = ([start, end]: [number, number]) => this.onLine(line, start, end);
    // Between a name or expression and the bracket that ends it there is only white space.
    const headerRange = at([0, this.lineText.indexOf("]", closing) + 1]);
    this.section = {
      name,
      range: headerRange,
      headerRange,
      nameRange: at(nameAt!),
      conditionRange: conditionAt === undefined ? undefined : at(conditionAt),
      options: [],
    };
    this.sections.push(this.section);
  }

  scan(text: string): void {
    const content = text.startsWith("\ufeff") ? text.slice(1) : text;
    for (const [number, line] of content.split(/\r\n?|\n/).entries()) {
      this.lineText = line;
      this.read(line, number);
    }
    this.finish();
  }

  private assign(section: SectionRange, content: string, line: number): void {
    const found = optionLine(content);
    if (found === undefined) return;
    this.finish();
    const isArrow = found.name === PART_DEPENDENCIES && content.startsWith("=>");
    const changes = !isArrow && isOperator(found.name);
    const name = changes ? stripEnd(found.name.slice(0, -1)) : found.name;
    const value = new Value();
    value.pieces.push(trimmed(content, isArrow ? 2 : content.indexOf("=") + 1, line));
    const nameRange = this.onLine(line, 0, isArrow ? 2 : name.length);
    const option: OptionRange = {
      name,
      operator: changes ? `${found.name.at(-1) as "+" | "-"}=` : "=",
      range: nameRange,
      nameRange,
      valueRange: nameRange,
      references: [],
    };
    section.options.push(option);
    this.option = { found: option, value };
  }

  /** The last option ends where its value does, and its section with it. */
  private finish(): void {
    const { option, section } = this;
    this.option = undefined;
    if (option === undefined || section === undefined) return;
    const { found, value } = option;
    const { file } = this;
    found.valueRange = { file, start: value.start(), end: value.end() };
    found.range = { file, start: found.nameRange.start, end: value.end() };
    found.references = [...this.references(found, value)];
    section.range = { file, start: section.headerRange.start, end: value.end() };
  }

  private *references({ name }: OptionRange, value: Value): Generator<ReferenceRange> {
    const { text } = value;
    const at = ([start, end]: [number, number]) => ({
      file: this.file,
      start: value.position(start),
      end: value.position(end),
    });
    if (name === "<" || name === PART_DEPENDENCIES) {
      // A macro is a line, a dependency is a word.
      const pattern = name === "<" ? /[^\n]+/dg : WORD;
      for (const { 0: section, indices } of text.matchAll(pattern)) {
        const range = at(indices![0]!);
        yield {
          section: strip(section),
          option: undefined,
          range,
          sectionRange: range,
          optionRange: undefined,
        };
      }
      return;
    }
    let before = 0;
    // As in substitution, `$$` ends an open reference.
    for (const piece of text.split("$$")) {
      const within = ([start, end]: [number, number]) => at([before + start, before + end]);
      for (const { 1: section = "", 2: option, indices } of piece.matchAll(REFERENCE)) {
        const [all, sectionAt, optionAt] = indices!;
        yield {
          section,
          option: option ?? "",
          range: within(all!),
          sectionRange: within(sectionAt!),
          optionRange: optionAt === undefined ? undefined : within(optionAt),
        };
      }
      before += piece.length + 2;
    }
  }

  private onLine(line: number, start: number, end: number): Range {
    const position = (column: number) => ({ line, column });
    return { file: this.file, start: position(start), end: position(end) };
  }
}

/** The sections of a configuration text, in order; `file` is what their ranges name. */
export function findRanges(text: string, file: string): SectionRange[] {
  const scanner = new Scanner(file);
  scanner.scan(text);
  return scanner.sections;
}

// Reads the document that this package grew out of: its files and its examples.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("../../../shared/seed/hostout-readme.txt", import.meta.url));

export const documentMissing = existsSync(FILE) ? undefined : `there is no ${FILE}`;
if (documentMissing !== undefined && process.env.CI) {
  throw new Error(`In CI nothing may be skipped: ${documentMissing}`);
}

/** An indented text after a paragraph that ends in `::`. */
interface Literal {
  line: number;
  /** The paragraph before it. */
  introduction: string;
  text: string;
}

/** A command line with its expected output. */
export interface Shown {
  kind: "command";
  line: number;
  command: string;
  expected: string;
}

/** A file that `>>> write(...)` makes. */
interface Written {
  kind: "file";
  line: number;
  name: string;
  text: string;
}

/** Any other Python statement after `>>>`. */
interface Statement {
  kind: "statement";
  line: number;
  text: string;
}

export type Example = Shown | Written | Statement;

export interface SeedDocument {
  literals: Literal[];
  /** Everything after `$>` and `>>>`, in order. */
  examples: Example[];
}

/** Line numbers count from 1. */
export function readDocument(): SeedDocument {
  return parseDocument(readFileSync(FILE, "utf8"));
}

function parseDocument(text: string): SeedDocument {
  const lines = text.split("\n");
  const literals = [...findLiterals(lines)];
  const examples = [...literals.flatMap(shellExamples), ...doctests(lines)];
  return { literals, examples: examples.sort((a, b) => a.line - b.line) };
}

const indentation = (line: string) => /^[ ]*/.exec(line)![0].length;
const isBlank = (line: string | undefined) => line === undefined || line.trim() === "";

function* findLiterals(lines: readonly string[]): Generator<Literal> {
  for (let at = 0; at < lines.length; at++) {
    if (!/^\S.*::\s*$/.test(lines[at]!)) continue;
    let first = at;
    while (!isBlank(lines[first - 1])) first--;
    const introduction = lines.slice(first, at + 1).join(" ");
    let start = at + 1;
    while (start < lines.length && isBlank(lines[start])) start++;
    let end = start;
    while (end < lines.length && (isBlank(lines[end]) || indentation(lines[end]!) > 0)) end++;
    const block = lines.slice(start, end);
    const margin = Math.min(...block.filter((line) => !isBlank(line)).map(indentation));
    const dedented = block.map((line) => line.slice(margin));
    yield { line: start + 1, introduction, text: `${dedented.join("\n").trimEnd()}\n` };
    at = end - 1;
  }
}

function shellExamples({ line, text }: Literal): Shown[] {
  const found: Shown[] = [];
  for (const [index, one] of text.split("\n").entries()) {
    const command = /^\$> (.*)$/.exec(one)?.[1];
    const last = found.at(-1);
    if (command !== undefined) {
      found.push({ kind: "command", line: line + index, command: command.trim(), expected: "" });
    } else if (last !== undefined) {
      last.expected += `${one}\n`;
    }
  }
  return found;
}

function* doctests(lines: readonly string[]): Generator<Example> {
  for (let at = 0; at < lines.length; at++) {
    if (!lines[at]!.startsWith(">>> ")) continue;
    const line = at + 1;
    let source = lines[at]!.slice(4);
    while (lines[at + 1]?.startsWith("...")) source += `\n${lines[++at]!.replace(/^\.\.\. ?/, "")}`;
    let expected = "";
    while (!isBlank(lines[at + 1]) && !lines[at + 1]!.startsWith(">>>")) {
      expected += `${lines[++at]}\n`;
    }
    yield example(line, source.trim(), expected);
  }
}

function example(line: number, source: string, expected: string): Example {
  const [, name, text] = /^write\('([^']+)',\s*"""(.*)"""\s*\)$/s.exec(source) ?? [];
  if (name !== undefined && text !== undefined) return { kind: "file", line, name, text };
  const [, command] = /^print system\('(.*)'\)$/s.exec(source) ?? [];
  if (command !== undefined) return { kind: "command", line, command, expected };
  return { kind: "statement", line, text: source };
}

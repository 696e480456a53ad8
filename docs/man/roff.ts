// Markdown as the input of man(1): https://man.openbsd.org/man.7 says what the macros mean. The libraries
// for this make tables that are wider than any terminal, and lose what stands in their cells.
import type { BlockContent, Heading, List, PhrasingContent, RootContent, Table } from "mdast";
import { toString as plainText } from "mdast-util-to-string";

/** A text without any font, for troff. */
function escaped(text: string): string {
  return text.replace(/\\/g, "\\e").replace(/[ \t]*\n[ \t]*/g, " ");
}

/** Code, in which no quote or dash may become another character. */
function code(text: string): string {
  const signs: Record<string, string> = {
    "\\": "\\e",
    "-": "\\-",
    "'": "\\(aq",
    "`": "\\(ga",
    "^": "\\(ha",
    "~": "\\(ti",
  };
  return text.replace(/[\\\-'`^~]/g, (sign) => signs[sign]!);
}

/** Code within a line, which is not hyphenated. */
const word = (text: string) => code(text).replace(/[^ \n]+/g, "\\%$&");

const bold = (text: string) => `\\fB${text}\\fR`;
const italic = (text: string) => `\\fI${text}\\fR`;

/** The argument of a macro. */
const quoted = (text: string) => `"${text.replaceAll('"', "\\(dq")}"`;

function phrase(node: PhrasingContent): string {
  switch (node.type) {
    case "text":
      return escaped(node.value);
    case "inlineCode":
      return bold(word(node.value));
    case "strong":
      return bold(node.children.map((child) => escaped(plainText(child))).join(""));
    case "emphasis":
      return italic(node.children.map((child) => escaped(plainText(child))).join(""));
    case "link": {
      const text = phrases(node.children);
      const isElsewhere = /^https?:/.test(node.url) && plainText(node) !== node.url;
      return isElsewhere ? `${text} (${code(node.url)})` : text;
    }
    case "break":
      return " ";
    default:
      throw new Error(`A man page cannot have a ${node.type}.`);
  }
}

const phrases = (nodes: readonly PhrasingContent[]) => nodes.map(phrase).join("");

const WIDTH = 78;

/** Text in lines of a moderate length, none of which is taken for a macro. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.trim().split(/ +/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.map(guarded);
}

const guarded = (line: string) => line.replace(/^(?=[.'])/, "\\&");

/** A paragraph with a term before it. */
export function tagged(term: string, text: string): string[] {
  return text === "" ? [".PP", guarded(term)] : [".TP", guarded(term), ...wrapped(text)];
}

export function verbatim(text: string): string[] {
  const lines = text.split("\n").map((line) => guarded(code(line)));
  return [".PP", ".RS 4", ".EX", ...lines, ".EE", ".RE"];
}

/** A usage: the program in bold, and the rest as the words of an option. */
export function synopsis(text: string): string {
  const [program = "", ...words] = text.split(" ");
  return `${bold(code(program))} ${usage(words.join(" "))}`;
}

/** A command line or usage: what is typed as it is in bold, what stands for something else in italics. */
export function usage(text: string): string {
  return text.replace(
    /(?<![\w-])(--?[a-zA-Z][\w-]*)|([A-Z][A-Z0-9-]+)|[\\\-'`^~]/g,
    (word, option, name) =>
      option !== undefined
        ? bold(code(option))
        : name !== undefined
          ? italic(code(name))
          : code(word),
  );
}

/** The text of a help: paragraphs, with words in backticks, and indented lines that stay as they are. */
export function helpText(text: string): string[] {
  return text
    .split(/\n\n+/)
    .flatMap((paragraph) =>
      paragraph.startsWith("  ")
        ? verbatim(paragraph.replace(/^ {2}/gm, ""))
        : [".PP", ...wrapped(shortCode(paragraph))],
    );
}

/** Words in backticks, and options. */
export function shortCode(text: string): string {
  const parts = text.replaceAll("\n", " ").split(/`([^`]+)`|(?<![\w-])(--?[a-z][\w-]*)/);
  return parts
    .map((part = "", at) => (at % 3 === 0 ? escaped(part) : part && bold(word(part))))
    .join("");
}

/** Rows with the first cell as a term; what other columns there are, with their headings. */
function table({ children: [head, ...rows] }: Table): string[] {
  const titles = head!.children.map((cell) => phrases(cell.children));
  return rows.flatMap(({ children: [first, ...cells] }) => {
    const texts = cells.map((cell, at) => {
      const text = phrases(cell.children);
      const title = titles[at + 1] ?? "";
      return cells.length === 1 || title === "" || text === "" ? text : `${title}: ${text}`;
    });
    return tagged(phrases(first!.children), texts.filter((text) => text !== "").join("; "));
  });
}

function list({ children, ordered, start }: List): string[] {
  return children.flatMap(({ children: blocks }, at) => {
    const mark = ordered ? `${(start ?? 1) + at}.` : "\\(bu";
    const [first, ...rest] = blocks as BlockContent[];
    const text = first?.type === "paragraph" ? wrapped(phrases(first.children)) : [];
    const others = first?.type === "paragraph" ? rest : blocks;
    const below = others.length > 0 ? [".RS 4", ...others.flatMap(block), ".RE"] : [];
    return [`.IP ${mark} 4`, ...text, ...below];
  });
}

function block(node: RootContent): string[] {
  switch (node.type) {
    case "paragraph":
      return [".PP", ...wrapped(phrases(node.children))];
    case "code":
      return verbatim(node.value);
    case "table":
      return table(node);
    case "list":
      return list(node);
    case "blockquote":
      return [".RS 4", ...node.children.flatMap(block), ".RE"];
    case "html":
      return [];
    default:
      throw new Error(`A man page cannot have a ${node.type}.`);
  }
}

export const section = (title: string) => `.SH ${quoted(title.toUpperCase())}`;
export const subsection = (title: string) => `.SS ${quoted(code(title))}`;

/** What is below an entry, such as an option, is indented. */
function entry(heading: Heading, [first, ...rest]: readonly RootContent[]): string[] {
  const text = first?.type === "paragraph" ? phrases(first.children) : "";
  const others = text === "" && first !== undefined ? [first, ...rest] : rest;
  const below = others.length > 0 ? [".RS", ...others.flatMap(block), ".RE"] : [];
  return [...tagged(phrases(heading.children), text), ...below];
}

/**
 * Blocks of Markdown. Headings of the level `top` are sections of the page, those below them
 * subsections, and those of the next level terms.
 */
export function blocks(nodes: readonly RootContent[], top: number): string[] {
  const lines: string[] = [];
  let at = 0;
  while (at < nodes.length) {
    const node = nodes[at]!;
    at += 1;
    if (node.type !== "heading") lines.push(...block(node));
    else if (node.depth <= top) lines.push(section(plainText(node)));
    else if (node.depth === top + 1) lines.push(subsection(plainText(node)));
    else {
      const next = nodes.findIndex((one, index) => index >= at && one.type === "heading");
      const end = next < 0 ? nodes.length : next;
      lines.push(...entry(node, nodes.slice(at, end)));
      at = end;
    }
  }
  return lines;
}

/** A page, from its first line on. */
export function page(
  name: string,
  volume: number,
  version: string,
  about: string,
  lines: readonly string[],
): string {
  const head = [
    '.\\" Generated by `npm run docs`: do not edit.',
    `.TH ${quoted(name.toUpperCase())} ${quoted(String(volume))} "" ${quoted(version)}`,
    section("Name"),
    `${name} \\- ${about}`,
  ];
  // A paragraph straight behind a heading is one without the macro.
  const body = lines.filter((line, at) => line !== ".PP" || !/^\.S[HS] /.test(lines[at - 1] ?? ""));
  return `${[...head, ...body].join("\n")}\n`;
}

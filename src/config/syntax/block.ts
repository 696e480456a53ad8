/**
 * Values that begin below their option's name:
 *
 *     option =
 *         first line
 *           indented
 *
 * They keep blank lines and lose the indentation that all lines share.
 */
import { isSpace, stripEnd } from "../../pythonic/text.ts";

// Not `^` with the m flag, since in JavaScript a line also starts after U+2028.
const INDENTATION = /\n([ \t]*)(?=[^ \t\n])/g;

/** The leading white space common to all non-blank lines (Python's `textwrap.dedent`). */
function commonIndentation(text: string): string {
  let common: string | undefined;
  for (const [, indentation = ""] of text.matchAll(INDENTATION)) {
    common ??= indentation;
    let same = 0;
    while (same < common.length && common[same] === indentation[same]) same++;
    common = common.slice(0, same);
    if (common === "") break;
  }
  return common ?? "";
}

/**
 * A value as collected, every line without its trailing white space, in its
 * final form. A value begun on the option's line is already final.
 */
export function dedentBlock(value: string): string {
  if (value === "" || !isSpace(value.charCodeAt(0))) return value;
  const text = stripEnd(value);
  return text.replaceAll(`\n${commonIndentation(text)}`, "\n").replace(/^\n+/, "");
}

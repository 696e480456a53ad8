import { BuildoutError } from "../../errors/error.ts";

const TOKEN =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

/** What may come next; `key?` and `value?` also allow the closing bracket. */
type Expected = "value" | "value?" | "key" | "key?" | "colon" | "end of item";

/** The position at which `text` stops being JSON (RFC 8259), which engines do not always report. */
function errorOffset(text: string): number {
  const open: string[] = [];
  let expected: Expected = "value";
  TOKEN.lastIndex = 0;
  for (;;) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    const here = start + (/^[ \t\r\n]*/.exec(text.slice(start))?.[0].length ?? 0);
    if (match === null) return here;
    const mark = match[1];
    if (mark === "{" || mark === "[") {
      if (expected !== "value" && expected !== "value?") return here;
      open.push(mark);
      expected = mark === "{" ? "key?" : "value?";
    } else if (mark === "}" || mark === "]") {
      const empty = mark === "}" ? "key?" : "value?";
      if (expected !== "end of item" && expected !== empty) return here;
      if (open.pop() !== (mark === "}" ? "{" : "[")) return here;
      expected = "end of item";
    } else if (mark === ",") {
      if (expected !== "end of item" || open.length === 0) return here;
      expected = open.at(-1) === "{" ? "key" : "value";
    } else if (mark === ":") {
      if (expected !== "colon") return here;
      expected = "value";
    } else if (expected === "key" || expected === "key?") {
      if (match[2] === undefined) return here;
      expected = "colon";
    } else {
      if (expected !== "value" && expected !== "value?") return here;
      expected = "end of item";
    }
  }
}

/** Parses the JSON text of `file`. Throws `invalid-json` with the line of the mistake. */
export function parseJson(text: string, file: string): unknown {
  const json = text.startsWith("\ufeff") ? text.slice(1) : text;
  try {
    return JSON.parse(json);
  } catch (cause) {
    const line = json.slice(0, errorOffset(json)).split("\n").length;
    throw new BuildoutError("invalid-json", `${file} is not valid JSON.`, {
      location: { file, line },
      hint: "Look for a missing or surplus comma, quote or bracket there.",
      cause,
    });
  }
}

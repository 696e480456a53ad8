import { createHash } from "node:crypto";
import { unifiedDiff } from "./unified-diff.ts";

/** Parts of option names that mark confidential values. */
const NAMES = "passw|passphrase|secret|token|api[-_]?key|credential";
const OPTION = new RegExp(
  `^([ \\t]*)([\\w.-]*(?:${NAMES})[\\w.-]*[ \\t]*[+-]?[=:][ \\t]*)(.*)$`,
  "i",
);
const NAME = new RegExp(NAMES, "i");
/** Name and password in a URL, after its scheme. */
const LOGIN = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]+@/gi;
/** Replaces a hidden value with its hash, so that a comparison still detects changes. */
const MARK = "\u{f0000}";
const MARKED = new RegExp(`${MARK}[0-9a-f]{16}`, "gu");

/** A text without passwords, as recognized by option names and in URLs. */
export function withoutSecrets(text: string): string {
  return marked(text).replace(MARKED, "");
}

/** The diff of two texts, without such passwords. */
export function diffWithoutSecrets(before: string, now: string): string {
  return unifiedDiff(marked(before), marked(now)).replace(MARKED, "");
}

export function isSecretName(option: string): boolean {
  return NAME.test(option);
}

/** The value of an option is the rest of its line and the more deeply indented lines below. */
function marked(text: string): string {
  let depth = Number.POSITIVE_INFINITY;
  const lines = text.split("\n").map((line) => {
    if (line.trim() === "") return line;
    const [indent = ""] = /^[ \t]*/.exec(line)!;
    if (indent.length > depth) return indent + hidden(line.slice(indent.length));
    const [, , head = "", value = ""] = OPTION.exec(line) ?? [];
    depth = head === "" ? Number.POSITIVE_INFINITY : indent.length;
    if (head !== "") return indent + head + (value === "" ? "" : hidden(value));
    return line.replace(LOGIN, (login, scheme) => `${scheme}${hidden(login)}@`);
  });
  return lines.join("\n");
}

function hidden(value: string): string {
  return `***${MARK}${createHash("sha256").update(value).digest("hex").slice(0, 16)}`;
}

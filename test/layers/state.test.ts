import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** State that modules keep between calls, and why no run can own it. */
const ALLOWED: Record<string, string> = {
  "src/system/lock.ts queues": "a lock is one of the whole process",
  "src/ssh/files/leftovers.ts running":
    "uploads of this process, which another connection must not remove",
  "src/ssh/host-key.ts turns": "a file of host keys is one of all connections",
  "src/config/conditions/marker.ts TOKEN": "a scanner's place, set before each text",
  "src/config/syntax/parse.ts PLAIN_LINE": "a scanner's place, set before each line",
  "src/distributions/node/json.ts TOKEN": "a scanner's place, set before each text",
  "src/system/ending.ts storage": "finds the signal of the asynchronous call; it keeps none",
  "src/system/timings.ts storage": "finds the timings of the asynchronous call; it keeps none",
  "src/deploy/fabfile/state.ts storage": "finds the state of the asynchronous call; it keeps none",
};

/** Names of mutable state: variables, and collections that code changes. */
function mutableNames(text: string): string[] {
  const names = [...text.matchAll(/^(?:export )?(?:let|var) (\w+)/gm)].map((m) => m[1]!);
  const empty =
    /^(?:export )?const (\w+)\b(?!: Readonly)[^=\n]*= new (?:Weak)?(?:Map|Set|AsyncLocalStorage)\b[^(\n]*\(\)/gm;
  names.push(...[...text.matchAll(empty)].map((m) => m[1]!));
  const held = /^\s+(?:private |public |protected )?static (?!readonly )(?:#?)(\w+)\b[^(\n]*=/gm;
  names.push(...[...text.matchAll(held)].map((m) => m[1]!));
  const collection =
    /^\s+(?:private )?static readonly #?(\w+)\b[^=\n]*= new (?:Weak)?(?:Map|Set)\b[^(\n]*\(\)/gm;
  names.push(...[...text.matchAll(collection)].map((m) => m[1]!));
  for (const [, name = ""] of text.matchAll(/^(?:export )?const (\w+)/gm)) {
    const change = String.raw`\.(?:set|add|delete|clear|push|pop|shift|unshift|splice)\(`;
    const assignment = String.raw`(?:\.\w+|\[[^\]\n]+\])* (?:\?\?|\|\||[-+])?= `;
    const changed = new RegExp(`(?<![\\w.])${name}(?:${change}|(?=[.[])${assignment})`);
    const filled = new RegExp(`Object\\.assign\\(${name}\\b`);
    if (changed.test(text) || filled.test(text)) names.push(name);
  }
  return [...new Set(names)];
}

test.each([
  ["let cache: string | undefined;"],
  ["const cache = new Map<string, string>();"],
  ["const cache = new WeakMap<Section, ReadonlyMap<string, string>>();"],
  ["const cache: string[] = [];\nexport const note = (text: string) => cache.push(text);"],
  ["const cache = { text: '' };\nexport function note() {\n  cache.text = 'x';\n}"],
  ["const cache: Record<string, string> = {};\nfunction note() {\n  cache[name] ??= 'x';\n}"],
  ["const cache = {};\nfunction note() {\n  Object.assign(cache, { text: 'x' });\n}"],
  ["class Notes {\n  static cache = new Map();\n}"],
  ["class Notes {\n  private static readonly cache = new Map<string, string>();\n}"],
])("state is found in %j", (text) => {
  expect(mutableNames(text)).toEqual(["cache"]);
});

test.each([
  ["const WORDS = new Set(['a', 'b']);\nexport const has = (word: string) => WORDS.has(word);"],
  ["export function f() {\n  let count = 0;\n  const seen = new Set();\n  seen.add(count);\n}"],
])("no state is found in %j", (text) => {
  expect(mutableNames(text)).toEqual([]);
});

test("modules keep nothing between calls", () => {
  const files = ["src", "recipes"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name)),
  );
  const found = files.flatMap((file) =>
    mutableNames(readFileSync(join(root, file), "utf8")).map((name) => `${file} ${name}`),
  );
  expect(found.sort()).toEqual(Object.keys(ALLOWED).sort());
});

/** Rules inside each room: imports between directories in one direction, unique file names, no barrels. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The public API: modules that users import. */
const PUBLIC = ["src/index.ts", "src/fabfile.ts"];

interface Source {
  name: string;
  text: string;
}

const sources: Source[] = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .map((name) => join("src", name))
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
  .map((name) => ({ name, text: readFileSync(join(root, name), "utf8") }));

const roomOf = (name: string) => name.split("/").slice(0, 2).join("/");
/** The directory of a file; a file directly in the room counts as one. */
const folderOf = (name: string) => (dirname(name) === roomOf(name) ? name : dirname(name));

test("the directories inside a room import each other in one direction", () => {
  const below = new Map<string, Set<string>>();
  for (const { name, text } of sources) {
    for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const to = relative(root, resolve(root, dirname(name), specifier!));
      if (roomOf(to) !== roomOf(name) || folderOf(to) === folderOf(name)) continue;
      const known = below.get(folderOf(name)) ?? new Set();
      below.set(folderOf(name), known.add(folderOf(to)));
    }
  }
  expect(below.size).toBeGreaterThan(20);
  const leadsTo = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (seen.has(from)) return false;
    seen.add(from);
    return [...(below.get(from) ?? [])].some((next) => next === to || leadsTo(next, to, seen));
  };
  expect([...below.keys()].filter((folder) => leadsTo(folder, folder))).toEqual([]);
});

test("each file name is used once in a room", () => {
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  // The Python side mirrors the modules that others import: each of its folders is a room.
  const counted = files.filter((name) => /\.(ts|sh)$/.test(name)).map((name) => join("src", name));
  const names = counted.map((name) => `${roomOf(name)}: ${basename(name)}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("no file only re-exports names, except the public API", () => {
  const barrels = sources.filter(({ text }) => {
    const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "").trim();
    return (
      code !== "" &&
      code.replace(/export (?:type )?(?:\{[^}]*\}|\*) from "[^"]*";/g, "").trim() === ""
    );
  });
  expect(barrels.map(({ name }) => name).sort()).toEqual([...PUBLIC].sort());
});

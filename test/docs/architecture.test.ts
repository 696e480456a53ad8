import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string) => readFileSync(join(root, file), "utf8");
const page = read("docs/architecture.md");

/** What the table "Where does it go?" says: the wish -> the files and folders it names. */
const answers = new Map(
  [...page.matchAll(/^\| (?:an? |the |what )(.+?) \| (.+) \|$/gm)].map(([, wish, answer]) => [
    wish!,
    [...answer!.matchAll(/`((?:src|recipes|docs)\/[^`]+)`/g)].map(([, path]) => path!),
  ]),
);

/** A newcomer's tasks, with a name that the right file defines. */
const tasks: [wish: string, file: string, defines: string][] = [
  ["`hostout` command", "src/deploy/commands/builtin.ts", "builtinCommands"],
  ["option of a hostout part", "src/deploy/part/options.ts", "hostOptions"],
  ["native recipe", "recipes/index.ts", "nativeRecipes"],
  ["output format", "src/events/", "deployment.ts"],
  ["kind of distribution", "src/distributions/release/release.ts", "releasePackages"],
  ["text of an error", "src/report/error.ts", "formatError"],
];

describe.each(["docs/architecture.md", "CONTRIBUTING.md"])("%s", (file) => {
  test("names only files and directories that exist", () => {
    const named = [...read(file).matchAll(/`((?:src|recipes|test|docs)\/[\w./-]*)`/g)];
    expect(named.length).toBeGreaterThan(5);
    expect(named.map(([, path]) => path!).filter((path) => !existsSync(join(root, path)))).toEqual(
      [],
    );
  });

  test("links only to files that exist", () => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!);
    const from = file.startsWith("docs/") ? "docs" : ".";
    expect(links.filter((link) => !existsSync(join(root, from, link)))).toEqual([]);
  });
});

test.each(tasks)("a newcomer finds where to add a new %s", (wish, place, defines) => {
  expect(answers.get(wish)).toContain(place);
  if (!place.endsWith("/")) expect(read(place)).toMatch(new RegExp(`\\b${defines}\\b`));
  else expect(existsSync(join(root, place, defines))).toBe(true);
});

test("the map names every room of src/", () => {
  const rooms = readdirSync(join(root, "src"), { withFileTypes: true });
  const missing = rooms
    .map((entry) => `src/${entry.name}${entry.isDirectory() ? "/" : ""}`)
    .filter((room) => !page.includes(`\`${room}\``));
  expect(missing).toEqual([]);
});

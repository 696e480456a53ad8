import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { nativeExtensions, nativeRecipes } from "../../recipes/index.ts";
import { nativePlugins } from "../../recipes/plugins/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/recipes.md"), "utf8");
const named = new Set([...page.matchAll(/`([^`\n]+)`/g)].map(([, name]) => name!));
const linked = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => join(root, "docs", link!));

const extensions = nativeExtensions({
  argv: [],
  commandGiven: false,
  ask: async () => undefined,
  print: () => {},
});

test("docs/recipes.md lists every native recipe, extension and plugin", () => {
  const names = [...nativeRecipes.keys(), ...extensions.keys(), ...nativePlugins.keys()];
  expect(names.filter((name) => !named.has(name))).toEqual([]);
});

test("it lists no recipe that does not exist", () => {
  const rows = [...page.matchAll(/^\| \[`([^`]+)`\]/gm)].map(([, name]) => name!);
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter((name) => !nativeRecipes.has(name))).toEqual([]);
});

test("it links the README of each, and only existing files", () => {
  expect(linked.filter((file) => !existsSync(file))).toEqual([]);
  const folders = ["recipes", "recipes/plugins"].flatMap((parent) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "plugins")
      .map(({ name }) => join(root, parent, name, "README.md")),
  );
  expect(folders.filter((file) => !linked.includes(file))).toEqual([]);
});

test("each native recipe loads, and its README names every option that it declares", async () => {
  const readmes = new Map(
    [...page.matchAll(/^\| \[`([^`]+)`\]\(([^)]+)\)/gm)].map(([, name, link]) => [name, link!]),
  );
  const missing: string[] = [];
  for (const [name, load] of nativeRecipes) {
    const { default: recipe } = await load();
    expect(recipe.description, name).toMatch(/\S/);
    const link = readmes.get(name);
    if (link === undefined) continue;
    const own = readFileSync(join(root, "docs", link), "utf8");
    // The options of a host are those of the whole deployer, in docs/hostout.md.
    const deployer = () => readFileSync(join(root, "docs/hostout.md"), "utf8");
    const readme = name === "hostout" ? own + deployer() : own;
    for (const option of Object.keys(recipe.options ?? {})) {
      // gocept.recipe.env has every environment variable as an option.
      if (option in process.env) continue;
      if (!readme.includes(`\`${option}\``)) missing.push(`${name}: ${option}`);
    }
  }
  expect(missing).toEqual([]);
});

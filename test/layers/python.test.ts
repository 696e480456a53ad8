import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../src/bridge/python", import.meta.url));

/** The folders of the Python side from the ground up: modules import from their own or lower ones. */
const FLOORS = [
  "core",
  "facades/buildout",
  "facades/substitutes",
  "facades/paramiko",
  "facades/fabric",
  "facades/hostout",
  "recipes",
  "fabfiles",
];

interface Module {
  folder: string;
  text: string;
}

const modules = new Map<string, Module>();
for (const folder of FLOORS) {
  for (const file of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".py")) continue;
    const name = file.replace(/(?:\/__init__)?\.py$/, "").replaceAll("/", ".");
    modules.set(name, { folder, text: readFileSync(join(root, folder, file), "utf8") });
  }
}

/** The modules of ours that a module imports, at its head or in a function. */
function importsOf(name: string): string[] {
  const found = new Set<string>();
  const text = modules
    .get(name)!
    .text.replace(/\(\s*([^)]*?)\s*\)/g, (_, names) => names.replaceAll("\n", " "));
  for (const [, from, names] of text.matchAll(/^\s*from ([\w.]+) import ([^#\n]+)/gm)) {
    for (const one of names!.split(",").map((word) => word.trim().split(" ")[0])) {
      const nested = `${from}.${one}`;
      if (modules.has(nested)) found.add(nested);
      else if (modules.has(from!)) found.add(from!);
    }
  }
  for (const [, imported] of text.matchAll(/^\s*import ([\w.]+)/gm)) {
    if (modules.has(imported!)) found.add(imported!);
  }
  found.delete(name);
  return [...found];
}

test("every Python file is in a folder that has its floor", () => {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  const all = files.filter((file) => file.endsWith(".py"));
  expect(all.length).toBeGreaterThan(50);
  expect(all.filter((file) => !FLOORS.some((folder) => file.startsWith(`${folder}/`)))).toEqual([]);
});

test("imports on the Python side point downward only", () => {
  const floor = (name: string) => FLOORS.indexOf(modules.get(name)!.folder);
  const wrong = [...modules.keys()].flatMap((name) =>
    importsOf(name)
      .filter((imported) => floor(imported) > floor(name))
      .map((imported) => `${name} -> ${imported}`),
  );
  expect(wrong).toEqual([]);
});

test("no two Python modules import each other in a circle", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (name: string, path: string[]) => {
    if (path.includes(name)) circles.push([...path.slice(path.indexOf(name)), name].join(" -> "));
    if (done.has(name) || path.includes(name)) return;
    for (const next of importsOf(name)) visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of modules.keys()) visit(name, []);
  expect(circles).toEqual([]);
});

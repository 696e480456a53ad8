import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../src/bridge/python", import.meta.url));

/** The folders of the Python side from the ground up: modules import from their own or lower ones. */
const FLOORS = [
  "core",
  "bootstrap",
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
  /** Whether it is the `__init__.py` of a package. */
  isPackage: boolean;
}

const modules = new Map<string, Module>();
for (const folder of FLOORS) {
  for (const file of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".py")) continue;
    const name = file.replace(/(?:\/__init__)?\.py$/, "").replaceAll("/", ".");
    const isPackage = file.endsWith("__init__.py");
    modules.set(name, { folder, text: readFileSync(join(root, folder, file), "utf8"), isPackage });
  }
}

/**
 * Reads {name: [text, is package]} and prints the imports of each module, at its top or in a function, as
 * parsed by Python; `import_module` with a constant counts.
 */
const READ_IMPORTS = `
import ast, json, sys
found = {}
for name, (text, is_package) in json.load(sys.stdin).items():
    names = found[name] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ''
            if node.level:
                above = name.split('.')[: len(name.split('.')) - node.level + is_package]
                base = '.'.join(above + ([base] if base else []))
            names.extend(base + '.' + alias.name for alias in node.names)
            names.append(base)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, 'attr', getattr(node.func, 'id', ''))
            if called in ('import_module', '__import__'):
                names.append(node.args[0].value)
print(json.dumps(found))
`;

/** The modules of ours that each module imports. */
function readImports(texts: Record<string, [string, boolean]>): Record<string, string[]> {
  const input = JSON.stringify(texts);
  return JSON.parse(execFileSync("python3", ["-c", READ_IMPORTS], { input, encoding: "utf8" }));
}

const imported = readImports(
  Object.fromEntries([...modules].map(([name, { text, isPackage }]) => [name, [text, isPackage]])),
);

function importsOf(name: string): string[] {
  const ours = (imported[name] ?? []).filter((one) => modules.has(one) && one !== name);
  // `from package import module` needs the module; the package itself only if nothing else is meant.
  return [...new Set(ours.filter((one) => !ours.some((other) => other.startsWith(`${one}.`))))];
}

test("imports are found in every form", () => {
  const text = `import os, a.b
from . import c
from .d import e
def f():
    import_module("a.g")
    from ..h import i
`;
  expect(readImports({ "a.x": [text, false] })["a.x"]).toEqual(
    expect.arrayContaining(["os", "a.b", "a.c", "a.d", "a.d.e", "a.g", "h.i"]),
  );
});

test("every Python file is in a directory that has its floor", () => {
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

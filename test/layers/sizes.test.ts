import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "@typescript/typescript6";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

const files = ["src", "recipes", "build"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) =>
      join(folder, name),
    ),
  )
  .filter((name) => /\.(ts|mjs|py|sh)$/.test(name) && !name.endsWith(".d.ts"))
  .map((name) => ({ name, text: readFileSync(join(root, name), "utf8") }));

test("a file over 300 lines has the reason at its top", () => {
  const long = files.filter(({ text }) => text.split("\n").length - 1 > 300);
  expect(long.length).toBeGreaterThan(0);
  const silent = long.filter(({ text }) => !/over\s+(?:\* )?300 lines/i.test(text.slice(0, 1000)));
  expect(silent.map(({ name }) => name)).toEqual([]);
});

/** The functions of a file that are over 80 lines, without those inside them: their comment, name. */
function longFunctions(name: string, text: string): { comment: string; place: string }[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  const line = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  const found: { comment: string; place: string }[] = [];
  const visit = (node: ts.Node, before: ts.Node) => {
    if (ts.isFunctionLike(node) && line(node.end) - line(node.getStart()) >= 80) {
      const comment = before.getFullText().slice(0, before.getLeadingTriviaWidth());
      found.push({ comment, place: `${name}:${line(node.getStart()) + 1}` });
      return;
    }
    const isCommented = ts.isStatement(node) || ts.isClassElement(node);
    ts.forEachChild(node, (child) => visit(child, isCommented ? node : before));
  };
  ts.forEachChild(source, (node) => visit(node, node));
  return found;
}

test("a function over 80 lines has the reason at its top", () => {
  const long = files
    .filter(({ name }) => /\.(ts|mjs)$/.test(name))
    .flatMap(({ name, text }) => longFunctions(name, text));
  expect(long.length).toBeGreaterThan(0);
  const silent = long.filter(({ comment }) => !/over\s+(?:\* )?80(\s+\*)? lines/i.test(comment));
  expect(silent.map(({ place }) => place)).toEqual([]);
});

/** Reads {file: text} and prints `file:line` of each function over 80 lines without a reason in its comment. */
const LONG_IN_PYTHON = `
import ast, json, re, sys
for name, text in json.load(sys.stdin).items():
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            long = node.end_lineno - node.lineno >= 80
            if long and not re.search('(?i)over 80 lines', ast.get_docstring(node) or ''):
                print(f'{name}:{node.lineno}')
`;

function longInPython(texts: Record<string, string>): string {
  const input = JSON.stringify(texts);
  return execFileSync("python3", ["-c", LONG_IN_PYTHON], { input, encoding: "utf8" });
}

test("so does one in Python", () => {
  const body = "    pass\n".repeat(90);
  expect(longInPython({ "a.py": `def f():\n${body}` })).toBe("a.py:1\n");
  const python = files.filter(({ name }) => name.endsWith(".py"));
  expect(longInPython(Object.fromEntries(python.map(({ name, text }) => [name, text])))).toBe("");
});

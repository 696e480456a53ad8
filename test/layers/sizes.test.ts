import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "@typescript/typescript6";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

const files = ["src", "recipes"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) =>
      join(folder, name),
    ),
  )
  .filter((name) => /\.(ts|py|sh)$/.test(name) && !name.endsWith(".d.ts"))
  .map((name) => ({ name, text: readFileSync(join(root, name), "utf8") }));

test("a file over 300 lines says at its head why", () => {
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

test("a function over 80 lines says at its head why", () => {
  const long = files
    .filter(({ name }) => name.endsWith(".ts"))
    .flatMap(({ name, text }) => longFunctions(name, text));
  expect(long.length).toBeGreaterThan(0);
  const silent = long.filter(({ comment }) => !/over\s+(?:\* )?80(\s+\*)? lines/i.test(comment));
  expect(silent.map(({ place }) => place)).toEqual([]);
});

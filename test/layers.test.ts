import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What each room of src/ may import from. Everyone may use `error`. */
const MAY_IMPORT: Record<string, string[]> = {
  error: [],
  config: [],
  host: [],
  distributions: ["config"],
  buildout: ["config", "distributions", "python"],
  python: ["config", "distributions"],
  hostout: ["buildout", "config", "distributions", "host", "python"],
  report: ["hostout", "host", "buildout", "config"],
  cli: [
    "hostout",
    "report",
    "buildout",
    "config",
    "host",
    "distributions",
    "recipes",
    "index.ts",
    "package.json",
    "dist",
  ],
  "index.ts": ["buildout", "config", "distributions", "host", "hostout"],
};

/** Of `report`, the core may not even know the types: it is handed in. */
const TYPES_ONLY: Record<string, string[]> = { recipes: ["buildout"] };

/** Name what all recipes and plugins are, and load them when asked. */
const TABLES = new Set(["recipes/index.ts", "recipes/plugins.ts"]);

interface Import {
  file: string;
  from: string;
  to: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

function room(path: string): string {
  const [top, second] = path.split("/");
  return top === "src" ? second! : top!;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((m) => m[1]!);
  return specifiers.map((specifier) => {
    const to = relative(root, resolve(root, dirname(file), specifier));
    return { file, from: room(file), to };
  });
}

const all = [...sources("src"), ...sources("recipes")].flatMap(importsOf);

describe("layers", () => {
  test("imports in src/ point downward only", () => {
    expect(all.length).toBeGreaterThan(50);
    const wrong = all.filter(({ from, to }) => {
      const target = room(to);
      if (from === "recipes" || target === from || target === "error") return false;
      return !MAY_IMPORT[from]?.includes(target);
    });
    expect(wrong.map(({ file, to }) => `${file} -> ${to}`)).toEqual([]);
  });

  test("a recipe sees nothing but src/index.ts and its own folder", () => {
    const wrong = all.filter(({ file, from, to }) => {
      if (from !== "recipes" || to === "src/index.ts") return false;
      // The recipe of a host has to know the names of plugins.
      if (file === "recipes/hostout/extend.ts" && to === "recipes/plugins.ts") return false;
      if (TABLES.has(file)) {
        return room(to) !== "recipes" && !TYPES_ONLY.recipes!.includes(room(to));
      }
      return dirname(to).split("/")[1] !== dirname(file).split("/")[1];
    });
    expect(wrong.map(({ file, to }) => `${file} -> ${to}`)).toEqual([]);
  });

  test("no two modules import each other in a circle", () => {
    const graph = new Map<string, string[]>();
    for (const { file, to } of all) graph.set(file, [...(graph.get(file) ?? []), to]);
    const state = new Map<string, "open" | "done">();
    const circles: string[] = [];
    const visit = (file: string, path: string[]) => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") {
        circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
        return;
      }
      state.set(file, "open");
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, "done");
    };
    for (const file of graph.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });
});

// Public entry points: each entry of "exports" in package.json with dist/NAME.js is src/NAME.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./inputs.mjs";

const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

export const entryPoints = Object.values(exports).flatMap(
  (entry) => /^\.\/dist\/(\w+)\.js$/.exec(entry.default)?.[1] ?? [],
);

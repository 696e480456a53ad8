// The inputs of dist/ as one hash. Only needs Node, since it runs before `npm ci`.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The file in dist/ with the hash of its inputs. */
export const STAMP = ".inputs";

/** Directories include all files in them: code, Python and shell programs. */
const INPUTS = [
  "build.mjs",
  "build",
  "package-lock.json",
  "package.json",
  "recipes",
  "src",
  "tsconfig.json",
];

function filesOf(directory, path) {
  if (!statSync(join(directory, path)).isDirectory()) return [path];
  const names = readdirSync(join(directory, path)).sort();
  return names.flatMap((name) => filesOf(directory, join(path, name)));
}

export function inputsHash(directory = root) {
  const hash = createHash("sha256");
  for (const file of INPUTS.flatMap((path) => filesOf(directory, path))) {
    const content = readFileSync(join(directory, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** One output in dist/ per target. */
const OUTPUTS = ["cli/buildout.js", "engine.cjs", "index.d.ts", "index.js", "programs/buildout.js"];

/** Whether dist/ is complete and up to date. */
export function isBuilt(directory = root) {
  const there = (name) => existsSync(join(directory, "dist", name));
  const stamp = join(directory, "dist", STAMP);
  return (
    [STAMP, ...OUTPUTS].every(there) && readFileSync(stamp, "utf8").trim() === inputsHash(directory)
  );
}

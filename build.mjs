// Builds dist/: `node build.mjs [code] [engine] [programs] [python] [types]`, all five by default.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { buildCode } from "./build/code.mjs";
import { buildEngine } from "./build/engine.mjs";
import { inputsHash, root, STAMP } from "./build/inputs.mjs";
import { buildPrograms } from "./build/programs.mjs";
import { buildPython } from "./build/python.mjs";
import { buildTypes } from "./build/types.mjs";

const TARGETS = {
  code: buildCode,
  engine: buildEngine,
  programs: buildPrograms,
  python: buildPython,
  types: buildTypes,
};

/** Replaces dist/ with `made` atomically, even if another build does the same. */
function publish(made, scratch) {
  const dist = join(root, "dist");
  for (let attempt = 0; ; attempt += 1) {
    try {
      renameSync(dist, join(scratch, `old-${attempt}`));
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
    try {
      return renameSync(made, dist);
    } catch (error) {
      // Another build has replaced dist/ meanwhile.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    }
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(TARGETS, name));
if (unknown.length > 0) {
  console.error(
    `Unknown target: ${unknown.join(", ")}. Targets: ${Object.keys(TARGETS).join(", ")}.`,
  );
  process.exit(2);
}

// In the checkout, since only renames within one file system are atomic.
mkdirSync(join(root, ".cache"), { recursive: true });
const scratch = mkdtempSync(join(root, ".cache/build-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

const made = join(scratch, "dist");
const inputs = inputsHash();
const isPartial = wanted.length > 0;
if (isPartial && existsSync(join(root, "dist"))) {
  cpSync(join(root, "dist"), made, { recursive: true });
}
mkdirSync(made, { recursive: true });
const names = isPartial ? wanted : Object.keys(TARGETS);
try {
  await Promise.all(names.map((name) => TARGETS[name](made)));
} catch (error) {
  console.error(`dist/ is as it was: ${error.message}`);
  process.exit(1);
}
// A partial build leaves the other targets outdated: the next `npm test` builds them.
if (isPartial) rmSync(join(made, STAMP), { force: true });
else writeFileSync(join(made, STAMP), `${inputs}\n`);
publish(made, scratch);

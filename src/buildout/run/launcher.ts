import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { CompiledPlaces } from "../../contract/engine.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";

/** The program that a launcher starts. */
export interface Program {
  /** Absolute path of the module to run. */
  module: string;
  /** The Node that must run it; undefined: the first on PATH. */
  node: string | undefined;
  /** See `BuildoutRequest`. */
  compiled?: (() => CompiledPlaces) | undefined;
}

/**
 * The text of `bin/buildout`. Inside the project (its own node_modules) the module is relative to the
 * script, so that the directory can be moved. The script has no extension: it is CommonJS unless a
 * package.json says otherwise. `require` is faster, since `import()` has to load its machinery first.
 */
function launcherText(script: string, directory: string, program: Program): string {
  const inside = program.module.startsWith(directory + sep);
  const name = inside ? relative(dirname(script), program.module) : program.module;
  const module = inside && !name.startsWith(".") ? `./${name}` : name;
  const url = inside ? module : `file://${module.split(sep).map(encodeURIComponent).join("/")}`;
  const interpreter = program.node ?? "/usr/bin/env node";
  const [required, imported] = [module, url].map((each) => JSON.stringify(each));
  return `#!${interpreter}\ntypeof require === "function" ? require(${required}) : import(${imported});\n`;
}

/** Writes `<binDirectory>/buildout`. Returns its path if anything changed. */
export function writeLauncher(
  binDirectory: string,
  directory: string,
  program: Program,
): string | undefined {
  const script = join(binDirectory, "buildout");
  const text = launcherText(
    join(realpathSync(binDirectory), "buildout"),
    realpathSync(directory),
    program,
  );
  const existing = statSync(script, { throwIfNoEntry: false });
  if (existing && readFileSync(script, "utf8") === text && (existing.mode & 0o777) === 0o755) {
    return undefined;
  }
  writeFileAtomically(script, text, 0o755);
  return script;
}

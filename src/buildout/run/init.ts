import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import { repr } from "../../pythonic/repr.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { isFilePath } from "../lookup/lookup.ts";

function option(name: string, values: string[]): string {
  return values.length === 0 ? "" : `${name} =\n${values.map((value) => `  ${value}\n`).join("")}`;
}

/**
 * Whether an argument of `init` is a folder: it holds a slash, and is not the
 * name of a scoped package.
 */
function isFolder(argument: string): boolean {
  return argument.includes("/") && (isFilePath(argument) || !argument.startsWith("@"));
}

/** The text of a new `buildout.cfg` for the given npm packages and folders of own packages. */
function initialConfiguration(args: readonly string[]): string {
  const folders = args.filter(isFolder);
  const packages = args.filter((argument) => !isFolder(argument));
  const head = `[buildout]\n${option("develop", folders)}`;
  if (packages.length === 0) return `${head}parts =\n`;
  const node = `[node]\nrecipe = hostout:node\ninterpreter = node\n${option("eggs", packages)}`;
  return `${head}parts = node\n\n${node}`;
}

/**
 * Writes a new configuration file; folders among the arguments are made where
 * they are missing. Throws `file-exists`.
 */
export function writeInitialConfiguration(
  file: string,
  args: readonly string[],
  report: Reporter<EngineEvent>,
): void {
  if (existsSync(file)) {
    throw new BuildoutError("file-exists", `${repr(file)} already exists.`, {
      hint: "Use `buildout bootstrap` to set up a buildout that has a configuration.",
    });
  }
  report({ type: "file-creating", path: file });
  writeFileAtomically(file, initialConfiguration(args));
  for (const folder of args.filter(isFolder)) {
    mkdirSync(resolve(dirname(file), folder), { recursive: true });
  }
}

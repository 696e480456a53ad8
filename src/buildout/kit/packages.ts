import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { BuildoutError, messageOf } from "../../errors/error.ts";

/** The fields of `package.json` that the engine reads. */
export interface EnginePackage {
  folder: string;
  name: string;
  version: string;
  /** `"buildout": {"recipes": {entry: file}}`. */
  recipes: ReadonlyMap<string, string>;
  /** `"buildout": {"extension": file}`. */
  extension: string | undefined;
  /** `"hostout": {"fabfile": file, "options": {name: value}}`. */
  plugin: { fabfile: string; options: Record<string, string> } | undefined;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Reads the package in a folder; undefined if there is no `package.json`. */
export function readEnginePackage(folder: string): EnginePackage | undefined {
  const file = join(folder, "package.json");
  if (!isFile(file)) return undefined;
  let content: {
    name?: string;
    version?: string;
    buildout?: { recipes?: Record<string, string>; extension?: string };
    hostout?: { fabfile?: string; options?: Record<string, string> };
  };
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new BuildoutError("invalid-package", `Couldn't read ${file}: ${messageOf(error)}`, {
      location: { file },
      cause: error,
    });
  }
  return {
    folder,
    name: content.name ?? "",
    version: content.version ?? "",
    recipes: new Map(Object.entries(content.buildout?.recipes ?? {})),
    extension: content.buildout?.extension,
    plugin:
      content.hostout?.fabfile === undefined
        ? undefined
        : { fabfile: content.hostout.fabfile, options: content.hostout.options ?? {} },
  };
}

/** The package of this name in the nearest `node_modules`, from `directory` upwards as Node looks. */
export function findInstalledPackage(directory: string, name: string): EnginePackage | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    const found = readEnginePackage(join(folder, "node_modules", ...name.split("/")));
    if (found || folder === dirname(folder)) return found;
  }
}

/** Whether the package is under development: a link to somewhere outside any `node_modules`. */
export function isLinked(found: EnginePackage): boolean {
  return !realpathSync(found.folder).split(sep).includes("node_modules");
}

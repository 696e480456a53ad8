import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { during } from "../../contract/during.ts";
import { fromDirectory } from "../../contract/paths.ts";
import type { DevelopPackage } from "../../distributions/distribution.ts";
import type { PythonDevelopRequest } from "../../distributions/python/develop/develop.ts";
import { BuildoutError, type Location } from "../../errors/error.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import { repr, words } from "../../pythonic/text.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { removePaths } from "../record/removal.ts";

export interface DevelopRequest {
  /** The value of `[buildout] develop`: paths and glob patterns. */
  develop: string;
  directory: string;
  developEggsDirectory: string;
  location: Location | undefined;
  report: Reporter<EngineEvent>;
  /** Called if there is a Python package. */
  python(): Promise<PythonDevelopSettings>;
}

/** Further settings for Python packages. */
export type PythonDevelopSettings = Pick<
  PythonDevelopRequest,
  "executable" | "asks" | "search" | "pips" | "stamps"
>;

export interface Developed {
  packages: DevelopPackage[];
  /** Their links in the develop-eggs directory, absolute, sorted. */
  links: string[];
  oldNamespaces: OldNamespaces;
}

/** Name of a Python package -> its old-style namespace packages. */
export type OldNamespaces = ReadonlyMap<string, readonly string[]>;

/** Matches of a path or pattern, sorted; hidden names only if the pattern asks for them. */
export async function expandPattern(path: string): Promise<string[]> {
  if (!/[*?[]/.test(path)) return existsSync(path) ? [path] : [];
  const { default: glob } = await import("fast-glob");
  const found = await glob(path, {
    onlyFiles: false,
    braceExpansion: false,
    extglob: false,
    globstar: false,
    followSymbolicLinks: true,
  });
  return found.sort();
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

interface DevelopedFolder {
  packages: DevelopPackage[];
  /** Absolute. */
  links: string[];
  oldNamespaces: Map<string, readonly string[]>;
}

function noteNodePackage(developed: DevelopPackage, developEggsDirectory: string): string {
  const link = join(developEggsDirectory, `${developed.name.replaceAll("/", "+")}.package-link`);
  const text = `${developed.folder}\n`;
  if (!existsSync(link) || readFileSync(link, "utf8") !== text) writeFileAtomically(link, text);
  return link;
}

/** The module that develops the Python package in `folder`; undefined if there is none. */
async function pythonIn(folder: string) {
  if (!["setup.py", "pyproject.toml"].some((file) => existsSync(join(folder, file)))) return;
  const { isPythonPackage } = await import("../../distributions/python/develop/pyproject.ts");
  if (!isPythonPackage(folder)) return;
  return import("../../distributions/python/develop/develop.ts");
}

/** A directory can contain both a Node package and a Python package. */
async function developFolder(folder: string, request: DevelopRequest): Promise<DevelopedFolder> {
  const { developEggsDirectory, location, report } = request;
  const found: DevelopedFolder = { packages: [], links: [], oldNamespaces: new Map() };
  const { readDevelopPackage } = await import("../../distributions/node/manifest.ts");
  const python = await pythonIn(folder);
  const node = await readDevelopPackage(folder, python !== undefined);
  if (node) {
    found.packages.push(node);
    found.links.push(noteNodePackage(node, developEggsDirectory));
  }
  if (python) {
    const settings = await request.python();
    const places = { folder, developEggsDirectory, report, ...settings };
    const developed = await python.developPythonPackage(places);
    found.packages.push(developed.package);
    found.links.push(...developed.links);
    const { oldNamespaces } = await import("../../distributions/python/given-up.ts");
    const { name, metadata } = developed.package;
    const namespaces = oldNamespaces(metadata);
    if (namespaces.length > 0) {
      const message = `WARNING: Package ${name} at ${folder} is using old style namespace packages. You should switch to native namespaces (PEP 420).`;
      report({ type: "warning", code: "old-namespaces", message });
      found.oldNamespaces.set(name, namespaces);
    }
  }
  if (found.packages.length > 0) return found;
  throw new BuildoutError(
    "no-package",
    `${repr(folder)} contains no package: there is no package.json, setup.py or pyproject.toml.`,
    { ...(location && { location }) },
  );
}

/** As in zc.buildout, `develop` may name a file in the intended directory. */
function folderOf(path: string): string {
  return /^(setup\.py|pyproject\.toml|package\.json)$/.test(basename(path)) ? dirname(path) : path;
}

/**
 * Reads every package in `develop` and creates its link in the develop-eggs directory. If one fails,
 * removes the new links and throws the error.
 */
export async function develop(request: DevelopRequest): Promise<Developed> {
  const { directory, developEggsDirectory, report } = request;
  const packages: DevelopPackage[] = [];
  const links: string[] = [];
  const fresh: string[] = [];
  const oldNamespaces = new Map<string, readonly string[]>();
  try {
    for (const word of words(request.develop)) {
      const path = fromDirectory(directory, word);
      const folders = await expandPattern(path);
      if (folders.length === 0) report({ type: "develop-missing", path });
      for (const folder of folders) {
        report({ type: "develop", path: folder });
        await during(`Processing develop directory ${repr(folder)}.`, async () => {
          const before = new Set(entries(developEggsDirectory));
          try {
            const developed = await developFolder(folderOf(folder), request);
            packages.push(...developed.packages);
            for (const { kind, name, version, folder: at } of developed.packages) {
              report({ type: "developed", kind, name, version, directory: at });
            }
            links.push(...developed.links);
            for (const [name, shared] of developed.oldNamespaces) oldNamespaces.set(name, shared);
          } finally {
            const added = entries(developEggsDirectory).filter((name) => !before.has(name));
            fresh.push(...added.map((name) => join(developEggsDirectory, name)));
          }
        });
      }
    }
  } catch (error) {
    removePaths(fresh, directory);
    throw error;
  }
  return { packages, links: [...new Set(links)].sort(), oldNamespaces };
}

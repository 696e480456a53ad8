import { readFileSync } from "node:fs";
import path from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import type { DevelopPackage } from "../distribution.ts";
import { parseJson } from "./json.ts";

export type Dependencies = Record<string, string>;

/** The fields of package.json that this project uses; all others are preserved. */
export interface Manifest {
  name: string;
  version: string;
  bin?: string | Record<string, string>;
  files?: string[];
  scripts?: Record<string, string>;
  dependencies?: Dependencies;
  optionalDependencies?: Dependencies;
  peerDependencies?: Dependencies;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  [field: string]: unknown;
}

const DEPENDENCY_FIELDS = ["dependencies", "optionalDependencies", "peerDependencies"] as const;

/** The manifest in a package.json's text. A missing version counts as 0.0.0, as setuptools does. */
export function parseManifest(text: string, file: string): Manifest {
  const data = parseJson(text, file);
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new BuildoutError("invalid-package", `${file} does not contain a JSON object.`, {
      location: { file, line: 1 },
    });
  }
  const { name, version = "0.0.0" } = data as Partial<Manifest>;
  if (typeof name !== "string" || name === "") {
    throw new BuildoutError("invalid-package", `${file} has no "name".`, {
      location: { file, line: 1 },
      hint: 'Add "name" and "version" to it.',
    });
  }
  if (typeof version !== "string" || !/^\d+\.\d+\.\d+([-+].+)?$/.test(version)) {
    const line = text.slice(0, Math.max(0, text.search(/"version"\s*:/))).split("\n").length;
    throw new BuildoutError(
      "invalid-package",
      `The version of ${name}, ${JSON.stringify(version)}, is not a semantic version.`,
      { location: { file, line }, hint: "Use three numbers, such as 1.0.0." },
    );
  }
  return { ...data, name, version };
}

const fileIn = (folder: string) => path.join(folder, "package.json");

function readText(folder: string): string | undefined {
  try {
    return readFileSync(fileIn(folder), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

const hasName = (data: unknown) => typeof data === "object" && data !== null && "name" in data;

/** The manifest of the package in `folder`, or undefined if there is no package.json. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = readText(folder);
  return text === undefined ? undefined : parseManifest(text, fileIn(folder));
}

/**
 * The Node package developed in `folder`; undefined if there is no package.json. Next to a Python package, a
 * package.json without a name does not count: `npm install` writes such a file to record what a project
 * uses. Throws `invalid-json` or `invalid-package` with file and line.
 */
export async function readDevelopPackage(
  folder: string,
  besidePython = false,
): Promise<DevelopPackage | undefined> {
  const text = readText(folder);
  if (text === undefined) return undefined;
  const file = fileIn(folder);
  if (besidePython && !hasName(parseJson(text, file))) return undefined;
  const manifest = parseManifest(text, file);
  return {
    kind: "node",
    name: manifest.name,
    version: manifest.version,
    folder: path.resolve(folder),
  };
}

/**
 * The dependency fields of a manifest for use outside its directory: a neighbor named by path (`file:../x`,
 * `link:`, `workspace:`) is required by name, in any version.
 */
export function portableDependencies(manifest: Manifest): Partial<Manifest> {
  const result: Partial<Manifest> = {};
  for (const field of DEPENDENCY_FIELDS) {
    const entries = Object.entries(manifest[field] ?? {});
    if (entries.length === 0) continue;
    result[field] = Object.fromEntries(
      entries.map(([name, spec]) => [name, /^(file|link|workspace):/.test(spec) ? "*" : spec]),
    );
  }
  return result;
}

/** The runtime dependencies of a package: name -> version range. */
export function runtimeDependencies(manifest: Manifest): Map<string, string> {
  const portable = portableDependencies(manifest);
  const peers = Object.entries(portable.peerDependencies ?? {}).filter(
    ([name]) => manifest.peerDependenciesMeta?.[name]?.optional !== true,
  );
  return new Map([
    ...peers,
    ...Object.entries(portable.dependencies ?? {}),
    ...Object.entries(portable.optionalDependencies ?? {}),
  ]);
}

/** File name without extension for a package's archive: `@scope/name` becomes `scope-name`. */
export function archiveName(name: string): string {
  return name.replace(/^@/, "").replace("/", "-");
}

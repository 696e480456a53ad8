/** Reads a package's pyproject.toml without running anything (PEP 518, 517, 621). */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "smol-toml";
import { BuildoutError, messageOf } from "../../../errors/error.ts";
import { isVersion } from "../../../pythonic/version.ts";
import { normalizeName } from "../requirement.ts";

type Table = Record<string, unknown>;

/** A package's metadata, complete without its build backend. */
interface StaticMetadata {
  name: string;
  version: string;
  /** The text of METADATA. */
  metadata: string;
  /** The text of entry_points.txt; empty if there are none. */
  entryPoints: string;
}

export interface Pyproject {
  /** `build-backend`; setuptools by default. */
  backend: string;
  backendPath: string[];
  /** PEP 508. */
  buildRequires: string[];
  /** undefined: ask the backend. */
  metadata: StaticMetadata | undefined;
  /** Whether the file is for a package, not just for tools. */
  isPackage: boolean;
  /** The location of the code in the backend's own settings, relative to the package's directory. */
  sourceFolder: string | undefined;
}

const NEEDED = [
  "version",
  "dependencies",
  "optional-dependencies",
  "scripts",
  "gui-scripts",
  "entry-points",
];

function table(value: unknown): Table {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Table)
    : {};
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function below(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, name) => table(inner)[name], value);
}

/** A requirement with one more condition. */
function conditional(requirement: string, condition: string): string {
  const [base = "", marker] = requirement.split(/;(.*)/s);
  return marker?.trim()
    ? `${base.trim()}; (${marker.trim()}) and ${condition}`
    : `${base.trim()}; ${condition}`;
}

/** Throws `invalid-pyproject`. */
function staticMetadata(project: Table, file: string): StaticMetadata | undefined {
  const { name, version } = project;
  if (typeof name !== "string" || typeof version !== "string") return undefined;
  if (texts(project.dynamic).some((field) => NEEDED.includes(field))) return undefined;
  const isName = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(name);
  const wrong = isName ? (isVersion(version) ? undefined : "version") : "name";
  if (wrong !== undefined) {
    throw new BuildoutError(
      "invalid-pyproject",
      `'${wrong === "name" ? name : version}' is not a valid ${wrong} of a Python package.`,
      { location: { file } },
    );
  }
  const extras = Object.entries(table(project["optional-dependencies"]));
  const python = project["requires-python"];
  const metadata = [
    "Metadata-Version: 2.1",
    `Name: ${name}`,
    `Version: ${version}`,
    ...(typeof python === "string" ? [`Requires-Python: ${python}`] : []),
    ...texts(project.dependencies).map((requirement) => `Requires-Dist: ${requirement}`),
    ...extras.flatMap(([extra, requirements]) => [
      `Provides-Extra: ${normalizeName(extra)}`,
      ...texts(requirements).map(
        (one) => `Requires-Dist: ${conditional(one, `extra == '${normalizeName(extra)}'`)}`,
      ),
    ]),
  ];
  const groups: [string, unknown][] = [
    ["console_scripts", project.scripts],
    ["gui_scripts", project["gui-scripts"]],
    ...Object.entries(table(project["entry-points"])),
  ];
  const entryPoints = groups.flatMap(([group, entries]) => {
    const lines = Object.entries(table(entries)).map(([key, value]) => `${key} = ${value}`);
    return lines.length > 0 ? [`[${group}]`, ...lines, ""] : [];
  });
  return {
    name,
    version,
    metadata: `${metadata.join("\n")}\n`,
    entryPoints: entryPoints.join("\n"),
  };
}

/** The location of the code in the settings of setuptools, hatchling, poetry and pdm. */
function declaredSource(content: Table): string | undefined {
  const tool = table(content.tool);
  const setuptools = table(tool.setuptools);
  const [hatch] = texts(below(tool, "hatch", "build", "targets", "wheel", "packages"));
  const poetry = below(tool, "poetry", "packages");
  const from = Array.isArray(poetry) ? table(poetry[0]).from : undefined;
  const candidates = [
    below(setuptools, "package-dir", ""),
    texts(below(setuptools, "packages", "find", "where"))[0],
    hatch === undefined ? undefined : hatch.replace(/\/?[^/]+\/?$/, "") || ".",
    from,
    below(tool, "pdm", "build", "package-dir"),
  ];
  return candidates.find((candidate) => typeof candidate === "string");
}

/** Reads the file in a package's directory; undefined if there is none. Throws `invalid-toml`. */
export function readPyproject(folder: string): Pyproject | undefined {
  const file = join(folder, "pyproject.toml");
  if (!existsSync(file)) return undefined;
  let content: Table;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { line } = error as { line?: number };
    throw new BuildoutError(
      "invalid-toml",
      `Couldn't read ${file}: ${messageOf(error).split("\n")[0]}`,
      {
        location: { file, ...(line !== undefined && { line }) },
      },
    );
  }
  const system = table(content["build-system"]);
  const backend = system["build-backend"];
  return {
    backend: typeof backend === "string" ? backend : "setuptools.build_meta:__legacy__",
    backendPath: texts(system["backend-path"]),
    buildRequires: texts(system.requires),
    metadata:
      content.project === undefined ? undefined : staticMetadata(table(content.project), file),
    isPackage: content.project !== undefined || content["build-system"] !== undefined,
    sourceFolder: declaredSource(content),
  };
}

function holdsCode(folder: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { withFileTypes: true }).some(
    (entry) => entry.isDirectory() || entry.name.endsWith(".py"),
  );
}

/** The directory for sys.path: from the file, or else `src`, where all backends look. */
export function sourceFolderOf(folder: string, pyproject: Pyproject | undefined): string {
  if (pyproject?.sourceFolder !== undefined) return resolve(folder, pyproject.sourceFolder);
  const source = join(folder, "src");
  return holdsCode(source) ? source : folder;
}

/** Whether a directory contains a Python package: a setup.py, or a pyproject.toml for a package. */
export function isPythonPackage(folder: string): boolean {
  return existsSync(join(folder, "setup.py")) || readPyproject(folder)?.isPackage === true;
}

// Synchronous: these are a few small files, and Node would start four threads for them.
import { chmodSync, mkdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import { didYouMean } from "../../../errors/nearest.ts";
import type { Log } from "../../../events/log.ts";
import { repr } from "../../../pythonic/text.ts";
import { writeFileAtomically } from "../../../system/write-atomically.ts";
import { type EntryPoint, type PythonDistribution, searchPath } from "../python-distribution.ts";
import { normalizeName } from "../requirement.ts";
import { readEntryPoints } from "./entry-points.ts";
import { packagedScripts } from "./packaged-scripts.ts";
import {
  entryPointScript,
  interpreterScript,
  packagedScript,
  type ScriptSurroundings,
  templateScript,
} from "./script-text.ts";

export interface ScriptsRequest {
  /** Distributions for sys.path, in this order. */
  distributions: readonly PythonDistribution[];
  /** PEP 508: the distributions whose scripts are written. */
  requirements: readonly string[];
  /** Further scripts. */
  entryPoints: readonly EntryPoint[];
  /** Write the scripts of all distributions except setuptools. */
  dependentScripts: boolean;
  /** The scripts to write: declared name -> name of the file. Undefined: all. */
  scripts: ReadonlyMap<string, string> | undefined;
  /** Name of a script that acts as the interpreter. */
  interpreter: string | undefined;
  /** Absolute path of the Python interpreter. */
  executable: string;
  /** Absolute; created if missing. */
  binDirectory: string;
  /** Absolute paths after the distributions on sys.path. */
  extraPaths: readonly string[];
  /** Python statements that run first. */
  initialization: string;
  /** Python arguments for the functions of entry points. */
  arguments: string;
  /** The directory that scripts can be moved with: their paths are relative to it. */
  relativePaths: string | undefined;
  /** Another template for entry point scripts; see `templateScript`. */
  template?: string | undefined;
  log: Log;
}

interface Script {
  name: string;
  /** Its text for the given path; undefined if it cannot be a script. */
  write(file: string, surroundings: ScriptSurroundings): string | undefined;
}

/** The distributions named by the requirements, except those with a false marker. */
function required({ distributions, requirements, dependentScripts }: ScriptsRequest) {
  const found = new Set<PythonDistribution>();
  for (const requirement of requirements) {
    const name = /^[\w.-]+/.exec(requirement.trim())?.[0] ?? "";
    const match = distributions.find((item) => normalizeName(item.name) === normalizeName(name));
    if (match !== undefined) found.add(match);
    else if (!requirement.includes(";")) {
      const hint = didYouMean(
        name,
        distributions.map((distribution) => distribution.name),
      );
      throw new BuildoutError(
        "missing-distribution",
        `Could not find requirement '${name}' in working set.`,
        { ...(hint && { hint }) },
      );
    }
  }
  if (dependentScripts) {
    for (const item of distributions)
      if (normalizeName(item.name) !== "setuptools") found.add(item);
  }
  return [...found];
}

function fromEntryPoint(entryPoint: EntryPoint, args: string, template?: string): Script {
  return {
    name: entryPoint.name,
    write: (file, surroundings) =>
      entryPoint.attributes === ""
        ? undefined
        : template === undefined
          ? entryPointScript(file, entryPoint, args, surroundings)
          : templateScript(template, file, entryPoint, args, surroundings),
  };
}

/** All available scripts. */
function declared(request: ScriptsRequest): Script[] {
  const distributions = required(request);
  const entryPoints = distributions.flatMap((distribution) => [
    ...(readEntryPoints(distribution).get("console_scripts")?.values() ?? []),
  ]);
  return [
    ...[...entryPoints, ...request.entryPoints].map((entryPoint) =>
      fromEntryPoint(entryPoint, request.arguments, request.template),
    ),
    ...distributions.flatMap(packagedScripts).map(
      ({ name, text }): Script => ({
        name,
        write: (file, surroundings) => packagedScript(file, text, surroundings),
      }),
    ),
  ];
}

/** The selected scripts: file name -> script. */
function chosen(scripts: readonly Script[], { scripts: names }: ScriptsRequest) {
  if (names === undefined) return scripts.map((script) => [script.name, script] as const);
  return scripts.flatMap((script) => {
    const target = names.get(script.name);
    return target === undefined ? [] : [[target, script] as const];
  });
}

/** Warns about selected names without a script. */
function warnOfUnknown(scripts: readonly Script[], { scripts: names, log }: ScriptsRequest): void {
  for (const [name, target] of names ?? []) {
    if (scripts.some((script) => script.name === name)) continue;
    const reason =
      name === target
        ? "it is not defined in the egg entry points."
        : `script '${target}' is not defined in the egg entry points.`;
    log.warning(`Could not generate script '${name}' as ${reason}`);
  }
}

function realPath(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    return path.resolve(file);
  }
}

/** Common settings of all scripts; links in paths are resolved, as scripts do at startup. */
function surroundingsOf(request: ScriptsRequest): ScriptSurroundings {
  const folders = new Set([...searchPath(request.distributions), ...request.extraPaths]);
  const { executable, initialization, relativePaths } = request;
  return {
    executable,
    searchPath: [...folders].map(realPath),
    initialization,
    relativeTo: relativePaths === undefined ? undefined : realPath(relativePaths),
  };
}

/** The text of a script; undefined if there is none. Throws `is-directory`. */
function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (code !== "EISDIR") throw error;
    throw new BuildoutError(
      "is-directory",
      `There is a directory where the script '${file}' should be.`,
    );
  }
}

/** Writes an executable file unless it is up to date. Returns whether it did. */
function writeExecutable(file: string, text: string): boolean {
  const former = textIn(file);
  const mode = 0o777 & ~process.umask();
  if (former !== text) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileAtomically(file, text, mode);
    return true;
  }
  if ((statSync(file).mode & 0o100) === 0) chmodSync(file, mode);
  return false;
}

/**
 * Writes the scripts of distributions to `binDirectory`, if they are missing or differ. Returns the
 * absolute paths of all of them. Throws `missing-distribution` for a requirement that is not among the
 * distributions.
 */
export function writeScripts(request: ScriptsRequest): string[] {
  const { binDirectory, interpreter, log } = request;
  const surroundings = surroundingsOf(request);
  mkdirSync(binDirectory, { recursive: true });
  const folder = realPath(binDirectory);
  const texts = new Map<string, string>();
  const scripts = declared(request);
  for (const [target, script] of chosen(scripts, request)) {
    const text = script.write(path.resolve(folder, target), surroundings);
    if (text !== undefined) texts.set(path.resolve(binDirectory, target), text);
    else log.warning(`Could not generate script '${target}' as it names no Python function.`);
  }
  const written: string[] = [];
  for (const [file, text] of texts) {
    if (writeExecutable(file, text)) log.info(`Generated script ${repr(file)}.`);
    written.push(file);
  }
  // As in zc.buildout.
  warnOfUnknown(scripts, request);
  if (interpreter) {
    const file = path.resolve(binDirectory, interpreter);
    const text = interpreterScript(path.resolve(folder, interpreter), surroundings);
    if (writeExecutable(file, text)) log.info(`Generated interpreter ${repr(file)}.`);
    written.push(file);
  }
  return written;
}

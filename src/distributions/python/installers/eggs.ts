/**
 * Eggs in local directories of find-links: zc.buildout uses them, but installers no longer do. So each one
 * that matches the interpreter is passed to the installer as an equivalent wheel.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineEvent } from "../../../events/engine.ts";
import type { Reporter } from "../../../events/reporter.ts";
import { type Interpreter, isCompatible } from "../interpreter.ts";
import { runProgram } from "../program.ts";
import { normalizeName } from "../requirement.ts";
import { EGG_SCRIPT } from "./egg-script.ts";

const EGG = /^([^-]+)-([^-]+)(?:-py(\d[\d.]*))?(?:-(.+))?\.egg$/;

/** An egg, zipped or as a directory, that is not installed yet. */
export interface FoundEgg {
  path: string;
  key: string;
  /** Why the interpreter cannot use it; undefined if it can. */
  obstacle: string | undefined;
}

/** Undefined if the name is not that of an egg. */
export function eggAt(path: string, { version, platform }: Interpreter): FoundEgg | undefined {
  const [whole, name = "", , python = version, system] = EGG.exec(basename(path)) ?? [];
  if (whole === undefined) return undefined;
  const wrongPython = python !== version ? `it is for Python ${python}, not ${version}` : undefined;
  const wrongSystem = isCompatible(system, platform) ? undefined : `it is for ${system}`;
  return { path, key: normalizeName(name), obstacle: wrongPython ?? wrongSystem };
}

function eggsBelow(place: string, interpreter: Interpreter): FoundEgg[] {
  const itself = eggAt(place, interpreter);
  if (itself !== undefined) return [itself];
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const entries = readdirSync(place).sort();
  return entries.flatMap((name) => eggAt(join(place, name), interpreter) ?? []);
}

/** The local eggs of find-links. */
export function eggsIn(findLinks: readonly string[], interpreter: Interpreter): FoundEgg[] {
  const places = findLinks
    .filter((url) => url.startsWith("file:"))
    .map((url) => fileURLToPath(url));
  return places.flatMap((place) => eggsBelow(place, interpreter));
}

/** Eggs in the eggs directory that were not made from wheels: an index may not have them. */
export function oldEggs(eggsDirectory: string, interpreter: Interpreter): FoundEgg[] {
  return eggsBelow(eggsDirectory, interpreter).filter(
    ({ path }) =>
      existsSync(join(path, "EGG-INFO", "PKG-INFO")) ||
      statSync(path, { throwIfNoEntry: false })?.isFile(),
  );
}

/** Writes a wheel for each usable egg to `folder`; false if there are none. */
export async function writeWheels(
  eggs: readonly FoundEgg[],
  folder: string,
  interpreter: Interpreter,
  report: Reporter<EngineEvent>,
): Promise<boolean> {
  const usable = eggs.filter(({ obstacle }) => obstacle === undefined).map(({ path }) => path);
  if (usable.length === 0) return false;
  const command = [interpreter.executable, "-c", EGG_SCRIPT, folder, ...usable];
  const { stdout } = await runProgram({ command, cwd: folder });
  // Unreadable ones.
  for (const line of stdout.split("\n").filter(Boolean)) {
    report({ type: "output", program: "python", line });
  }
  return true;
}

/** Python on a host: which versions it has, and where one is built from source. */
import { join } from "node:path/posix";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import pythons from "./programs/pythons.sh?raw";

/** A Python on a host, with the modules that a virtual environment needs. */
export interface HostPython {
  executable: string;
  /** Such as 3.11.2. */
  version: string;
}

/** Directory in the cache for Pythons built from source. */
const BUILDS = "python";

/** Where to build `version`: `python-path`, else next to the eggs. */
export function buildPrefix(pythonPath: string | undefined, cache: string, version: string) {
  return pythonPath ?? join(cache, BUILDS, version);
}

/** Prints the input of `parsePythons`: those built from source, then those of the system. */
export function showPythons(
  pythonPath: string | undefined,
  cache: string,
  wanted: string | undefined,
): string {
  return shellProgram(pythons, [
    pythonPath ? "" : join(cache, BUILDS),
    ...(pythonPath ? [`${pythonPath}/bin/python3`] : []),
    ...(wanted?.includes(".") ? [`python${series(wanted)}`] : []),
    "python3",
    "/usr/bin/python3",
  ]);
}

/** Whether a Python was built by hostout rather than installed by the system. */
export function isBuilt(pythonPath: string | undefined, cache: string, { executable }: HostPython) {
  return executable.startsWith(`${pythonPath ?? join(cache, BUILDS)}/`);
}

export function parsePythons(text: string): HostPython[] {
  return [...text.matchAll(/^(\d+\.\d+\.\d+) (\/.*)$/gm)].map(([, version, executable]) => ({
    version: version!,
    executable: executable!,
  }));
}

/** The oldest version that pip and zc.buildout support. */
const OLDEST = [3, 8] as const;

/** Whether `version` is in the `wanted` series, or new enough if none is wanted. */
export function suits(version: string, wanted: string | undefined): boolean {
  if (wanted?.includes(".")) return `${version}.`.startsWith(`${wanted}.`);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (wanted !== undefined && String(major) !== wanted) return false;
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** `3.11` of `3.11.2`. */
export function series(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

import { statSync } from "node:fs";
import { join } from "node:path";
import { readDistributionFile } from "./egg-archive.ts";
import type { Candidate } from "./environment.ts";

const read = (file: string) => readDistributionFile(file) ?? "";

/**
 * Whether a distribution declares namespace packages in a way that needs setuptools at run time:
 * `pkg_resources.declare_namespace` without falling back to `pkgutil`.
 */
export function readNamespaceNeed({ location, metadata }: Candidate): boolean {
  const names = read(join(metadata, "namespace_packages.txt")).split(/\s+/).filter(Boolean);
  // In a zipped egg, Python has no other way to find the parts of a namespace.
  if (names.length > 0 && statSync(location, { throwIfNoEntry: false })?.isFile()) return true;
  return names.some((name) => {
    const source = read(join(location, ...name.split("."), "__init__.py"));
    return source.includes("pkg_resources") && !source.includes("pkgutil");
  });
}

/** Whether an `__init__.py` only declares a namespace package. */
export function declaresNamespace(source: string): boolean {
  const lines = source.split("\n").filter((line) => /^\s*[^\s#]/.test(line));
  if (lines.length > 6) return false;
  return [
    ["pkg_resources", "declare_namespace"],
    ["pkgutil", "extend_path"],
  ].some(([module = "", call = ""]) => {
    const start = lines.findIndex((line) => line.includes(module));
    return start >= 0 && lines.slice(start).some((line) => line.includes(call));
  });
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Candidate } from "./environment.ts";

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/**
 * Whether a distribution declares namespace packages in the way that needs setuptools at run time:
 * `pkg_resources.declare_namespace` without falling back to `pkgutil`.
 */
export function readNamespaceNeed({ location, metadata }: Candidate): boolean {
  const names = read(join(metadata, "namespace_packages.txt")).split(/\s+/).filter(Boolean);
  return names.some((name) => {
    const source = read(join(location, ...name.split("."), "__init__.py"));
    return source.includes("pkg_resources") && !source.includes("pkgutil");
  });
}

/** Whether the text of an `__init__.py` does nothing but declare a namespace package. */
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

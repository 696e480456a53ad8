/** What distributions declare that Python's packaging tools have given up. */
import { join } from "node:path";
import type { WarningCode } from "../../errors/codes.ts";
import { readDistributionFile } from "./egg-archive.ts";

export interface GivenUp {
  code: WarningCode;
  message: string;
}

/** None where there is no such file; setuptools also writes empty ones. */
function wordsOf(file: string): string[] {
  return (readDistributionFile(file) ?? "").split(/\s+/).filter(Boolean);
}

/** A warning if the distribution has `dependency_links`, which pip and uv do not follow. */
export function dependencyLinks(name: string, metadata: string): GivenUp[] {
  const links = wordsOf(join(metadata, "dependency_links.txt"));
  if (links.length === 0) return [];
  const message = `${name} has dependency_links, which are not followed: ${links.join(" ")}. Add what is needed of them to find-links.`;
  return [{ code: "dependency-links", message }];
}

/** A warning if a package under development shares packages with others in the old way. */
export function oldNamespaces(name: string, metadata: string, folder: string): GivenUp[] {
  const namespaces = wordsOf(join(metadata, "namespace_packages.txt"));
  if (namespaces.length === 0) return [];
  const message = `Package ${name} at ${folder} is using old style namespace packages: ${namespaces.join(", ")}. You should switch to native namespaces (PEP 420).`;
  return [{ code: "old-namespaces", message }];
}

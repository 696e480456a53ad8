/** Declarations of distributions that Python's packaging tools no longer support. */
import { join } from "node:path";
import type { WarningCode } from "../../errors/codes.ts";
import { readDistributionFile } from "./egg-archive.ts";

export interface GivenUp {
  code: WarningCode;
  message: string;
}

/** None if there is no such file; setuptools also writes empty ones. */
function wordsOf(file: string): string[] {
  return (readDistributionFile(file) ?? "").split(/\s+/).filter(Boolean);
}

/** The `dependency_links` of a distribution, which pip and uv do not follow by themselves. */
export function dependencyLinks(metadata: string): string[] {
  return wordsOf(join(metadata, "dependency_links.txt"));
}

/** A warning if a distribution that was just installed has `dependency_links`: they come too late. */
export function lateLinks(name: string, metadata: string): GivenUp[] {
  const links = dependencyLinks(metadata);
  if (links.length === 0) return [];
  const message = `${name} has dependency_links, which were ignored: ${links.join(" ")}. Add the ones you need to find-links.`;
  return [{ code: "dependency-links", message }];
}

/** The old-style namespace packages of a package under development. */
export function oldNamespaces(metadata: string): string[] {
  return wordsOf(join(metadata, "namespace_packages.txt"));
}

/** The warning about all of them at the end of a run. */
export function namespacesAdvice(found: ReadonlyMap<string, readonly string[]>): string {
  return `
** WARNING **
Some development packages are using old style namespace packages.
You should switch to native namespaces (PEP 420).
If you get a ModuleNotFound or an ImportError when importing a package
from one of these namespaces, you can try this as a temporary workaround:

    pip install horse-with-no-namespace

Note: installing horse-with-no-namespace with buildout does not work.
Install it with pip or uv into the environment whose Python runs the buildout.

The following list shows the affected packages and their namespaces:

${[...found].map(([name, shared]) => `* ${name}: ${shared.join(", ")}`).join("\n")}`;
}

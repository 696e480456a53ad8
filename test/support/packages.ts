import { execaSync } from "execa";
import type { DevelopPackage } from "../../src/distributions/distribution.ts";

export function git(folder: string, ...args: string[]): string {
  const identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
  return execaSync("git", [...identity, ...args], { cwd: folder }).stdout;
}

/** Turns a directory into a repository with everything in it committed. */
export function commitAll(folder: string): void {
  git(folder, "init", "-q");
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "-m", "first");
}

export function developed(folder: string, name: string, version = "1.0.0"): DevelopPackage {
  return { kind: "node", name, version, folder };
}

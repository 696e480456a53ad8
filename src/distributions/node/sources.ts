import { createHash } from "node:crypto";
import { lstat } from "node:fs/promises";
import path from "node:path";
import { BuildoutError } from "../../error/index.ts";
import { lastLines, runProcess } from "../process.ts";

/**
 * The files of `folder` that git knows: the tracked ones and the new ones that it does not
 * ignore, so that a file nobody has added yet is not silently missing from a release.
 * Undefined outside of a repository, without git, and where the repository ignores the folder.
 */
export async function gitFiles(folder: string): Promise<string[] | undefined> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  let result: Awaited<ReturnType<typeof runProcess>>;
  try {
    result = await runProcess({ command: "git", args, cwd: folder });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  if (result.exitCode !== 0) {
    if (/not a git repository/i.test(result.all)) return undefined;
    throw new BuildoutError("git-failed", `git cannot list the files of ${folder}.`, {
      output: lastLines(result.all),
    });
  }
  const files = [...new Set(result.stdout.split("\0"))].filter((file) => file !== "");
  return files.length > 0 ? files : undefined;
}

/** Every file below `folder`, without what is installed there and git's own. */
export async function allFiles(folder: string): Promise<string[]> {
  const { default: glob } = await import("fast-glob");
  return glob("**", {
    cwd: folder,
    dot: true,
    followSymbolicLinks: false,
    ignore: ["**/node_modules/**", "**/.git/**"],
  });
}

export interface Fingerprint {
  /** Equal as long as no file was added, removed or written. */
  digest: string;
  /** When the youngest of the files changed, in milliseconds since 1970. */
  youngest: number;
}

/** A digest of names, sizes, times and modes, without reading any file. */
export async function fingerprint(folder: string, files: readonly string[]): Promise<Fingerprint> {
  const sorted = [...files].sort();
  const stats = await Promise.all(
    sorted.map((file) => lstat(path.join(folder, file), { bigint: true }).catch(() => undefined)),
  );
  const hash = createHash("sha256");
  let youngest = 0;
  for (const [index, file] of sorted.entries()) {
    const stat = stats[index];
    hash.update(`${file}\0`);
    if (stat === undefined) continue;
    hash.update(`${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino} ${stat.mode}\0`);
    youngest = Math.max(youngest, Number(stat.mtimeMs), Number(stat.ctimeMs));
  }
  return { digest: hash.digest("hex"), youngest };
}

import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { allFiles, filesStoredWithLf } from "./sources.ts";

/** One file of a package for the archive. */
export interface ContentFile {
  /** Relative to the package's directory, with slashes. */
  path: string;
  executable: boolean;
  data: Buffer;
}

/** The files with git's line endings if `folder` is in a repository. */
export async function withGitLineEndings(
  folder: string,
  files: readonly ContentFile[],
): Promise<ContentFile[]> {
  const names = await filesStoredWithLf(folder);
  return files.map((file) => {
    if (!names.has(file.path)) return file;
    const text = file.data.toString("latin1").replaceAll("\r\n", "\n");
    return { ...file, data: Buffer.from(text, "latin1") };
  });
}

/**
 * Reads files of a package as git would store them. Links are followed, since archives must not contain
 * any; broken ones are skipped. Sorted by name.
 */
export async function readContent(
  folder: string,
  names: readonly string[],
): Promise<ContentFile[]> {
  const read = async (name: string): Promise<ContentFile[]> => {
    const file = path.join(folder, name);
    const stats = await stat(file).catch(() => undefined);
    if (stats?.isDirectory()) return linkedFolder(folder, name);
    if (!stats?.isFile()) return [];
    return [{ path: name, executable: (stats.mode & 0o100) !== 0, data: await readFile(file) }];
  };
  const files = (await Promise.all(names.map(read))).flat();
  return (await withGitLineEndings(folder, files)).sort(byPath);
}

/** The files in the directory that a link points to; none if that directory contains the link. */
async function linkedFolder(folder: string, name: string): Promise<ContentFile[]> {
  const target = await realpath(path.join(folder, name));
  const home = await realpath(path.dirname(path.join(folder, name)));
  if (`${home}${path.sep}`.startsWith(`${target}${path.sep}`)) return [];
  const files = await readContent(target, await allFiles(target));
  return files.map((file) => ({ ...file, path: path.posix.join(name, file.path) }));
}

export function byPath(a: ContentFile, b: ContentFile): number {
  return a.path < b.path ? -1 : 1;
}

/** Hash of names, modes (as in git: executable or not) and bytes; 12 hex digits. */
export function contentHash(files: readonly ContentFile[]): string {
  const hash = createHash("sha256");
  for (const { path: name, executable, data } of files) {
    hash.update(`${executable ? "755" : "644"} ${data.length} ${name}\0`).update(data);
  }
  return hash.digest("hex").slice(0, 12);
}

/** The declared version with the hash of the content as its local part (semver, PEP 440). */
export function releaseVersion(declared: string, hash: string): string {
  return `${declared}${declared.includes("+") ? "." : "+"}h${hash}`;
}

import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import { isNotUtf8 } from "../../system/file-names.ts";
import type { FileHashes } from "./file-hashes.ts";

/**
 * One file, link or empty directory of a bundle. Modes are 0644 or 0755, as in git, so that all machines
 * agree; 0600 or 0700 for what only its owner may read.
 */
export interface BundleFile {
  kind: "file" | "link" | "directory";
  /** Relative to the buildout directory, with forward slashes. */
  path: string;
  mode: number;
  /** SHA-256 of the content, of the target for a symbolic link; `-` for a directory. */
  hash: string;
  size: number;
  /** Seconds since the epoch. */
  mtime: number;
  /** Where to read it; in-memory content has `content` instead. */
  source?: string;
  content?: Buffer;
  /** Target of a symbolic link. */
  link?: string;
}

export function byPath(a: BundleFile, b: BundleFile): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** Never part of a bundle: version control directories and Python caches. */
const IGNORED = [".git", ".hg", ".svn", "CVS", "__pycache__", "*.pyc"];

/** What a deployment and the buildout create in the buildout directory of a host. */
const OF_THE_HOST = [".hostout", ".installed.cfg", "bin/buildout"];

/** Generated content. */
export function madeFile(path: string, text: string): BundleFile {
  const content = Buffer.from(text);
  const hash = sha256(content);
  return { kind: "file", path, mode: 0o644, hash, size: content.length, mtime: 0, content };
}

/**
 * The files named by `entries`: files, directories and glob patterns, relative to `directory`. Throws
 * `include-missing` for missing paths, `outside-buildout` for paths outside, `invalid-option` for paths
 * that are created on the host, and `symlink-escapes` for a link that points out of `directory`.
 */
export async function includedFiles(
  directory: string,
  entries: readonly string[],
  hashes: FileHashes,
): Promise<BundleFile[]> {
  const files = new Map<string, BundleFile>();
  for (const entry of entries) {
    for (const path of await expand(directory, entry)) {
      if (!files.has(path)) files.set(path, readEntry(directory, path, hashes));
    }
  }
  return [...files.values()];
}

/** One configuration file, by content even if it is a symbolic link. */
export function configurationFile(directory: string, file: string, hashes: FileHashes): BundleFile {
  const path = insidePath(directory, file, "configuration file");
  return regularFile(path, file, statSync(file), hashes);
}

async function expand(directory: string, entry: string): Promise<string[]> {
  const full = resolve(directory, entry);
  const stats = lstatSync(full, { throwIfNoEntry: false });
  if (stats !== undefined) insidePath(directory, realParent(full), "include");
  if (stats !== undefined && !stats.isDirectory()) {
    return [insidePath(directory, full, "include")];
  }
  if (stats !== undefined) return below(directory, insidePath(directory, full, "include"));
  const fastGlob = (await import("fast-glob")).default;
  if (!fastGlob.isDynamicPattern(entry)) {
    throw missing(directory, entry, `there is no '${entry}' in ${directory}`);
  }
  const found = await fastGlob([entry, `${entry}/**`], {
    cwd: directory,
    dot: true,
    onlyFiles: false,
    markDirectories: true,
    followSymbolicLinks: false,
    ignore: IGNORED.flatMap((pattern) => [`**/${pattern}`, `**/${pattern}/**`]),
  });
  const holders = new Set(found.map((path) => dirname(path)));
  const paths = found.flatMap((path) => {
    if (!path.endsWith("/")) return [path];
    return holders.has(path.slice(0, -1)) ? [] : [path.slice(0, -1)];
  });
  if (paths.length === 0) {
    throw missing(directory, entry, `nothing in ${directory} is '${entry}'`);
  }
  return paths;
}

/** Names can contain spaces, so each line is one name; several words may have been meant as several names. */
function missing(directory: string, entry: string, what: string): BuildoutError {
  const words = entry.split(/\s+/);
  const isThere = (word: string) => /[*?[\]{}!]/.test(word) || existsSync(resolve(directory, word));
  if (words.length === 1 || !words.some(isThere)) {
    return new BuildoutError("include-missing", `include: ${what}.`);
  }
  return new BuildoutError("include-missing", `include: ${what}: each line is one name.`, {
    hint: `If these are ${words.length} names, write each on its own line, indented: ${words.join(", ")}.`,
  });
}

/** Everything in a directory, or the directory itself if it is empty; links are not followed. */
function below(directory: string, folder: string): string[] {
  const found = readdirSync(join(directory, folder), { withFileTypes: true }).flatMap((entry) => {
    if (IGNORED.includes(entry.name) || entry.name.endsWith(".pyc")) return [];
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? below(directory, path) : [path];
  });
  return found.length === 0 && folder !== "" ? [folder] : found;
}

function readEntry(directory: string, path: string, hashes: FileHashes): BundleFile {
  if (/[\n\r]/.test(path)) {
    throw new BuildoutError(
      "bad-file-name",
      `${JSON.stringify(path)} has a line break in its name.`,
    );
  }
  const source = join(directory, path);
  const own = OF_THE_HOST.find((one) => isIn(path, one) || isIn(one, path));
  if (own !== undefined && (own.length <= path.length || !lstatSync(source).isDirectory())) {
    throw new BuildoutError(
      "invalid-option",
      `include: '${path}' is in the place of '${own}', which is created on the host.`,
      { hint: "Include the files beside it instead." },
    );
  }
  try {
    const stats = lstatSync(source);
    if (stats.isSymbolicLink()) return symbolicLink(directory, path, source, stats);
    if (stats.isDirectory()) return emptyDirectory(path, stats);
    if (!stats.isFile()) {
      throw new BuildoutError(
        "not-a-file",
        `include: '${path}' is neither a file nor a directory.`,
      );
    }
    return regularFile(path, source, stats, hashes);
  } catch (error) {
    if (error instanceof BuildoutError) throw error;
    if (isNotUtf8(path, error)) {
      throw new BuildoutError("bad-file-name", `include: the name '${path}' is not UTF-8.`);
    }
    throw new BuildoutError("include-unreadable", `Cannot read ${source}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Thousands of paths are compared: this makes no strings. */
function isIn(path: string, folder: string): boolean {
  if (!path.startsWith(folder)) return false;
  return path.length === folder.length || path[folder.length] === "/";
}

function regularFile(path: string, source: string, stats: Stats, hashes: FileHashes): BundleFile {
  return {
    kind: "file",
    path,
    mode: (stats.mode & 0o100 ? 0o755 : 0o644) & (stats.mode & 0o044 ? 0o777 : 0o700),
    hash: hashes.hash(source, stats),
    size: stats.size,
    mtime: Math.floor(stats.mtimeMs / 1000),
    source,
  };
}

function emptyDirectory(path: string, stats: Stats): BundleFile {
  const mode = stats.mode & 0o044 ? 0o755 : 0o700;
  return { kind: "directory", path, mode, hash: "-", size: 0, mtime: 0 };
}

function symbolicLink(directory: string, path: string, source: string, stats: Stats): BundleFile {
  const link = readlinkSync(source);
  const target = resolve(dirname(source), link);
  if (isAbsolute(link) || !isInside(directory, target)) {
    throw new BuildoutError(
      "symlink-escapes",
      `include: the link '${path}' points to ${link}, outside the buildout directory.`,
      { hint: "Include its target, or make it a relative link inside the buildout." },
    );
  }
  return {
    kind: "link",
    path,
    mode: 0o777,
    hash: sha256(Buffer.from(link)),
    size: 0,
    mtime: Math.floor(stats.mtimeMs / 1000),
    link,
  };
}

/** `file` as a path from `directory`; both may be reached through symbolic links. */
function insidePath(directory: string, file: string, what: string): string {
  for (const base of [directory, realpathSync(directory)]) {
    if (isInside(base, file)) return relative(base, file).split(sep).join("/");
  }
  throw new BuildoutError(
    "outside-buildout",
    `The ${what} ${file} is outside the buildout directory ${directory}.`,
    { hint: `Only files in the buildout directory are deployed; copy ${basename(file)} into it.` },
  );
}

/** `path` with links in its parents resolved, but not itself. */
function realParent(path: string): string {
  return join(realpathSync(dirname(path)), basename(path));
}

function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

import type { Stats } from "node:fs";
import type { Attributes } from "ssh2";

/** A file's attributes in SFTP's form; times in seconds. */
export function attributesOf(stats: Stats): Attributes {
  return {
    mode: stats.mode,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    atime: Math.floor(stats.atimeMs / 1000),
    mtime: Math.floor(stats.mtimeMs / 1000),
  };
}

const TYPES: [bits: number, letter: string][] = [
  [0o040000, "d"],
  [0o120000, "l"],
  [0o010000, "p"],
  [0o140000, "s"],
  [0o060000, "b"],
  [0o020000, "c"],
];

/** A line as in `ls -l`, from which SFTP 3 clients read type and permissions. */
export function longName(name: string, stats: Stats): string {
  const type = TYPES.find(([bits]) => (stats.mode & 0o170000) === bits)?.[1] ?? "-";
  const rights = [6, 3, 0].map((shift) => {
    const bits = stats.mode >> shift;
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${bits & 1 ? "x" : "-"}`;
  });
  const date = stats.mtime.toISOString().slice(0, 10);
  const numbers = `${stats.nlink} ${stats.uid} ${stats.gid} ${stats.size}`;
  return `${type}${rights.join("")} ${numbers} ${date} ${name}`;
}

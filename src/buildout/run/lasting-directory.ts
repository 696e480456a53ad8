import { existsSync } from "node:fs";

/** The directory of an atomic release. */
const RELEASE = /^(.*)\/releases\/([1-9]\d*)$/;

/**
 * The name of a buildout directory that stays from release to release: that of the link `current` for
 * an atomic release on a host, the directory itself for all others.
 */
export function lastingDirectory(directory: string): string {
  const [, path = "", number] = RELEASE.exec(directory) ?? [];
  if (number === undefined) return directory;
  // A deployment has made it.
  return existsSync(`${path}/.hostout/releases/${number}/directory`)
    ? `${path}/current`
    : directory;
}

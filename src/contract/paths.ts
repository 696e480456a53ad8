import { isAbsolute } from "node:path";

/**
 * A path taken from `directory` unless it is absolute, otherwise as written:
 * not normalised, since users and `.installed.cfg` know it in this form.
 */
export function fromDirectory(directory: string, path: string): string {
  if (isAbsolute(path)) return path;
  return directory.endsWith("/") ? directory + path : `${directory}/${path}`;
}

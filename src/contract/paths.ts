import { isAbsolute } from "node:path";

/**
 * Makes a path absolute, relative to `directory`, without normalizing it, since users and `.installed.cfg`
 * know it in this form.
 */
export function fromDirectory(directory: string, path: string): string {
  if (isAbsolute(path)) return path;
  return directory.endsWith("/") ? directory + path : `${directory}/${path}`;
}

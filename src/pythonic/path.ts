/**
 * `os.path` of Python on POSIX. Unlike `node:path`, its functions keep a path's spelling
 * (`a/../b` stays so), and the spelling is what `annotate` shows and what recursion is judged by.
 */
import { posix } from "node:path";

export function isAbsolute(path: string): boolean {
  return path.startsWith("/");
}

/** `os.path.join(base, path)` */
export function join(base: string, path: string): string {
  if (isAbsolute(path) || base === "") return path;
  return base.endsWith("/") ? base + path : `${base}/${path}`;
}

/** `os.path.dirname(path)`: `""` where there is no slash. */
export function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf("/") + 1);
  const trimmed = head.replace(/\/+$/, "");
  return trimmed === "" ? head : trimmed;
}

/** `os.path.basename(path)` */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `os.path.abspath(path)` for the working directory `directory`. */
export function absolute(path: string, directory: string): string {
  const normal = posix.normalize(join(directory, path));
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/** `os.path.relpath(path, start)` for the working directory `directory`. */
export function relative(path: string, start: string, directory: string): string {
  return posix.relative(absolute(start, directory), absolute(path, directory)) || ".";
}

/** `os.path.expanduser(path)` for the home directory `home`; other users' homes stay as they are. */
export function expandUser(path: string, home: string | undefined): string {
  if (home === undefined || !/^~(\/|$)/.test(path)) return path;
  return home.replace(/\/+$/, "") + path.slice(1) || "/";
}

const URL_START = /^[a-zA-Z0-9+.-]+:\/\//;

export function isUrl(text: string): boolean {
  return text.includes("://") && URL_START.test(text);
}

/**
 * A file or URL named in a file of `folder`, in the spelling that zc.buildout gives it.
 * The empty name is the folder itself.
 */
export function within(folder: string, name: string): string {
  if (name === "") return folder;
  if (isUrl(name)) return name;
  return isUrl(folder) && !isAbsolute(name) ? `${folder}/${name}` : join(folder, name);
}

/** What `within` puts after `folderOf(source)`: the file's name, with the second and further slashes before it. */
export function nameIn(source: string): string {
  const folder = folderOf(source);
  return isUrl(source) || /^\/*$/.test(folder) ? basename(source) : source.slice(folder.length + 1);
}

/** The file that has `name` (see `nameIn`) in `folder`. */
export function fileIn(folder: string, name: string): string {
  return isAbsolute(name) ? `${folder}/${name}` : within(folder, name);
}

/** The folder that the names in a file's `extends` start from. */
export function folderOf(source: string): string {
  return isUrl(source) ? source.slice(0, source.lastIndexOf("/")) : dirname(source);
}

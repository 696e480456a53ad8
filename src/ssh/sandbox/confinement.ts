import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";

/**
 * The real path for a client's path inside `root` (which must be free of links). Relative paths start
 * there. `follow` also resolves a final link.
 *
 * @throws an error with code EACCES for a path outside, however it gets there
 */
export async function confine(root: string, path: string, follow: boolean): Promise<string> {
  const wanted = resolve(root, path);
  if (wanted === root) return root;
  if (!isInside(root, wanted)) throw outside(path);
  const real = follow
    ? await deepestReal(wanted)
    : join(await deepestReal(dirname(wanted)), basename(wanted));
  if (real !== root && !isInside(root, real)) throw outside(path);
  return real;
}

/** Like realpath(3), but the end of the path need not exist. */
async function deepestReal(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
    return join(await deepestReal(dirname(path)), basename(path));
  }
}

function isInside(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function outside(path: string): Error {
  return Object.assign(new Error(`${path} is outside the served directory`), { code: "EACCES" });
}

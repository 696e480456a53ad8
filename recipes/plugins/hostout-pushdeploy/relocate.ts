import {
  type Dirent,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { BuildoutError } from "../../../src/index.ts";

/** Python looks up the source's folder anew when it reads these, whatever they say. */
const isBytecode = (name: string) => name === "__pycache__" || /\.py[co]$/.test(name);

const SHOWN = 10;

/**
 * Copies a built tree to `copy` as it has to be at `to` on a host, with the files named by
 * `isLeftOut` (paths from the top) left out: texts and links that name the folder `from` name
 * `to` in the copy; all else are hard links.
 * Throws `cannot-relocate` where a file that is no text names `from`.
 */
export function relocatedCopy(request: {
  from: string;
  to: string;
  copy: string;
  isLeftOut(path: string): boolean;
}): void {
  const { from, to, copy, isLeftOut } = request;
  // Not the folders whose names only begin like it.
  const named = new RegExp(`${from.replace(/[.+]/g, "\\$&")}(?![\\w.+@-])`, "g");
  const bound: string[] = [];
  rmSync(copy, { recursive: true, force: true });
  const copyFolder = (path: string) => {
    mkdirSync(join(copy, path), {
      mode: lstatSync(join(from, path)).mode & 0o777,
      recursive: true,
    });
    for (const entry of readdirSync(join(from, path), { withFileTypes: true })) {
      const below = path === "" ? entry.name : `${path}/${entry.name}`;
      if (!isBytecode(entry.name) && !isLeftOut(below)) copyEntry(entry, below);
    }
  };
  const copyEntry = (entry: Dirent, path: string) => {
    const target = join(copy, path);
    if (entry.isDirectory()) return copyFolder(path);
    if (entry.isSymbolicLink()) {
      return symlinkSync(readlinkSync(join(from, path)).replace(named, to), target);
    }
    // Sockets and pipes belong to what runs.
    if (!entry.isFile()) return;
    const bytes = readFileSync(join(from, path));
    if (!bytes.includes(from)) return linkSync(join(from, path), target);
    // A character for a byte, so that every byte comes back as it was.
    const text = bytes.toString("latin1");
    const changed = text.replace(named, to);
    if (changed === text) return linkSync(join(from, path), target);
    if (bytes.includes(0)) return void bound.push(path);
    const { mode, atime, mtime } = lstatSync(join(from, path));
    writeFileSync(target, changed, { encoding: "latin1", mode: mode & 0o777 });
    utimesSync(target, atime, mtime);
  };
  copyFolder("");
  if (bound.length === 0) return;
  throw new BuildoutError("cannot-relocate", `What was built in ${from} works nowhere else.`, {
    output: [
      "These files are no texts and name the folder:",
      ...bound.slice(0, SHOWN),
      ...(bound.length > SHOWN ? [`and ${bound.length - SHOWN} more`] : []),
    ].join("\n"),
    hint: `Remove the option 'staging': then it is built in ${to}, here as there.`,
  });
}

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

/** Python recomputes the source's directory when it reads these. */
const isBytecode = (name: string) => name === "__pycache__" || /\.py[co]$/.test(name);

const SHOWN = 10;

/**
 * Copies a built tree to `copy` for the path `to` on a host, without files selected by `isLeftOut`
 * (relative paths). Text files and links that contain the path `from` get `to` instead; all other files are
 * hard links. Throws `cannot-relocate` if a binary file contains `from`.
 */
export function relocatedCopy(request: {
  from: string;
  to: string;
  copy: string;
  isLeftOut(path: string): boolean;
}): void {
  const { from, to, copy, isLeftOut } = request;
  // Not directories whose names only start the same.
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
    // Sockets and pipes belong to running programs.
    if (!entry.isFile()) return;
    const bytes = readFileSync(join(from, path));
    if (!bytes.includes(from)) return linkSync(join(from, path), target);
    // One character per byte, so that all bytes are preserved.
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
  throw new BuildoutError("cannot-relocate", `The build in ${from} does not work elsewhere.`, {
    output: [
      "These binary files contain the path:",
      ...bound.slice(0, SHOWN),
      ...(bound.length > SHOWN ? [`and ${bound.length - SHOWN} more`] : []),
    ].join("\n"),
    hint: `Remove the option 'staging', to build in ${to} on both machines.`,
  });
}

import { lstatSync, readFileSync } from "node:fs";
import path from "node:path";

/** Common settings of a part's scripts. All paths are absolute. */
export interface Surroundings {
  /** The folder with `node` and `npm`. */
  nodeBin: string;
  /** The folder that npm installs into. */
  prefix: string;
  /** Further directories for NODE_PATH. */
  nodePath: readonly string[];
  /** The buildout directory, if the scripts can be moved with it; else undefined. */
  relativeTo: string | undefined;
}

/** Quotes a word for a POSIX shell (XCU 2.2.2). */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Whether a command is a script for node; anything else runs by itself. */
function isForNode(command: string): boolean {
  const [first = ""] = readFileSync(command, "utf8").split("\n", 1);
  return !first.startsWith("#!") || first.includes("node");
}

/**
 * A shell script that runs a command of the node distribution or of npm's packages, with both on PATH.
 * `file` is the path of the script.
 */
export function wrapper(command: string, file: string, surroundings: Surroundings): string {
  const { nodeBin, prefix, nodePath, relativeTo } = surroundings;
  const shown = (place: string) => {
    const inside = relativeTo !== undefined && `${place}/`.startsWith(`${relativeTo}/`);
    return inside ? `"$base"${quote(place.slice(relativeTo.length))}` : quote(place);
  };
  const up = relativeTo === undefined ? "" : path.relative(path.dirname(file), relativeTo);
  const base =
    relativeTo === undefined
      ? ""
      : `base=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")"/${quote(up)} && pwd)\n`;
  const modules = path.join(prefix, "lib/node_modules");
  const node = path.join(nodeBin, "node");
  const isNode = path.basename(command) === "node";
  const run = isNode || !isForNode(command) ? shown(command) : `${shown(node)} ${shown(command)}`;
  return `#!/bin/sh
${base}NODE_PATH=${[modules, ...nodePath].map(shown).join(":")}
for inner in ${shown(modules)}/*/node_modules; do
  [ -d "$inner" ] && NODE_PATH=$NODE_PATH:$inner
done
PATH=${shown(nodeBin)}:${shown(path.join(prefix, "bin"))}:$PATH
export NODE_PATH PATH
exec ${run} "$@"
`;
}

/** Whether the command exists, even as a link. */
export function isCommand(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === false;
}

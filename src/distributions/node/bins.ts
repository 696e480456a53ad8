import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import path from "node:path";
import { parseJson } from "./json.ts";
import type { Manifest } from "./manifest.ts";

/** A command of a package (`bin` in package.json). */
export interface Bin {
  name: string;
  /** Absolute, below `node_modules`. */
  file: string;
  /** Run by node with these options; undefined: the file is executable itself. */
  nodeOptions: string[] | undefined;
}

/**
 * How to run a file: npm packages contain JavaScript, but sometimes shell scripts or binaries. A file that
 * is not built yet is treated as JavaScript.
 */
function nodeOptionsOf(file: string): string[] | undefined {
  let start: string;
  try {
    const handle = openSync(file, "r");
    try {
      const buffer = Buffer.alloc(256);
      start = buffer.toString("latin1", 0, readSync(handle, buffer, 0, 256, 0));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const [firstLine = ""] = start.split(/\r?\n/, 1);
  if (firstLine.startsWith("#!")) {
    const match = /(?:^|[/\s])node(?:js)?(?:\s+(.*))?$/.exec(firstLine.slice(2).trim());
    return match === null ? undefined : (match[1]?.split(/\s+/) ?? []);
  }
  return start.includes("\0") ? undefined : [];
}

/** The commands of a package in `folder/node_modules`; none if it is missing. */
export async function packageBins(folder: string, packageName: string): Promise<Bin[]> {
  const home = path.join(folder, "node_modules", packageName);
  const file = path.join(home, "package.json");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const { bin = {} } = parseJson(text, file) as Pick<Manifest, "bin">;
  const commands: [string, string][] =
    typeof bin === "string" ? [[packageName, bin]] : Object.entries(bin);
  return commands.map(([name, target]) => {
    const program = path.join(home, target);
    return { name: path.basename(name), file: program, nodeOptions: nodeOptionsOf(program) };
  });
}

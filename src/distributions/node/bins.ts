import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import path from "node:path";
import { parseJson } from "./json.ts";
import type { Manifest } from "./manifest.ts";

/** A command that a package brings (`bin` in package.json). */
export interface Bin {
  name: string;
  /** Absolute, below `node_modules`. */
  file: string;
  /** Run by node, with these options of its own; undefined: the file runs by itself. */
  nodeOptions: string[] | undefined;
}

/**
 * How a file is run: npm's packages bring JavaScript, and sometimes a shell script or a binary in
 * its place. A file that is not built yet is JavaScript.
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

/** The commands of a package in `folder/node_modules`; none where it is not there. */
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

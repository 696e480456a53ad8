/** The shell programs that read the files of releases on a host, in programs/. */
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import checkoutFunctions from "./programs/checkout-functions.sh?raw";
import contents from "./programs/contents.sh?raw";
import keepers from "./programs/keepers.sh?raw";
import stateFunctions from "./programs/state-functions.sh?raw";
import storeFunctions from "./programs/store-functions.sh?raw";

/** The functions that programs need to read or write them. */
export const keptFunctions = `${stateFunctions}${checkoutFunctions}${storeFunctions}`;

/** Prints the manifest of a release on the host. */
export function manifestScript(path: string, number: number): string {
  return shellProgram('cat "$1/.hostout/releases/$2/manifest"\n', [path, String(number)]);
}

/** Prints the manifest of the current checkout. */
export function checkedOutScript(path: string): string {
  return shellProgram('cat "$1/.hostout/checkout"\n', [path]);
}

/** Prints the names of the directories in `releases` that have the files of a release, one per line. */
export function keepersScript(path: string, number: number): string {
  return shellProgram(`${keptFunctions}${keepers}`, [path, String(number)]);
}

/**
 * Prints the content of release `number` at the paths on standard input, each ended by a zero byte; only
 * the size for files of more than `largest` bytes. `parseContents` reads it.
 */
export function contentsScript(path: string, number: number, largest: number): string {
  return shellProgram(`${keptFunctions}${contents}`, [path, String(number), String(largest)]);
}

/** What is at a path of a release; no content for a large file. */
export interface KeptEntry {
  kind: "file" | "link" | "directory" | "none";
  bytes: number;
  content?: Buffer;
}

/** Undefined if the output is truncated. */
export function parseContents(output: Buffer, count: number): KeptEntry[] | undefined {
  const entries: KeptEntry[] = [];
  let at = 0;
  while (entries.length < count) {
    const end = output.indexOf("\n", at);
    const head = end === -1 ? "" : output.toString("latin1", at, end);
    const [, word = "", size = ""] = /^(file|large|link|directory|none) +(\d+)$/.exec(head) ?? [];
    if (word === "") return undefined;
    const bytes = Number(size);
    at = end + 1;
    if (word === "large") {
      entries.push({ kind: "file", bytes });
      continue;
    }
    if (at + bytes > output.length) return undefined;
    const content = output.subarray(at, at + bytes);
    entries.push({ kind: word as KeptEntry["kind"], bytes, content });
    at += bytes;
  }
  return entries;
}

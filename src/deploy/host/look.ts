/** A plan's view of a buildout directory on a host: programs/look.sh, which changes nothing. */
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import lookProgram from "./programs/look.sh?raw";

/** A file or link in the buildout directory. */
export interface SeenFile {
  /** SHA-256 of the content, or of a link's target. */
  hash: string;
  size: number;
  /** Undefined if it is too large to send, or the host has no base64. */
  content: Buffer | undefined;
}

export interface Look {
  /** The buildout directory with links resolved. */
  directory: string;
  files: Map<string, SeenFile>;
  /** SHA-256 of `.installed.cfg`. */
  installed: string | undefined;
  /** The engine's output, with the buildout directory in place of its temporary directory. */
  events: string[];
  /** Its status; undefined: it did not run. */
  status: number | undefined;
}

/** `run`: whether the engine plans, and which one: the host's, or one that is sent and run by a Node. */
export function lookScript(
  path: string,
  cache: string,
  configuration: string,
  run: "no" | "own" | { node: string },
): string {
  const program = typeof run === "string" ? run : run.node;
  return shellProgram(lookProgram, [path, cache, configuration, program]);
}

/** The program's input before the archive. */
export function lookInput(
  secrets: string,
  wanted: readonly string[],
  gone: readonly string[],
): string {
  const list = (paths: readonly string[]) => [String(paths.length), ...paths];
  return `${[secrets.trimEnd(), ...list(wanted), ...list(gone)].join("\n")}\n`;
}

/** Whether the program's output is complete. */
export function isAllSeen(output: string): boolean {
  return /^ended \d+$/m.test(output);
}

export function parseLook(output: string, path: string): Look {
  const look: Look = {
    ...{ directory: path, files: new Map(), installed: undefined },
    ...{ events: [], status: undefined },
  };
  let tree = "";
  let last: SeenFile | undefined;
  for (const line of output.split("\n")) {
    const [, word = "", rest = ""] = /^([a-z]+) (.*)$/.exec(line) ?? [];
    if (word === "directory") look.directory = rest;
    else if (word === "installed") look.installed = rest;
    else if (word === "tree") tree = rest;
    else if (word === "event")
      look.events.push(tree === "" ? rest : rest.replaceAll(tree, () => path));
    else if (word === "ended") look.status = Number(rest);
    else if (word === "content" && last !== undefined) {
      last.content = Buffer.from(rest, "base64");
    } else if (word === "file") {
      const [, hash, size, name] = /^([0-9a-f]{64}) (\d+) (.+)$/.exec(rest) ?? [];
      if (name === undefined) continue;
      last = { hash: hash!, size: Number(size), content: undefined };
      look.files.set(name, last);
    }
  }
  return look;
}

/** What a plan sees of a buildout directory on a host: programs/look.sh, which changes nothing there. */
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import lookProgram from "./programs/look.sh?raw";

/** A file, or a link, as it lies in the buildout directory. */
export interface SeenFile {
  /** SHA-256 of the content, or of a link's target. */
  hash: string;
  size: number;
  /** Undefined where it is too large to be sent, or the host has no base64. */
  content: Buffer | undefined;
}

export interface Look {
  /** The buildout directory, without links on the way to it. */
  directory: string;
  files: Map<string, SeenFile>;
  /** SHA-256 of `.installed.cfg`. */
  installed: string | undefined;
  /** What the engine printed, in the place of its temporary directory the buildout directory. */
  events: string[];
  /** Its status; undefined: it did not run. */
  status: number | undefined;
}

/** `run`: whether the engine plans, and which: that of the host, or one that is sent, run by a Node. */
export function lookScript(
  path: string,
  cache: string,
  configuration: string,
  run: "no" | "own" | { node: string },
): string {
  const program = typeof run === "string" ? run : run.node;
  return shellProgram(lookProgram, [path, cache, configuration, program]);
}

/** What comes before the archive on the input of the program. */
export function lookInput(
  secrets: string,
  wanted: readonly string[],
  gone: readonly string[],
): string {
  const list = (paths: readonly string[]) => [String(paths.length), ...paths];
  return `${[secrets.trimEnd(), ...list(wanted), ...list(gone)].join("\n")}\n`;
}

/** Whether the program has printed all that it will. */
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

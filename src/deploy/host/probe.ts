import { quote } from "../../ssh/commands/quote.ts";
import { withWords } from "../../ssh/commands/shell-program.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import probeProgram from "./programs/probe.sh?raw";
import probeFunction from "./programs/probe-function.sh?raw";

/** What one look at the host says about a buildout there. */
export interface HostFacts {
  /** Absolute path of the buildout folder, `~` expanded by the host. */
  path: string;
  cache: string;
  /** Whether the buildout user can log in; without, the login user has looked. */
  buildoutUser: boolean;
  /** Whether the buildout folder is there. */
  exists: boolean;
  hasBuildout: boolean;
  /** Name of the engine file that bin/buildout starts, or PYTHON_ENGINE; undefined: not ours. */
  engine: string | undefined;
  /** Release that was last built completely. */
  current: string | undefined;
  /** Release whose files lie in the folder: what an interrupted deployment left may differ from `current`. */
  unpacked: string | undefined;
  /** Names of the files in `<cache>/downloads/dist`, and of the bundles beside it. */
  dist: Set<string>;
  /** An earlier deployment was cut off and left changes that can be undone. */
  interrupted: boolean;
}

/** What `engine` says where bin/buildout is zc.buildout's. */
export const PYTHON_ENGINE = "python";

/**
 * Where zc.buildout runs, bundles are kept here: it takes all in downloads/dist for distributions,
 * and does not start where a name cannot be one.
 */
export const PYTHON_BUNDLES = "downloads/bundles";

/** Folder of our own state inside the buildout folder on the host; programs/ names it too. */
export const STATE = ".hostout";

/**
 * A path that may begin with `~` or `~user`, as a word for the remote shell:
 * the shell expands the tilde, everything behind it is quoted.
 */
export function remotePath(path: string): string {
  const tilde = /^~([A-Za-z0-9._-]*)(\/|$)/.exec(path);
  if (tilde === null) return quote(path);
  const rest = path.slice(tilde[0].length);
  return `~${tilde[1]}${tilde[2]}${rest === "" ? "" : quote(rest)}`;
}

/** Asks the host once, in one command, for everything that a plan needs. */
export async function probe(
  connection: HostConnection,
  path: string,
  cache: string,
  buildoutUser: boolean,
): Promise<HostFacts> {
  const result = await connection.sh(
    withWords(`${probeFunction}${probeProgram}`, `${remotePath(path)} ${remotePath(cache)}`),
  );
  return { ...parseFacts(result.stdout.split("\n")), buildoutUser };
}

/** Reads what `probe` of programs/probe-function.sh has printed. */
export function parseFacts(lines: readonly string[]): Omit<HostFacts, "buildoutUser"> {
  const said = new Map<string, string>();
  const dist = new Set<string>();
  for (const line of lines) {
    const at = line.indexOf("=");
    if (at === -1) continue;
    const key = line.slice(0, at);
    const value = line.slice(at + 1);
    if (key === "dist") dist.add(value);
    else said.set(key, value);
  }
  return {
    path: said.get("path") ?? "",
    cache: said.get("cache") ?? "",
    exists: said.has("exists"),
    hasBuildout: said.has("buildout"),
    engine: said.get("engine"),
    current: said.get("current"),
    unpacked: said.get("unpacked"),
    dist,
    interrupted: said.has("interrupted"),
  };
}

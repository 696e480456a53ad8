import { quote } from "../../ssh/commands/quote.ts";
import { withWords } from "../../ssh/commands/shell-program.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import inspectFunction from "./programs/inspect-function.sh?raw";
import probeProgram from "./programs/probe.sh?raw";
import probeFunction from "./programs/probe-function.sh?raw";
import stateFunctions from "./programs/state-functions.sh?raw";
import { type HostReleases, parseReleases } from "./release-list.ts";

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
  current: NumberedRelease | undefined;
  /** Release whose files lie in the folder: what an interrupted deployment left may differ from `current`. */
  checkout: NumberedRelease | undefined;
  /** Names of the files in `<cache>/downloads/dist`. */
  dist: Set<string>;
  /** An earlier deployment was cut off and left changes that can be undone. */
  interrupted: boolean;
  /** It was cut off while the files of a release were put into the folder. */
  unfinished: boolean;
  /** The state is that of an earlier version of this package. */
  former: boolean;
  /** What lies in the place of our state and cannot be ours: `/srv/app/.hostout is a link`. */
  foreign: string | undefined;
  hasTar: boolean;
  /** Its releases; undefined: it was not asked for them, or could not tell. */
  releases: HostReleases | undefined;
}

/** A release as a host counts them. */
export interface NumberedRelease {
  number: number;
  id: string;
}

/** What `engine` says where bin/buildout is zc.buildout's. */
export const PYTHON_ENGINE = "python";

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

/** The functions that `probe` consists of on the host; with `releases` also those that it needs then. */
export function probeFunctions(releases: boolean): string {
  return releases ? `${stateFunctions}${inspectFunction}${probeFunction}` : probeFunction;
}

/** Asks the host once, in one command, for everything that a plan needs. */
export async function probe(
  connection: HostConnection,
  path: string,
  cache: string,
  { buildoutUser, releases }: { buildoutUser: boolean; releases: boolean },
): Promise<HostFacts> {
  const result = await connection.sh(
    withWords(
      `${probeFunctions(releases)}${probeProgram}`,
      `${remotePath(path)} ${remotePath(cache)} ${releases ? "releases" : "no"}`,
    ),
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
    current: release(/^(?<number>\S+) (?<id>\S+)$/, said.get("current")),
    checkout: release(/^(?<id>\S+) (?<number>\S+) $/, said.get("checkout")),
    dist,
    interrupted: said.has("interrupted"),
    unfinished: said.has("unfinished"),
    former: said.has("former"),
    foreign: said.get("foreign"),
    hasTar: !said.has("no-tar"),
    releases: said.has("releases") ? parseReleases(lines) : undefined,
  };
}

/** What is no release of ours counts as none. */
function release(pattern: RegExp, text = ""): NumberedRelease | undefined {
  const { number = "", id = "" } = pattern.exec(text)?.groups ?? {};
  if (!/^\d{1,9}$/.test(number) || !/^[0-9a-f]{12}$/.test(id)) return undefined;
  return { number: Number(number), id };
}

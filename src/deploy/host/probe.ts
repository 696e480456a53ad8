import { quote } from "../../ssh/commands/quote.ts";
import { withWords } from "../../ssh/commands/shell-program.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import cacheFunctions from "./programs/cache-functions.sh?raw";
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
  /**
   * What `current` in the folder leads to: the directory of a release, `.` for the folder itself, or
   * something that is not ours; undefined: there is no such link.
   */
  link: number | "." | "other" | undefined;
  /** What keeps releases from having directories of their own: `current is not a link`. */
  obstacle: string | undefined;
  /** Directory in which commands run: the folder, or `current` in it. */
  directory: string;
  /** The directory of a release that was made last, and that `current` does not lead to yet. */
  aside: AsideRelease | undefined;
  /** Releases with a directory of their own that is whole. */
  built: Set<number>;
  /** Its releases; undefined: it was not asked for them, or could not tell. */
  releases: HostReleases | undefined;
  /** Id of the current release, where nothing has changed of all that its build looks at. */
  settled: string | undefined;
  /** Whether the cache has a note that this directory uses it. */
  usesCache: boolean;
}

/** A release as a host counts them. */
export interface NumberedRelease {
  number: number;
  id: string;
}

/** How far the directory of a release is; programs/aside-functions.sh says what the states are. */
export interface AsideRelease extends NumberedRelease {
  state: string;
}

/** Link to the directory of the current release in the buildout folder, and where such directories are. */
export const CURRENT = "current";
export const RELEASES = "releases";

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

/** How much the host is asked of its releases; `atomic`: each has a directory of its own. */
export type Wanted = "no" | "releases" | "atomic";

/** The functions that `probe` consists of on the host. */
export function probeFunctions(releases: Wanted): string {
  const known = `${cacheFunctions}${probeFunction}`;
  return releases !== "no" ? `${stateFunctions}${inspectFunction}${known}` : known;
}

/** Asks the host once, in one command, for everything that a plan needs. */
export async function probe(
  connection: HostConnection,
  path: string,
  cache: string,
  { buildoutUser, releases }: { buildoutUser: boolean; releases: Wanted },
): Promise<HostFacts> {
  const result = await connection.sh(
    withWords(
      `${probeFunctions(releases)}${probeProgram}`,
      `${remotePath(path)} ${remotePath(cache)} ${releases}`,
    ),
  );
  return { ...parseFacts(result.stdout.split("\n")), buildoutUser };
}

/** What a look at a machine would say that is yet to be made. */
export function nothingThere(path: string, cache: string): HostFacts {
  const lines = [`path=${path}`, `cache=${cache}`];
  return { ...parseFacts(lines), buildoutUser: false };
}

/** Reads what `probe` of programs/probe-function.sh has printed. */
export function parseFacts(lines: readonly string[]): Omit<HostFacts, "buildoutUser"> {
  const said = new Map<string, string>();
  const dist = new Set<string>();
  const built = new Set<number>();
  for (const line of lines) {
    const at = line.indexOf("=");
    if (at === -1) continue;
    const key = line.slice(0, at);
    const value = line.slice(at + 1);
    if (key === "dist") dist.add(value);
    else if (key === "built") built.add(Number(value));
    else said.set(key, value);
  }
  const path = said.get("path") ?? "";
  const link = linkOf(said.get("link"));
  const linked = release(/^(?<number>\S+) (?<id>\S+)$/, said.get("linked"));
  const noted = release(/^(?<number>\S+) (?<id>\S+)$/, said.get("current"));
  const [, state = "", aside] = /^([a-z]+) (.*)$/.exec(said.get("aside") ?? "") ?? [];
  const made = release(/^(?<number>\S+) (?<id>\S+)$/, aside);
  return {
    path,
    cache: said.get("cache") ?? "",
    exists: said.has("exists"),
    hasBuildout: said.has("buildout"),
    engine: said.get("engine"),
    // The link was switched before the note was written.
    current: typeof link === "number" ? linked : noted,
    checkout: release(/^(?<id>\S+) (?<number>\S+) $/, said.get("checkout")),
    dist,
    interrupted: said.has("interrupted"),
    unfinished: said.has("unfinished"),
    former: said.has("former"),
    foreign: said.get("foreign"),
    hasTar: !said.has("no-tar"),
    ...{ link, built },
    obstacle:
      said.get("obstacle") ?? (link === "other" ? `${path}/${CURRENT} leads elsewhere` : undefined),
    directory: typeof link === "number" && linked !== undefined ? `${path}/${CURRENT}` : path,
    aside: made && { state, ...made },
    settled: said.get("settled"),
    usesCache: said.has("cache-user"),
    releases: said.has("releases") ? parseReleases(lines) : undefined,
  };
}

function linkOf(target: string | undefined): HostFacts["link"] {
  if (target === undefined || target === ".") return target;
  const [, number] = /^releases\/([1-9]\d{0,8})$/.exec(target) ?? [];
  return number === undefined ? "other" : Number(number);
}

/** What is no release of ours counts as none. */
function release(pattern: RegExp, text = ""): NumberedRelease | undefined {
  const { number = "", id = "" } = pattern.exec(text)?.groups ?? {};
  if (!/^\d{1,9}$/.test(number) || !/^[0-9a-f]{12}$/.test(id)) return undefined;
  return { number: Number(number), id };
}

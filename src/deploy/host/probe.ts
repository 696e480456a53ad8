import { quote } from "../../ssh/commands/quote.ts";
import { asFunction, withWords } from "../../ssh/commands/shell-program.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { type HostNode, parseNodes } from "./host-node.ts";
import cacheFunctions from "./programs/cache-functions.sh?raw";
import inspectFunction from "./programs/inspect-function.sh?raw";
import nodes from "./programs/nodes.sh?raw";
import operatingSystem from "./programs/operating-system.sh?raw";
import probeProgram from "./programs/probe.sh?raw";
import probeFunction from "./programs/probe-function.sh?raw";
import stateFunctions from "./programs/state-functions.sh?raw";
import { type HostReleases, parseReleases } from "./release-list.ts";

/** Facts about a buildout on a host, from one probe. */
export interface HostFacts {
  /** Absolute path of the buildout directory, `~` expanded by the host. */
  path: string;
  cache: string;
  /** Whether the buildout user can log in; otherwise, the login user probed. */
  buildoutUser: boolean;
  /** Whether the buildout directory exists. */
  exists: boolean;
  hasBuildout: boolean;
  /** Name of the engine file that bin/buildout starts, or PYTHON_ENGINE; undefined if it is not ours. */
  engine: string | undefined;
  /** The last release that was built completely. */
  current: NumberedRelease | undefined;
  /** The release whose files are in the directory; after an interruption, it may differ from `current`. */
  checkout: NumberedRelease | undefined;
  /** Names of the files in `<cache>/downloads/dist`. */
  dist: Set<string>;
  /** An earlier deployment was interrupted and left changes that can be undone. */
  interrupted: boolean;
  /** It was interrupted while putting the files of a release in the directory. */
  unfinished: boolean;
  /** The state is from an earlier version of this package. */
  former: boolean;
  /** What is at the place of our state but cannot be ours: `/srv/app/.hostout is a link`. */
  foreign: string | undefined;
  hasTar: boolean;
  /**
   * The target of `current` in the directory: a release's directory, `.` for the directory itself, or
   * something foreign; undefined if there is no such link.
   */
  link: number | "." | "other" | undefined;
  /** What prevents releases from having their own directories: `current is not a link`. */
  obstacle: string | undefined;
  /** Working directory of commands: the directory, or `current` in it. */
  directory: string;
  /** The newest directory of a release, if `current` does not point to it yet. */
  aside: AsideRelease | undefined;
  /** Releases with a complete directory of their own. */
  built: Set<number>;
  /** Its releases; undefined: not requested, or unavailable. */
  releases: HostReleases | undefined;
  /** No file of the checkout has changed since it was put there, not even in a way that does not count. */
  asRecorded: boolean;
  /** The current release, if another build of it would do nothing. */
  settled: Settled | undefined;
  /** Whether the cache has a record that this directory uses it. */
  usesCache: boolean;
  /** What a bootstrap needs to know; undefined if there is a bin/buildout. */
  system: HostSystem | undefined;
}

interface HostSystem {
  /** For `parseHostOs`. */
  os: string;
  /** Those of the user who asked. */
  nodes: HostNode[];
}

/** A release that needs no build. */
export interface Settled {
  id: string;
  /**
   * The paths that a build depends on, besides the configuration with the name of the release: absolute, or from
   * the buildout directory. Undefined if there are too many to list.
   */
  paths: string[] | undefined;
}

/** A release and its number on a host. */
export interface NumberedRelease {
  number: number;
  id: string;
}

/** The state of a release's directory; see programs/aside-functions.sh. */
export interface AsideRelease extends NumberedRelease {
  state: string;
}

/** In the buildout directory: the link to the current release's directory, and the parent of such directories. */
export const CURRENT = "current";
export const RELEASES = "releases";

/** The value of `engine` if bin/buildout is zc.buildout's. */
export const PYTHON_ENGINE = "python";

/** Directory of our own state in the buildout directory on the host; programs/ uses it, too. */
export const STATE = ".hostout";

/**
 * A path that may start with `~` or `~user`, as a word for the remote shell: the shell expands the tilde,
 * and the rest is quoted.
 */
export function remotePath(path: string): string {
  const tilde = /^~([A-Za-z0-9._-]*)(\/|$)/.exec(path);
  if (tilde === null) return quote(path);
  const rest = path.slice(tilde[0].length);
  return `~${tilde[1]}${tilde[2]}${rest === "" ? "" : quote(rest)}`;
}

/** How much to ask about releases; `atomic`: each has its own directory. */
export type Wanted = "no" | "releases" | "atomic";

/** The functions of `probe` on the host. */
export function probeFunctions(releases: Wanted): string {
  const system = `${asFunction("operating_system", operatingSystem)}${asFunction("nodes", nodes)}`;
  const known = `${cacheFunctions}${system}${probeFunction}`;
  return releases !== "no" ? `${stateFunctions}${inspectFunction}${known}` : known;
}

/** Gets everything that a plan needs from the host in one command. */
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

/** The facts about a machine that does not exist yet. */
export function nothingThere(path: string, cache: string): HostFacts {
  const lines = [`path=${path}`, `cache=${cache}`];
  return { ...parseFacts(lines), buildoutUser: false };
}

/** Reads the output of `probe` in programs/probe-function.sh. */
export function parseFacts(lines: readonly string[]): Omit<HostFacts, "buildoutUser"> {
  const said = new Map<string, string>();
  const dist = new Set<string>();
  const built = new Set<number>();
  const settles: string[] = [];
  const os: string[] = [];
  const nodes: string[] = [];
  for (const line of lines) {
    const at = line.indexOf("=");
    if (at === -1) continue;
    const key = line.slice(0, at);
    const value = line.slice(at + 1);
    if (key === "dist") dist.add(value);
    else if (key === "built") built.add(Number(value));
    else if (key === "settles") settles.push(value);
    else if (key === "os") os.push(value);
    else if (key === "node") nodes.push(value);
    else said.set(key, value);
  }
  const path = said.get("path") ?? "";
  const link = linkOf(said.get("link"));
  const linked = release(/^(?<number>\S+) (?<id>\S+)$/, said.get("linked"));
  const noted = release(/^(?<number>\S+) (?<id>\S+)$/, said.get("current"));
  const [, state = "", aside] = /^([a-z]+) (.*)$/.exec(said.get("aside") ?? "") ?? [];
  const made = release(/^(?<number>\S+) (?<id>\S+)$/, aside);
  const settled = said.get("settled");
  return {
    path,
    cache: said.get("cache") ?? "",
    exists: said.has("exists"),
    hasBuildout: said.has("buildout"),
    engine: said.get("engine"),
    // The link was switched before the record was written.
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
      said.get("obstacle") ??
      (link === "other" ? `${path}/${CURRENT} points elsewhere` : undefined),
    directory: typeof link === "number" && linked !== undefined ? `${path}/${CURRENT}` : path,
    aside: made && { state, ...made },
    settled:
      settled === undefined
        ? undefined
        : { id: settled, paths: settles.length > 0 ? settles : undefined },
    asRecorded: said.has("as-recorded"),
    usesCache: said.has("cache-user"),
    system: os.length > 0 ? { os: os.join("\n"), nodes: parseNodes(nodes.join("\n")) } : undefined,
    releases: said.has("releases") ? parseReleases(lines) : undefined,
  };
}

function linkOf(target: string | undefined): HostFacts["link"] {
  if (target === undefined || target === ".") return target;
  const [, number] = /^releases\/([1-9]\d{0,8})$/.exec(target) ?? [];
  return number === undefined ? "other" : Number(number);
}

/** Anything that is not our release is ignored. */
function release(pattern: RegExp, text = ""): NumberedRelease | undefined {
  const { number = "", id = "" } = pattern.exec(text)?.groups ?? {};
  if (!/^\d{1,9}$/.test(number) || !/^[0-9a-f]{12}$/.test(id)) return undefined;
  return { number: Number(number), id };
}

/**
 * The shell programs in programs/ that manage the state of a buildout directory. They need a POSIX shell
 * with the usual tools (awk, cp -l, gzip, sha256sum, stat -c, tar, xargs -0), which Debian's minbase and
 * BusyBox have. Paths are passed as arguments. Over 300 lines: a function for each program, mostly its arguments.
 */
import { BuildoutError } from "../../errors/error.ts";
import { quoteAll } from "../../ssh/commands/quote.ts";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import type { Attempt } from "./history.ts";
import { keptFunctions } from "./kept-files.ts";
import type { HostFacts, NumberedRelease } from "./probe.ts";
import arriving from "./programs/arriving.sh?raw";
import asideFunctions from "./programs/aside-functions.sh?raw";
import build from "./programs/build.sh?raw";
import cacheFunctions from "./programs/cache-functions.sh?raw";
import checkout from "./programs/checkout.sh?raw";
import checkoutFunctions from "./programs/checkout-functions.sh?raw";
import cleanup from "./programs/cleanup.sh?raw";
import cleanupFacts from "./programs/cleanup-facts.sh?raw";
import crontabFunctions from "./programs/crontab-functions.sh?raw";
import currentFunctions from "./programs/current-functions.sh?raw";
import lockFunctions from "./programs/lock-functions.sh?raw";
import makeCurrent from "./programs/make-current.sh?raw";
import mendFunctions from "./programs/mend-functions.sh?raw";
import migrate from "./programs/migrate.sh?raw";
import note from "./programs/note.sh?raw";
import putAside from "./programs/put-aside.sh?raw";
import putInPlace from "./programs/put-in-place.sh?raw";
import readWords from "./programs/read-words.sh?raw";
import receive from "./programs/receive.sh?raw";
import restore from "./programs/restore.sh?raw";
import restoreFunctions from "./programs/restore-functions.sh?raw";
import stateFunctions from "./programs/state-functions.sh?raw";
import sweepFunctions from "./programs/sweep-functions.sh?raw";
import useCache from "./programs/use-cache.sh?raw";
import verify from "./programs/verify.sh?raw";

const ENDING = `${sweepFunctions}${crontabFunctions}${currentFunctions}`;
const FUNCTIONS = `${lockFunctions}${keptFunctions}${ENDING}`;

/** Exit status of a program that finds a damaged release. */
export const DAMAGED = 4;

/** Exit status of a program if the release cannot be made the current one, and everything before that succeeded. */
export const NOT_NOTED = 95;

/** Exit status of a program that waits for its standard input, to which that has not come. */
export const NOT_TOLD = 97;

/** The line that lets a `buildScript` with `ahead` build; it comes before the secrets. */
export const WORD = "build";

/** What a buildout creates, and a failed one may have damaged, besides the files of a release. */
export interface BuildoutFolders {
  /** Small files that programs may rewrite in place: saved as copies. */
  copied: string[];
  /** Large files: saved as hard links. */
  linked: string[];
}

/**
 * Lists what is in the cache, and what the kept releases use of it: those of `path` except those that are
 * `going`, and those of other directories that use the cache, including `others`. With `shared`, other
 * users have the same cache.
 */
export function cleanupFactsScript(
  facts: { path: string; cache: string },
  {
    shared,
    going,
    others,
  }: { shared: boolean; going: readonly number[]; others: readonly string[] },
): string {
  const { path, cache } = facts;
  const args = [path, cache, shared ? "yes" : "no", going.join(" "), ...others];
  return shellProgram(`${keptFunctions}${cacheFunctions}${cleanupFacts}`, args);
}

/** Records that a buildout directory uses a cache. */
export function useCacheScript({ path, cache }: { path: string; cache: string }): string {
  return shellProgram(`${cacheFunctions}${useCache}`, [path, cache]);
}

/** Removes releases, and files and directories of the cache by their paths in it; records `line`. */
export function cleanupScript(
  facts: { path: string; cache: string },
  line: string,
  numbers: readonly number[],
  files: readonly string[],
): string {
  const { path, cache } = facts;
  return stateProgram(`${cacheFunctions}${cleanup}`, [
    ...[path, cache, line, String(numbers.length)],
    ...[...numbers.map(String), ...files],
  ]);
}

/** A release to be built with its `configuration`. */
export interface BuiltRelease extends NumberedRelease {
  configuration: string;
}

/** What happens when a release becomes the current one. */
export interface Ending {
  /** Other users may write to new files in `var`. */
  shared: boolean;
  /** Numbers of releases to remove. */
  removed: readonly number[];
  /** Recorded then: JSON in which `null` seconds are replaced by the time it took; may be empty. */
  done: string;
}

interface Checkout {
  number: number;
  /** Keep foreign changes. */
  keepDrift: boolean;
  /** Recorded at the start; may be empty. */
  note: string;
  place: Place;
}

/** Where a release goes: into the buildout directory, or into its own. */
export type Place =
  | { folders: BuildoutFolders }
  /** Names in it that are links to shared files. */
  | { shared: readonly string[] };

/** A release on its way to a host. */
export interface Arrival extends Checkout {
  /** The kept release whose unchanged files are not sent. */
  base: number | undefined;
  comes: "tar" | "tgz" | "files";
  /** `base` was put in place last, and everything was as recorded a moment ago. */
  seen: boolean;
  /** For a release that needs no build: it becomes the current one at once. */
  rest: Ending | undefined;
}

/**
 * Reads `receiveWords` from the beginning of standard input, and unpacks the archive of a release from what follows
 * into its place. Files shared with release `base` are not in the archive. With `files`, they were uploaded one by one.
 * If a file is not as expected, prints `damaged PATH` and ends with status DAMAGED, with nothing changed. With `rest`,
 * prints `current` if it has become the current release; it has not if something that a build depends on has changed
 * after all. It does nothing before the words have come, and ends with status NOT_TOLD if they do not.
 */
export function receiveProgram({ atomic }: { atomic: boolean }): string {
  const ending = atomic ? "" : `${ENDING}${makeCurrent}`;
  return shellProgram(`${readWords}${placing(`${ending}${mendFunctions}${receive}`, atomic)}`, []);
}

export function receiveWords(path: string, arrival: Arrival): string {
  const { number, keepDrift, note, place, base, comes, seen, rest } = arrival;
  const words = quoteAll([
    path,
    String(number),
    base === undefined ? "" : String(base),
    keepDrift ? "yes" : "no",
    comes,
    note,
    seen ? "yes" : "",
    ...(rest === undefined ? ["", "", "", ""] : ["yes", ...endingWords(rest)]),
    ...placeWords(place),
  ]);
  return `${words.split("\n").length}\n${words}`;
}

/** Whether the release has become the current one, from the output of `receiveProgram`. */
export function isCurrent(output: string): boolean {
  return /^current$/m.test(output);
}

/** Creates the directories on standard input, each ended by a zero byte, where `receiveProgram` looks for files. */
export function arrivingScript(path: string): string {
  return stateProgram(arriving, [path]);
}

/** The same for a release that the host has. */
export function checkoutScript(path: string, what: Checkout): string {
  const { number, keepDrift, note, place } = what;
  const atomic = "shared" in place;
  return shellProgram(placing(checkout, atomic), [
    path,
    String(number),
    keepDrift ? "yes" : "no",
    note,
    atomic ? "aside" : "",
    ...placeWords(place),
  ]);
}

/**
 * Runs `bin/buildout -c CONFIGURATION ARGS`. If it succeeds, the release is marked as current and, with
 * `shared`, new files in `var` become group-writable; if it fails, the directory is restored, `failed` is recorded
 * unless it is empty, and the status passed on. Secrets of the build come on standard input, for `readSentSecrets`.
 * With `ahead`, the files of the release are still being put in place: it only starts, and waits for WORD on standard
 * input. Without it, it does nothing, and ends with status NOT_TOLD.
 */
export function buildScript(
  path: string,
  { number, id, configuration }: BuiltRelease,
  args: readonly string[],
  { failed, ...ending }: Ending & { failed: string },
  when: "ahead" | "now" = "now",
): string {
  const words = [
    ...[String(number), id, configuration, ...endingWords(ending), failed],
    ...[when === "ahead" ? "yes" : "no", ...args],
  ];
  const program = `${FUNCTIONS}${restoreFunctions}${makeCurrent}${build}`;
  return shellProgram(dense(program), [path, ...words]);
}

const endingWords = ({ shared, removed, done }: Ending): string[] => [
  shared ? "yes" : "no",
  removed.join(" "),
  done,
];

/** A command line whose program reads secrets from the input; its children cannot. */
export function withSecrets(command: string): string {
  return `HOSTOUT_SECRETS_FD=4 ${command} 4<&0 </dev/null`;
}

/** Adds to the record of a release. */
export function noteScript(path: string, line: Pick<Attempt, "number"> & Partial<Attempt>): string {
  return stateProgram(note, [path, JSON.stringify(line)]);
}

/** Undoes the partial changes of an interrupted deployment. */
export function restoreScript(path: string): string {
  return stateProgram(`${restoreFunctions}${restore}`, [path]);
}

/** Upgrades the state of an earlier version of this package. */
export function migrateScript(path: string, cache: string): string {
  const functions = `${lockFunctions}${stateFunctions}${checkoutFunctions}`;
  return shellProgram(`${functions}${migrate}`, [path, cache]);
}

/** Compares the releases on the host with their manifests, and repairs what it can. */
export function verifyScript(path: string): string {
  return shellProgram(`${lockFunctions}${keptFunctions}${mendFunctions}${verify}`, [path]);
}

/** The output of `verifyScript`: repaired paths, damaged paths in a release, and reasons why a release is unusable. */
export function parseVerified(output: string): {
  mended: string[];
  damaged: { number: number; path: string }[];
  odd: { number: number; what: string }[];
} {
  // The paths are safe for a terminal.
  const lines = output.split("\n").filter((line) => !/\p{Cc}/u.test(line));
  return {
    mended: lines.flatMap((line) => /^mended (.+)$/.exec(line)?.[1] ?? []),
    damaged: lines.flatMap((line) => {
      const [, number, path] = /^damaged (\d+) (.+)$/.exec(line) ?? [];
      return path === undefined ? [] : [{ number: Number(number), path }];
    }),
    odd: lines.flatMap((line) => {
      const [, number, what] = /^odd (\d+) (.+)$/.exec(line) ?? [];
      return what === undefined ? [] : [{ number: Number(number), what }];
    }),
  };
}

/** The paths that a program has reported as damaged. */
export function damagedPaths(output: string): string[] {
  return output.split("\n").flatMap((line) => /^damaged (.+)$/.exec(line)?.[1] ?? []);
}

/** @throws BuildoutError `state-damaged` if something else is in the place of our state */
export function checkState(
  { foreign, obstacle }: Pick<HostFacts, "foreign" | "obstacle">,
  { atomic }: { atomic: boolean },
): void {
  const what = foreign ?? (atomic ? obstacle : undefined);
  if (what !== undefined) throw stateDamaged(what);
}

export function stateDamaged(foreign: string): BuildoutError {
  return new BuildoutError("state-damaged", `${foreign}.`, {
    hint: "Nothing was changed. Find out what it is, move it away, and deploy again.",
  });
}

/** A program with the functions for the state. */
export function stateProgram(text: string, args: readonly string[]): string {
  return shellProgram(`${FUNCTIONS}${asideFunctions}${text}`, args);
}

/** A program followed by the one that puts a release in place. */
function placing(text: string, atomic: boolean): string {
  const functions = `${lockFunctions}${keptFunctions}`;
  return dense(
    atomic
      ? `${functions}${currentFunctions}${asideFunctions}${text}${putAside}`
      : `${functions}${text}${putInPlace}`,
  );
}

/** A program without indentation and empty lines, so that it fits into a packet. */
const dense = (program: string) => program.replace(/^\s+/gm, "");

function placeWords(place: Place): readonly string[] {
  if ("shared" in place) return place.shared;
  const { copied, linked } = place.folders;
  return [String(copied.length), ...copied, ...linked];
}

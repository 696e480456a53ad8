/**
 * The shell programs that keep the state of a buildout folder, in programs/. They need a POSIX shell
 * with the usual tools (awk, cp -l, gzip, sha256sum, stat -c, tar, xargs -0), which Debian's minbase
 * and BusyBox have. Paths come in as arguments.
 */
import { BuildoutError } from "../../errors/error.ts";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import arriving from "./programs/arriving.sh?raw";
import build from "./programs/build.sh?raw";
import checkout from "./programs/checkout.sh?raw";
import checkoutFunctions from "./programs/checkout-functions.sh?raw";
import lockFunctions from "./programs/lock-functions.sh?raw";
import migrate from "./programs/migrate.sh?raw";
import receive from "./programs/receive.sh?raw";
import restore from "./programs/restore.sh?raw";
import stateFunctions from "./programs/state-functions.sh?raw";
import verify from "./programs/verify.sh?raw";

/** Status of a program that finds a release damaged. */
export const DAMAGED = 4;

/** What a buildout makes and a failed one may have spoilt, beside the files of a release. */
export interface BuildoutFolders {
  /** Small ones that programs may rewrite in place: kept as copies. */
  copied: string[];
  /** Large ones: kept as hard links. */
  linked: string[];
}

/** Prints the manifest of a release that the host keeps. */
export function manifestScript(path: string, number: number): string {
  return shellProgram('cat "$1/.hostout/releases/$2/manifest"\n', [path, String(number)]);
}

/** Prints the manifest of what is checked out. */
export function checkedOutScript(path: string): string {
  return shellProgram('cat "$1/.hostout/checkout"\n', [path]);
}

/** What is noted of an attempt: JSON, in which `null` seconds become those that it took. */
interface Notes {
  done: string;
  failed: string;
}

interface Checkout {
  number: number;
  /** Leave what others have changed. */
  keepDrift: boolean;
  /** Noted at the beginning; may be empty. */
  note: string;
  folders: BuildoutFolders;
}

/**
 * Takes the archive of a release from standard input and makes it the one whose files are in the
 * buildout folder. Files that it shares with release `base` are not in the archive. With `files` they
 * were put there one by one. Prints `damaged PATH` and ends with status DAMAGED where a file is not as
 * it has to be, and nothing has changed.
 */
export function receiveScript(
  path: string,
  base: number | undefined,
  comes: "stream" | "files",
  what: Checkout,
): string {
  const { number, keepDrift, note, folders } = what;
  return program(receive, [
    path,
    String(number),
    base === undefined ? "" : String(base),
    keepDrift ? "yes" : "no",
    comes,
    note,
    ...folderArguments(folders),
  ]);
}

/** Makes the directories that come in, each ended by a zero byte, where `receiveScript` looks for files. */
export function arrivingScript(path: string): string {
  return program(arriving, [path]);
}

/** The same for a release that the host has. */
export function checkoutScript(path: string, what: Checkout): string {
  const { number, keepDrift, note, folders } = what;
  return program(checkout, [
    path,
    String(number),
    keepDrift ? "yes" : "no",
    note,
    ...folderArguments(folders),
  ]);
}

/**
 * Runs `bin/buildout -c CONFIGURATION ARGS`. When it succeeds the release is marked as current and,
 * with `shared`, the group may write what was made in `var`; when it fails the folder is put back
 * as it was, and the status is kept. Secrets of the build come on its input, for `readSentSecrets`.
 */
export function buildScript(
  path: string,
  release: { number: number; id: string; configuration: string },
  args: readonly string[],
  options: { shared: boolean; removed: readonly number[]; notes: Notes },
): string {
  const { number, id, configuration } = release;
  const { shared, removed, notes } = options;
  return program(build, [
    path,
    String(number),
    id,
    configuration,
    shared ? "yes" : "no",
    removed.join(" "),
    notes.done,
    notes.failed,
    ...args,
  ]);
}

/** A command line whose program reads the secrets that come on the input; what it starts cannot. */
export function withSecrets(command: string): string {
  return `HOSTOUT_SECRETS_FD=4 ${command} 4<&0 </dev/null`;
}

/** Puts back what an interrupted deployment left half done. */
export function restoreScript(path: string): string {
  return program(restore, [path]);
}

/** Brings the state of an earlier version of this package into the form of today. */
export function migrateScript(path: string, cache: string): string {
  return program(migrate, [path, cache]);
}

/** Compares the releases that the host keeps with their manifests, and mends what it can. */
export function verifyScript(path: string): string {
  return program(verify, [path]);
}

/** What `verifyScript` has printed: paths that it has mended, and those that are damaged in a release. */
export function parseVerified(output: string): {
  mended: string[];
  damaged: { number: number; path: string }[];
} {
  // A terminal shows the paths as they are.
  const lines = output.split("\n").filter((line) => !/\p{Cc}/u.test(line));
  return {
    mended: lines.flatMap((line) => /^mended (.+)$/.exec(line)?.[1] ?? []),
    damaged: lines.flatMap((line) => {
      const [, number, path] = /^damaged (\d+) (.+)$/.exec(line) ?? [];
      return path === undefined ? [] : [{ number: Number(number), path }];
    }),
  };
}

/** The paths that a program has called damaged. */
export function damagedPaths(output: string): string[] {
  return output.split("\n").flatMap((line) => /^damaged (.+)$/.exec(line)?.[1] ?? []);
}

/** @throws BuildoutError `state-damaged` where `.hostout` is a link */
export function checkState(facts: { path: string; foreign: boolean }): void {
  if (!facts.foreign) return;
  throw new BuildoutError("state-damaged", `${facts.path}/.hostout is a link.`, {
    hint: "It must be a directory beside the files of the release: remove the link, and deploy again.",
  });
}

function program(text: string, args: readonly string[]): string {
  const functions = `${lockFunctions}${stateFunctions}${checkoutFunctions}`;
  return shellProgram(`${functions}${text}`, args);
}

function folderArguments({ copied, linked }: BuildoutFolders): string[] {
  return [String(copied.length), ...copied, ...linked];
}

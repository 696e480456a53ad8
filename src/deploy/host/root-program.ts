/** Shell programs for root, which only act where nobody else could have planted something. */

import { shellProgram } from "../../ssh/commands/shell-program.ts";
import crontabFunctions from "./programs/crontab-functions.sh?raw";
import lockFunctions from "./programs/lock-functions.sh?raw";
import makeFolders from "./programs/make-folders.sh?raw";
import moveIn from "./programs/move-in.sh?raw";
import functions from "./programs/root-functions.sh?raw";
import runIn from "./programs/run-in.sh?raw";
import settleRootCrontab from "./programs/settle-root-crontab.sh?raw";

/** A program with the functions of root-functions.sh. */
export function rootProgram(text: string, args: readonly string[]): string {
  return shellProgram(`${functions}${text}`, args);
}

/** The same for a program that another program starts with its arguments. */
export function withRootFunctions(text: string): string {
  return `${functions}${text}`;
}

/** Creates directories for `user`; if `group` is null, they stay in that user's own group. */
export function makeFoldersScript(
  user: string,
  group: string | null,
  folders: readonly string[],
): string {
  return rootProgram(makeFolders, [user, group ?? "", ...folders]);
}

/**
 * Runs a program in `bin` of the buildout directory `path`, which only `user` may be able to write. `below`
 * is the directory of a release to run it in, or empty.
 */
export function runAsRootScript(
  { path, below }: { path: string; below: string },
  user: string,
  command: readonly string[],
): string {
  return rootProgram(`${lockFunctions}${runIn}`, [path, below, user, ...command]);
}

/**
 * Of the entries in root's crontab from buildouts in `path`, keeps only those of the buildout in `below`.
 * `parseSwitched` reads its output.
 */
export function settleRootCrontabScript(
  { path, below }: { path: string; below: string },
  user: string,
): string {
  return rootProgram(`${crontabFunctions}${settleRootCrontab}`, [path, below, user]);
}

/** Moves the file or directory `staged` to `target`, or to `name` in it if that is a directory. Prints the result. */
export function moveInScript(staged: string, target: string, name: string, mode?: number): string {
  return rootProgram(moveIn, [staged, target, name, mode?.toString(8) ?? ""]);
}

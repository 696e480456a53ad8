/** Shell programs that root runs, which act only where nobody can put something else in the way. */

import { shellProgram } from "../../ssh/commands/shell-program.ts";
import crontabFunctions from "./programs/crontab-functions.sh?raw";
import lockFunctions from "./programs/lock-functions.sh?raw";
import makeFolders from "./programs/make-folders.sh?raw";
import moveIn from "./programs/move-in.sh?raw";
import functions from "./programs/root-functions.sh?raw";
import runIn from "./programs/run-in.sh?raw";
import settleRootCrontab from "./programs/settle-root-crontab.sh?raw";

/** A program that calls the functions of root-functions.sh. */
export function rootProgram(text: string, args: readonly string[]): string {
  return shellProgram(`${functions}${text}`, args);
}

/** The same for a program that another one starts with its arguments. */
export function withRootFunctions(text: string): string {
  return `${functions}${text}`;
}

/** Makes directories for `user`; `group` is null where they stay in that user's own group. */
export function makeFoldersScript(
  user: string,
  group: string | null,
  folders: readonly string[],
): string {
  return rootProgram(makeFolders, [user, group ?? "", ...folders]);
}

/**
 * Runs a program in `bin` of the buildout folder `path`, which must be in the hands of `user` alone. `below`
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
 * Leaves, of the entries in root's crontab that parts of buildouts in `path` have, those of the buildout in
 * `below`. `parseSwitched` reads what it prints.
 */
export function settleRootCrontabScript(
  { path, below }: { path: string; below: string },
  user: string,
): string {
  return rootProgram(`${crontabFunctions}${settleRootCrontab}`, [path, below, user]);
}

/**
 * Puts the file or folder `staged` in place as `target`, or as `name` in it where that is a folder.
 * Prints where it lies.
 */
export function moveInScript(staged: string, target: string, name: string, mode?: number): string {
  return rootProgram(moveIn, [staged, target, name, mode?.toString(8) ?? ""]);
}

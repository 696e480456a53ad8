/**
 * The shell programs that make users on the host. They run as root, need a POSIX shell, and take
 * either the tools of shadow (Debian, Red Hat, ...) or those of BusyBox (Alpine, ...).
 */

import { shellProgram } from "../../ssh/commands/shell-program.ts";
import accounts from "./programs/accounts.sh?raw";
import authorize from "./programs/authorize.sh?raw";
import letIn from "./programs/let-in.sh?raw";
import { rootProgram } from "./root-program.ts";

/**
 * Makes the group and the users that are missing; with `password`, a new buildout user gets the
 * one that comes on standard input. Accounts that are there stay as they are, but join the group.
 * New users have the group as their first one, so that what they write is readable to each other.
 */
export function accountsScript(
  buildoutUser: string,
  effectiveUser: string,
  group: string,
  password: boolean,
): string {
  return shellProgram(accounts, [buildoutUser, effectiveUser, group, password ? "yes" : "no"]);
}

/** Run as root: lets a public key in as `user`, whose home folder is made if it is missing. */
export function keyScript(user: string, publicKey: string): string {
  return rootProgram(letIn, [user, authorizeScript(publicKey)]);
}

/** Run as the user: lets a public key in, once, whatever its comment. */
export function authorizeScript(publicKey: string): string {
  const [type = "", key = ""] = publicKey.split(" ");
  return shellProgram(authorize, [`${type} ${key}`, publicKey]);
}

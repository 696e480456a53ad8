/**
 * The shell programs that create users on the host. They run as root in a POSIX shell, with the tools of
 * shadow (Debian, Red Hat, ...) or of BusyBox (Alpine, ...).
 */

import { shellProgram } from "../../ssh/commands/shell-program.ts";
import accounts from "./programs/accounts.sh?raw";
import authorize from "./programs/authorize.sh?raw";
import letIn from "./programs/let-in.sh?raw";
import { rootProgram } from "./root-program.ts";

/**
 * Creates missing groups and users; with `password`, a new buildout user gets the password from standard
 * input. Existing accounts only join the group. New users have it as their primary group, so that they can
 * read each other's files.
 */
export function accountsScript(
  buildoutUser: string,
  effectiveUser: string,
  group: string,
  password: boolean,
): string {
  return shellProgram(accounts, [buildoutUser, effectiveUser, group, password ? "yes" : "no"]);
}

/** Run as root: authorizes a public key for `user`, whose home directory is created if missing. */
export function keyScript(user: string, publicKey: string): string {
  return rootProgram(letIn, [user, authorizeScript(publicKey)]);
}

/** Run as the user: authorizes a public key once, whatever its comment. */
export function authorizeScript(publicKey: string): string {
  const [type = "", key = ""] = publicKey.split(" ");
  return shellProgram(authorize, [`${type} ${key}`, publicKey]);
}

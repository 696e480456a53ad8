/** The shell programs that set the owners and permissions of a buildout on the host. */

import { shellProgram } from "../../ssh/commands/shell-program.ts";
import give from "./programs/give.sh?raw";
import giveBack from "./programs/give-back.sh?raw";
import ownPermissions from "./programs/own-permissions.sh?raw";
import ownershipProgram from "./programs/ownership.sh?raw";
import { rootProgram, withRootFunctions } from "./root-program.ts";

export interface Ownership {
  buildoutUser: string;
  effectiveUser: string;
  /** Null if there is only one user: files then stay in that user's own group. */
  group: string | null;
}

/** As for chown. */
function owner(user: string, group: string | null): string {
  return `${user}:${group ?? ""}`;
}

/**
 * Run as root: the code belongs to the buildout user, `var` to the effective user; the group can read both
 * and write `var`; others have no access. Links are never followed, and files with several hard links are
 * skipped: an attacker may have put them there.
 */
export function ownershipScript(path: string, cache: string, ownership: Ownership): string {
  const { group, buildoutUser, effectiveUser } = ownership;
  return rootProgram(ownershipProgram, [
    withRootFunctions(give),
    path,
    cache,
    owner(buildoutUser, group),
    owner(effectiveUser, group),
    group === null ? "no" : "yes",
  ]);
}

/** The same for a buildout user without root access: for its own files, everything but the owner. */
export function ownPermissionsScript(path: string, cache: string, group: string | null): string {
  return shellProgram(ownPermissions, [path, cache, group ?? ""]);
}

/**
 * Run as root after root has built some parts: other files that root has created go to the buildout user,
 * who could not build again otherwise. So do the directories of the parts themselves, so that they can be
 * removed; their files stay root's.
 */
export function giveBackScript(
  path: string,
  cache: string,
  { buildoutUser, group }: Ownership,
  parts: readonly string[],
): string {
  const program = withRootFunctions(give);
  return rootProgram(giveBack, [program, path, cache, owner(buildoutUser, group), ...parts]);
}

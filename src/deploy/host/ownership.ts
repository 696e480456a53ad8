/** The shell programs that give a buildout on the host its owners and permissions. */

import { shellProgram } from "../../ssh/commands/shell-program.ts";
import give from "./programs/give.sh?raw";
import giveBack from "./programs/give-back.sh?raw";
import ownPermissions from "./programs/own-permissions.sh?raw";
import ownershipProgram from "./programs/ownership.sh?raw";
import { rootProgram, withRootFunctions } from "./root-program.ts";

export interface Ownership {
  buildoutUser: string;
  effectiveUser: string;
  /** Null where one user is all: then the files stay in that user's own group. */
  group: string | null;
}

/** As chown has it. */
function owner(user: string, group: string | null): string {
  return `${user}:${group ?? ""}`;
}

/**
 * Run as root: the code is the buildout user's, `var` the effective user's, both are the group's
 * to read, and `var` to write; nothing is for others. Links are never followed, and files with
 * several names stay as they are: somebody who shall not own them may have put them there.
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

/** The same for a buildout user without root's rights: of its own files, all but the owner. */
export function ownPermissionsScript(path: string, cache: string, group: string | null): string {
  return shellProgram(ownPermissions, [path, cache, group ?? ""]);
}

/**
 * Run as root after root has built some parts: what else root has made becomes the buildout
 * user's, who could not build again otherwise. Of the parts themselves the folders do, so that
 * they can be removed; their files stay root's.
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

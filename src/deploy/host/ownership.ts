/** The shell program that gives a buildout on the host its owners and permissions. */
import { quote } from "../../ssh/quote.ts";

export interface Ownership {
  buildoutUser: string;
  effectiveUser: string;
  /** Null where one user is all: then the files stay in that user's own group. */
  group: string | null;
}

/** Code: written by its owner, read by the group, nothing for others. */
const CODE = "u+rwX,g+rX-w,o-rwx";
/** Data: written by owner and group. */
const DATA = "u+rwX,g+rwX,o-rwx";

/**
 * Run as root: the code is the buildout user's, `var` the effective user's, both are the group's
 * to read, and `var` to write; nothing is for others. Links are never followed: they may have
 * been made by somebody who shall not own what they lead to.
 */
export function ownershipScript(path: string, cache: string, ownership: Ownership): string {
  const { group, buildoutUser, effectiveUser } = ownership;
  const builder = quote(`${buildoutUser}:${group ?? ""}`);
  const runner = quote(`${effectiveUser}:${group ?? ""}`);
  const data = group === null ? CODE : DATA;
  const sticky = group === null ? ":" : "find var -type d ! -perm -2000 -exec chmod g+s {} +";
  return `set -e; umask 027; cd ${quote(path)}
code() {
  find "$1" -maxdepth 0 ! -type l -exec chown ${builder} {} + -exec chmod ${CODE} {} +
  find "$1" -mindepth 1 -maxdepth 1 ! -path ./var -exec chown -Rh ${builder} {} +
  find "$1" -mindepth 1 -maxdepth 1 ! -path ./var ! -type l -exec chmod -R ${CODE} {} +
}
code .
[ ! -d ${quote(cache)} ] || code ${quote(cache)}
if [ -L var ]; then echo 'var is a link: what it leads to keeps its owner' >&2
else mkdir -p var; chown -Rh ${runner} var; chmod -R ${data} var; ${sticky}
fi`;
}

/** The same for a buildout user without root's rights: of its own files, all but the owner. */
export function ownPermissionsScript(path: string, cache: string, group: string | null): string {
  const mine = `-user "$(id -un)" ! -type l`;
  const grouped = group === null ? "" : `-exec chgrp ${quote(group)} {} +`;
  return `umask 027; cd ${quote(path)} || exit 1; mkdir -p var
find . -path ./var -prune -o ${mine} ${grouped} -exec chmod ${CODE} {} +
[ ! -d ${quote(cache)} ] || find ${quote(cache)} ${mine} ${grouped} -exec chmod ${CODE} {} +
find var ${mine} ${grouped} -exec chmod ${group === null ? CODE : DATA} {} +`;
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
  const kept = parts.map((part) => `-path ${quote(`./parts/${part}/*`)} ! -type d -o`).join(" ");
  const give = `-uid 0 -exec chown -h ${quote(`${buildoutUser}:${group ?? ""}`)} {} +`;
  return `cd ${quote(path)} && find . -path ./var -prune -o ${kept} ${give}
[ ! -d ${quote(cache)} ] || find ${quote(cache)} ${give}`;
}

import { posix } from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import { repr } from "../../../pythonic/text.ts";

/** What an archive says of one of its members. */
export interface Member {
  /** With slashes, from the top of the archive. */
  name: string;
  /** What a link points to: a symbolic one from its own folder, a hard one from the top. */
  link?: { kind: "symbolic" | "hard"; target: string } | undefined;
}

const goesUp = (name: string) => name.startsWith("/") || name.split("/").includes("..");

/** Whether a symbolic link stays inside. `..` may only stand at the start: `link/..` can be anywhere. */
function staysInside(name: string, target: string, levels: number): boolean {
  if (target.startsWith("/")) return false;
  const steps = target.split("/").filter((step) => step !== "" && step !== ".");
  const first = steps.findIndex((step) => step !== "..");
  const ups = first === -1 ? steps.length : first;
  const depth = posix
    .dirname(posix.normalize(name))
    .split("/")
    .filter((step) => step !== ".").length;
  return ups <= Math.max(0, depth - levels) && !steps.slice(ups).includes("..");
}

/**
 * Throws `unsafe-archive` for a member whose path or link leads out of the folder that the archive
 * is unpacked in. `levels`: how many folders at the top a link may not leave either.
 */
export function guard(archive: string, { name, link }: Member, levels: number): void {
  const refuse = (what: string) =>
    new BuildoutError("unsafe-archive", `${archive} is not unpacked: ${what}`, {
      hint: "Ask whoever made the archive; it may be meant to do harm.",
    });
  if (goesUp(name)) throw refuse(`the path ${repr(name)} in it lies outside its folder.`);
  if (link === undefined) return;
  const { kind, target } = link;
  const inside = kind === "hard" ? !goesUp(target) : staysInside(name, target, levels);
  if (!inside) {
    throw refuse(`the link ${repr(name)} in it leads outside its folder, to ${repr(target)}.`);
  }
}

/** The same error for a member that would be written through a link. */
export function throughLink(archive: string, name: string): BuildoutError {
  return new BuildoutError(
    "unsafe-archive",
    `${archive} is not unpacked: the path ${repr(name)} in it leads through a link.`,
  );
}

/** An archive that begins as one and does not go on so. */
export function damaged(archive: string, reason: string, cause?: unknown): BuildoutError {
  return new BuildoutError("invalid-archive", `${archive} cannot be unpacked: ${reason}`, {
    hint: "It is damaged, or was not downloaded completely. Remove it from the download cache, if it is there.",
    cause,
  });
}

import { posix } from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import { repr } from "../../../pythonic/text.ts";

/** A member of an archive. */
export interface Member {
  /** With slashes, relative to the top of the archive. */
  name: string;
  /** The target of a link: of a symbolic one relative to its directory, of a hard one to the top. */
  link?: { kind: "symbolic" | "hard"; target: string } | undefined;
}

const goesUp = (name: string) => name.startsWith("/") || name.split("/").includes("..");

/** Whether a symbolic link stays inside. `..` is only allowed at the start, since `link/..` can be anywhere. */
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
 * Throws `unsafe-archive` for a member whose path or link points outside the target directory. `levels`:
 * number of top directories that links must not leave either.
 */
export function guard(archive: string, { name, link }: Member, levels: number): void {
  const refuse = (what: string) =>
    new BuildoutError("unsafe-archive", `${archive} is not unpacked: ${what}`, {
      hint: "Ask the author of the archive; it may be malicious.",
    });
  if (goesUp(name)) throw refuse(`the path ${repr(name)} in it is outside its directory.`);
  if (link === undefined) return;
  const { kind, target } = link;
  const inside = kind === "hard" ? !goesUp(target) : staysInside(name, target, levels);
  if (!inside) {
    throw refuse(`the link ${repr(name)} in it points outside its directory, to ${repr(target)}.`);
  }
}

/** The same error for a member that would be written through a link. */
export function throughLink(archive: string, name: string): BuildoutError {
  return new BuildoutError(
    "unsafe-archive",
    `${archive} is not unpacked: the path ${repr(name)} in it goes through a link.`,
  );
}

/** An archive with a valid start but invalid content. */
export function damaged(archive: string, reason: string, cause?: unknown): BuildoutError {
  return new BuildoutError("invalid-archive", `${archive} cannot be unpacked: ${reason}`, {
    hint: "It is damaged or incomplete. Remove it from the download cache, if it is there.",
    cause,
  });
}

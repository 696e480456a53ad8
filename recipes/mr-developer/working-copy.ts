import { isAbsolute, resolve } from "node:path";
import { BuildoutError, type Log, type ProcessResult, runProcess } from "../../src/index.ts";
import { redact } from "./redact.ts";
import type { Submodules } from "./settings.ts";
import type { Source } from "./sources.ts";

/** `ahead`: nothing is uncommitted, but not everything is published. */
export type Status = "clean" | "ahead" | "dirty";

export interface CheckoutOptions {
  /** Update what is there already, unless the source itself says whether to. */
  update: boolean;
  /** Update dirty working copies, too. */
  force: boolean;
  submodules: Submodules;
  acceptCertificates: boolean;
  offline: boolean;
}

/** The working copy of one package, of one kind of version control. */
export interface WorkingCopy {
  /** Whether it comes from where the source says. */
  matches(): Promise<boolean>;
  /** `output`: what the version control itself shows. */
  status(): Promise<{ status: Status; output: string }>;
  /** Makes it, or updates it if that is wished. Returns what the version control said. */
  checkout(options: CheckoutOptions): Promise<string>;
  update(options: CheckoutOptions): Promise<string>;
}

export interface WorkingCopyContext {
  source: Source;
  /** The buildout directory: URLs may be paths that count from it. */
  directory: string;
  log: Log;
}

/** A working copy that could not be made or updated; the message may have several lines. */
export class WorkingCopyError extends Error {}

/** Whether an existing working copy is to be updated. Throws `invalid-source`. */
export function shouldUpdate(source: Source, { update, offline }: CheckoutOptions): boolean {
  if (offline) return false;
  const own = source.keys.get("update")?.toLowerCase();
  if (own === undefined) return update;
  if (["true", "yes"].includes(own)) return true;
  if (["false", "no"].includes(own)) return false;
  throw new BuildoutError(
    "invalid-source",
    `Unknown value for 'update' of source '${source.name}': ${own}`,
    { hint: "It is 'true' or 'false'." },
  );
}

/** The revision that a source names as `rev` or `revision`. Throws `invalid-source`. */
export function revisionOf({ name, keys }: Source): string | undefined {
  if (keys.has("rev") && keys.has("revision")) {
    throw new BuildoutError(
      "invalid-source",
      `The source definition of '${name}' contains duplicate revision options.`,
    );
  }
  return keys.get("rev") ?? keys.get("revision");
}

/**
 * Whether the URL that a working copy has is the expected one. git and hg keep paths absolute; a
 * path in a configuration counts from `directory`.
 */
export function isSameUrl(url: string, expected: string, directory: string): boolean {
  if (url === expected) return true;
  const isPath = isAbsolute(url) && !/^[^/]*:/.test(expected);
  return isPath && resolve(url) === resolve(directory, expected);
}

/** Runs a version control command. Throws `missing-program`; a failure is the caller's to judge. */
export async function runTool(
  command: string,
  args: string[],
  directory: string,
): Promise<ProcessResult> {
  try {
    return await runProcess({ command, args, cwd: directory });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new BuildoutError("missing-program", `Cannot find executable ${command} in PATH`, {
      hint: "Install it, or take the packages that need it out of [sources].",
      cause: error,
    });
  }
}

/** The same, giving what it printed. Throws `WorkingCopyError`: `failure` and what the program said. */
export async function requireTool(
  command: string,
  args: string[],
  directory: string,
  failure: string,
): Promise<string> {
  const { exitCode, stdout, all } = await runTool(command, args, directory);
  if (exitCode === 0) return stdout;
  throw new WorkingCopyError(redact(`${failure}\n${all.trim()}`).trim());
}

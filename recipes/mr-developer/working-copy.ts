import { isAbsolute, resolve } from "node:path";
import { BuildoutError, type Log, type ProcessResult, runProcess } from "../../src/index.ts";
import { redact } from "./redact.ts";
import type { Submodules } from "./settings.ts";
import type { Source } from "./sources.ts";

/** `ahead`: nothing is uncommitted, but not everything is published. */
export type Status = "clean" | "ahead" | "dirty";

export interface CheckoutOptions {
  /** Update existing working copies, unless the source overrides this. */
  update: boolean;
  /** Update dirty working copies, too. */
  force: boolean;
  submodules: Submodules;
  acceptCertificates: boolean;
  offline: boolean;
}

/** The working copy of one package. */
export interface WorkingCopy {
  /** Whether its URL matches the source. */
  matches(): Promise<boolean>;
  /** `output`: the version control's own output. */
  status(): Promise<{ status: Status; output: string }>;
  /** Creates it, or updates it if requested. Returns the version control's output. */
  checkout(options: CheckoutOptions): Promise<string>;
  update(options: CheckoutOptions): Promise<string>;
}

export interface WorkingCopyContext {
  source: Source;
  /** The buildout directory, to which URLs may be relative. */
  directory: string;
  log: Log;
}

/** A working copy that could not be created or updated; the message may have several lines. */
export class WorkingCopyError extends Error {}

/** Whether to update an existing working copy. Throws `invalid-source`. */
export function shouldUpdate(source: Source, { update, offline }: CheckoutOptions): boolean {
  if (offline) return false;
  const own = source.keys.get("update")?.toLowerCase();
  if (own === undefined) return update;
  if (["true", "yes"].includes(own)) return true;
  if (["false", "no"].includes(own)) return false;
  throw new BuildoutError(
    "invalid-source",
    `Unknown value for 'update' of source '${source.name}': ${own}`,
    { hint: "It must be 'true' or 'false'." },
  );
}

/** The revision of a source, from `rev` or `revision`. Throws `invalid-source`. */
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
 * Whether a working copy has the expected URL. git and hg store absolute paths; a path in a configuration
 * is relative to `directory`.
 */
export function isSameUrl(url: string, expected: string, directory: string): boolean {
  if (url === expected) return true;
  const isPath = isAbsolute(url) && !/^[^/]*:/.test(expected);
  return isPath && resolve(url) === resolve(directory, expected);
}

/** Runs a version control command. Throws `missing-program`; the caller handles failures. */
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
      hint: "Install it, or remove the packages that need it from [sources].",
      cause: error,
    });
  }
}

/** The same, returning its output. Throws `WorkingCopyError` with `failure` and the output. */
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

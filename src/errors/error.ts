import type { ErrorCode } from "./codes.ts";

/** A position in a file. Lines count from 1. */
export interface Location {
  file: string;
  line?: number;
}

export interface ErrorDetails {
  /** The file and line to look at. */
  location?: Location;
  /** What to do next, one sentence. */
  hint?: string;
  /** What was in progress, outermost first (zc.buildout's `While:` lines). */
  while?: string[];
  /** Further helpful output, such as the end of a failed program's output. */
  output?: string;
  /** The exit status of the command line; default 1. */
  exitStatus?: number;
  cause?: unknown;
}

/**
 * An error that the user can solve: shown without a stack trace. Anything else that is thrown is a bug of
 * ours and shown as one.
 */
export class BuildoutError extends Error {
  readonly code: ErrorCode;
  readonly location: Location | undefined;
  readonly hint: string | undefined;
  readonly output: string | undefined;
  readonly exitStatus: number | undefined;
  /** Filled from the inside out while the error travels up. */
  readonly while: string[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "BuildoutError";
    this.code = code;
    this.location = details.location;
    this.hint = details.hint;
    this.output = details.output;
    this.exitStatus = details.exitStatus;
    this.while = [...(details.while ?? [])];
  }
}

/** The error with a location, unless it already has one. */
export function located(error: BuildoutError, location: Location | undefined): BuildoutError {
  if (location === undefined || error.location !== undefined) return error;
  const { code, message, hint, output, exitStatus, cause } = error;
  return new BuildoutError(code, message, {
    ...{ location, while: error.while, cause },
    ...(hint !== undefined && { hint }),
    ...(output !== undefined && { output }),
    ...(exitStatus !== undefined && { exitStatus }),
  });
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Node itself rejects these: paths and program arguments cannot contain them. */
const NULL_CHARACTER = /without null bytes\. Received (.*)$/s;

/**
 * Why the operating system refused: a full disk, a missing permission, an impossible path. Not a defect.
 * Undefined for anything else that was thrown.
 */
export function refusal(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error && "code" in thrown)) return undefined;
  if ("syscall" in thrown) return thrown.message;
  const [, received] = NULL_CHARACTER.exec(thrown.message) ?? [];
  if (received === undefined || thrown.code !== "ERR_INVALID_ARG_VALUE") return undefined;
  return `Paths and program arguments cannot contain a null character: ${received}`;
}

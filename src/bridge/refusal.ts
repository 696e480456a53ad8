import type { ErrorCode } from "../errors/codes.ts";
import { BuildoutError, messageOf } from "../errors/error.ts";

/** Errors that the Python side has a class for, by the key in `CLASSES` there. */
export type RefusalKind =
  | "command-timeout"
  | "missing-distribution"
  | "missing-option"
  | "missing-section"
  | "type-error"
  | "version-conflict"
  | "default";

const KINDS: Readonly<Partial<Record<ErrorCode, RefusalKind>>> = {
  "command-timeout": "command-timeout",
  "missing-distribution": "missing-distribution",
  "missing-option": "missing-option",
  "missing-section": "missing-section",
  "package-not-found": "missing-distribution",
  "version-conflict": "version-conflict",
  "version-not-found": "missing-distribution",
};

/** An error of ours in the form that the Python side receives. */
export interface Refusal {
  kind: RefusalKind;
  message: string;
  /** Names the error when it comes back. */
  key: number;
}

export function refusal(error: unknown, key: number): Refusal {
  const known = error instanceof BuildoutError;
  return {
    kind: known ? (KINDS[error.code] ?? "default") : "type-error",
    message: messageOf(error),
    key,
  };
}

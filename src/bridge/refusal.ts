import type { ErrorCode } from "../errors/codes.ts";
import { BuildoutError, messageOf } from "../errors/error.ts";

/** Errors with a class on the Python side, by the key in `CLASSES` there. */
export type RefusalKind =
  | "authentication"
  | "command-timeout"
  | "missing-file"
  | "no-such-host"
  | "not-permitted"
  | "ssh"
  | "transfer-failed"
  | "unreachable"
  | "missing-distribution"
  | "missing-option"
  | "missing-section"
  | "type-error"
  | "version-conflict"
  | "default";

const KINDS: Readonly<Partial<Record<ErrorCode, RefusalKind>>> = {
  "authentication-failed": "authentication",
  "command-timeout": "command-timeout",
  "connection-lost": "ssh",
  "file-missing": "missing-file",
  "handshake-failed": "ssh",
  "host-key-changed": "ssh",
  "host-key-revoked": "ssh",
  "host-key-unknown": "ssh",
  "host-unreachable": "unreachable",
  "remote-failure": "transfer-failed",
  "remote-file-missing": "missing-file",
  "remote-not-readable": "not-permitted",
  "remote-not-writable": "not-permitted",
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
  /** Identifies the error when it comes back. */
  key: number;
}

export function refusal(error: unknown, key: number): Refusal {
  return {
    kind: kindOf(error),
    message: messageOf(error),
    key,
  };
}

function kindOf(error: unknown): RefusalKind {
  if (!(error instanceof BuildoutError)) return "type-error";
  if (error.code === "host-unreachable" && /no such host name/.test(error.message)) {
    return "no-such-host";
  }
  return KINDS[error.code] ?? "default";
}

import type { ErrorCode } from "../errors/codes.ts";

/** Codes for a Python distribution that is unavailable rather than broken. */
export const NOT_THERE: ReadonlySet<ErrorCode> = new Set([
  "package-not-found",
  "offline",
  "index-unreachable",
  "interpreter-missing",
  "no-python",
  "pip-missing",
  "invalid-requirement",
]);

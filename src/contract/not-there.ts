import type { ErrorCode } from "../errors/codes.ts";

/** Codes that say of a Python distribution that it is not to be had, not that it is a bad one. */
export const NOT_THERE: ReadonlySet<ErrorCode> = new Set([
  "package-not-found",
  "offline",
  "index-unreachable",
  "interpreter-missing",
  "no-python",
  "pip-missing",
  "invalid-requirement",
]);

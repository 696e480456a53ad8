import { BuildoutError, refusal } from "../errors/error.ts";

/** An error as data. */
export interface ErrorData {
  /** A code from docs/errors.md, or a recipe's own. */
  code: string;
  message: string;
  file?: string;
  line?: number;
  /** What to do next. */
  hint?: string;
  /** What was in progress, outermost first. */
  while?: string[];
  /** Output of a failed program, or the stack of a defect. */
  output?: string;
}

/** The stack of anything that was thrown, with those of its causes. */
export function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const stack = thrown.stack ?? String(thrown);
  return thrown.cause === undefined ? stack : `${stack}\nCaused by: ${stackOf(thrown.cause)}`;
}

export function errorData(thrown: unknown): ErrorData {
  const refused = refusal(thrown);
  if (refused !== undefined) return { code: "system-error", message: refused };
  if (!(thrown instanceof BuildoutError)) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return { code: "internal-error", message, output: stackOf(thrown) };
  }
  const { code, message, location, hint } = thrown;
  const output = code === "recipe-failed" ? stackOf(thrown.cause) : thrown.output;
  return {
    code,
    message,
    ...(location && { file: location.file }),
    ...(location?.line !== undefined && { line: location.line }),
    ...(hint !== undefined && { hint }),
    ...(thrown.while.length > 0 && { while: thrown.while }),
    ...(output !== undefined && { output }),
  };
}

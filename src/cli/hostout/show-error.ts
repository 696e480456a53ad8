import type { HiddenValues } from "../../buildout/secrets/hidden-values.ts";
import type { ErrorCode } from "../../errors/codes.ts";
import { BuildoutError } from "../../errors/error.ts";
import { useColor } from "../../report/color.ts";
import { formatError } from "../../report/error.ts";
import { directoryIfAny } from "../working-directory.ts";
import type { HostoutOptions } from "./hostout-options.ts";

const WRONG_USAGE = 2;
const USAGE_CODES: ReadonlySet<ErrorCode> = new Set(["usage", "unknown-host", "unknown-command"]);

/** The exit status for an error. */
export function statusOf(error: unknown): number {
  if (!(error instanceof BuildoutError)) return 1;
  return USAGE_CODES.has(error.code) ? WRONG_USAGE : (error.exitStatus ?? 1);
}

/** Shows an error, with `host` if there are several. */
export function showError(
  error: unknown,
  { debug, plain }: Pick<HostoutOptions, "debug" | "plain">,
  hidden: HiddenValues,
  host?: string,
): void {
  const { stderr, env } = process;
  const color = !plain && useColor(stderr, env);
  const text = formatError(error, { debug, color, directory: directoryIfAny() });
  stderr.write(hidden.hide(host === undefined ? text : `[${host}] ${text}`));
}

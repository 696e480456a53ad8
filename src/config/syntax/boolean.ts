import { BuildoutError, type Location } from "../../errors/error.ts";
import { repr } from "../../pythonic/text.ts";

/**
 * An option that is `true` or `false` and nothing else. Throws `invalid-value`; `locate` returns where the
 * option was set.
 */
export function readBoolean(
  options: { get(option: string): string | undefined },
  option: string,
  fallback?: "true" | "false",
  locate?: (option: string) => Location | undefined,
): boolean {
  const value = options.get(option) ?? fallback;
  if (value === "true" || value === "false") return value === "true";
  const location = locate?.(option);
  if (value === undefined) {
    throw new BuildoutError("missing-option", `Missing option: buildout:${option}`);
  }
  throw new BuildoutError(
    "invalid-value",
    `Invalid value for ${repr(option)} option: ${repr(value)}`,
    { ...(location && { location }), hint: "It must be 'true' or 'false'." },
  );
}

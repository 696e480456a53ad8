import { BuildoutError, messageOf } from "../../errors/error.ts";
import { authorityHint } from "../../system/authorities.ts";

/** The error for a download that failed; `hint` is for errors not related to the certificate. */
export function downloadFailed(message: string, cause: unknown, hint?: string): BuildoutError {
  const reason = messageOf(cause);
  const help = authorityHint(`${(cause as { code?: string }).code} ${reason}`) ?? hint;
  return new BuildoutError("download-failed", `${message}: ${reason}`, {
    cause,
    ...(help !== undefined && { hint: help }),
  });
}

import type { ErrorCode, WarningCode } from "../../errors/codes.ts";
import type { BuildoutError, Location } from "../../errors/error.ts";

/** Whether the location is a file in `folder` or below, not a URL or a command-line value. */
export function isBelow(location: Location | undefined, folder: string): boolean {
  return location?.file.startsWith(folder.endsWith("/") ? folder : `${folder}/`) === true;
}

/** A finding of `lint`. An error would make a run fail. */
export interface Finding {
  severity: "error" | "warning";
  code: ErrorCode | WarningCode;
  message: string;
  location: Location | undefined;
  hint: string | undefined;
}

export function errorFinding({ code, message, location, hint }: BuildoutError): Finding {
  return { severity: "error", code, message: message.trim(), location, hint };
}

import type { BuildoutError, Location } from "../../error/index.ts";

/** Something that `lint` has to tell. An error is what would make a run fail. */
export interface Finding {
  severity: "error" | "warning";
  code: string;
  message: string;
  location: Location | undefined;
  hint: string | undefined;
}

export function errorFinding({ code, message, location, hint }: BuildoutError): Finding {
  return { severity: "error", code, message: message.trim(), location, hint };
}

import { BuildoutError, type Location } from "../../errors/error.ts";
import { ExpansionError } from "./expansion.ts";

/** The error for an unusable line of an ssh configuration. */
export function invalid(message: string, location: Location | undefined, hint?: string) {
  return new BuildoutError("ssh-config-invalid", message, {
    ...(location === undefined ? {} : { location }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Runs `expand`, and adds the location to its errors. */
export function expanding<T>(keyword: string, location: Location | undefined, expand: () => T): T {
  try {
    return expand();
  } catch (error) {
    if (!(error instanceof ExpansionError)) throw error;
    throw invalid(`${keyword}: ${error.message}.`, location);
  }
}

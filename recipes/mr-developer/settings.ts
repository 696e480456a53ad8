import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import {
  BuildoutError,
  didYouMean,
  type Log,
  makeDirectory,
  type Section,
  words,
} from "../../src/index.ts";
import type { State } from "./state.ts";

/** When to fetch the submodules of a git repository. */
export type Submodules = "always" | "checkout" | "never";

/** The settings of `[buildout]` for working copies. */
export interface Settings {
  /** Name of the section that lists the packages. */
  sources: string;
  /** Absolute; created if missing. */
  sourcesDirectory: string;
  /** Names of packages; `*` for all. */
  autoCheckout: string[];
  /** Whether every run updates develop packages; `force`: dirty working copies, too. */
  alwaysCheckout: boolean | "force";
  submodules: Submodules;
  acceptCertificates: boolean;
  cloneDepth: string;
  threads: number;
  verbose: boolean;
  offline: boolean;
}

const YES = ["true", "yes", "on"];
const NO = ["false", "no", "off"];

/** Reads the options. Throws `invalid-value` with the location of the option. */
export function readSettings(
  options: Section,
  directory: string,
  state: State,
  log: Log,
): Settings {
  const invalid = (option: string, message: string, allowed: readonly string[]) => {
    const location = options.location(option);
    return new BuildoutError("invalid-value", message, {
      ...(location && { location }),
      hint: didYouMean(options.get(option) ?? "", allowed) ?? `Use one of ${allowed.join(", ")}.`,
    });
  };
  const unknown = (option: string, allowed: readonly string[]) =>
    invalid(option, `Unknown value '${options.get(option)}' for ${option} option.`, allowed);
  const flag = (option: string) => {
    const value = options.get(option)?.toLowerCase();
    if (value === undefined || NO.includes(value)) return false;
    if (YES.includes(value)) return true;
    throw unknown(option, [...YES, ...NO]);
  };
  const number = (option: string) => {
    const value = options.get(option) ?? "";
    if (value === "" || /^\s*[1-9]\d*\s*$/.test(value)) return value.trim();
    const location = options.location(option);
    throw new BuildoutError("invalid-value", `${option} needs to be a number.`, {
      ...(location && { location }),
    });
  };
  const always = options.get("always-checkout")?.toLowerCase();
  const submodules = options.get("update-git-submodules") ?? "always";
  if (!["always", "checkout", "never"].includes(submodules)) {
    throw unknown("update-git-submodules", ["always", "checkout", "never"]);
  }
  if (always !== undefined && ![...YES, ...NO, "force"].includes(always)) {
    throw unknown("always-checkout", [...YES, ...NO, "force"]);
  }
  const folder = options.get("sources-dir") ?? "src";
  const sourcesDirectory = isAbsolute(folder) ? folder : join(directory, folder);
  if (existsSync(directory) && !existsSync(sourcesDirectory)) {
    log.info(`Creating missing sources dir ${sourcesDirectory}.`);
    makeDirectory(sourcesDirectory);
  }
  return {
    sources: options.get("sources") ?? "sources",
    sourcesDirectory,
    autoCheckout: words(options.get("auto-checkout") ?? ""),
    alwaysCheckout: always === "force" ? "force" : YES.includes(always ?? ""),
    submodules: submodules as Submodules,
    acceptCertificates: flag("always-accept-server-certificate"),
    cloneDepth: number("git-clone-depth"),
    threads: Number(number("mr.developer-threads") || state.threads),
    verbose: options.get("mr.developer-verbose")?.toLowerCase() === "true",
    offline: options.get("offline")?.toLowerCase() === "true",
  };
}

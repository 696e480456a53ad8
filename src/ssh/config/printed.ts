import type { Location } from "../../errors/error.ts";
import { SECOND_READING } from "./effective.ts";
import type { Keyword } from "./keywords.ts";
import type { Setting, Settings } from "./settings.ts";

/** One effective setting of a host. */
export interface PrintedSetting {
  keyword: Keyword;
  /** As printed by `ssh -G`; lists of algorithms, yes and no as written. */
  value: string;
  location: Location;
}

/** Keywords that `ssh -G` prints expanded; it leaves tokens and `~` of the others alone. */
const EXPANDED = new Set(["ForwardAgent", "IdentityAgent", "UserKnownHostsFile"]);

/** Keywords printed with one line per value. */
const SEPARATE = new Set(["CertificateFile", "IdentityFile", "SetEnv"]);

/**
 * The effective settings of a host, in reading order. `expand` expands a value.
 *
 * @throws errors of `expand`
 */
export function printedSettings(
  settings: Settings,
  hostName: string,
  expand: (text: string, setting: Setting) => string,
): PrintedSetting[] {
  return settings
    .all()
    .filter(({ location }) => location !== SECOND_READING)
    .flatMap((setting) => {
      const { keyword, location } = setting;
      return texts(setting, hostName, expand).map((value) => ({ keyword, value, location }));
    });
}

function texts(
  setting: Setting,
  hostName: string,
  expand: (text: string, setting: Setting) => string,
): string[] {
  const { keyword, values } = setting;
  const [first = ""] = values;
  if (keyword.name === "HostName") return [hostName];
  if (keyword.name === "HostKeyAlias") return [first.toLowerCase()];
  if (keyword.name === "ForwardAgent" && /^(yes|true)$/i.test(first)) return ["yes"];
  if (keyword.name === "ForwardAgent" && /^(no|false)$/i.test(first)) return ["no"];
  if (SEPARATE.has(keyword.name)) return values;
  const shown = EXPANDED.has(keyword.name) ? values.map((text) => expand(text, setting)) : values;
  return [shown.join(" ")];
}

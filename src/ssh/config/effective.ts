import { isIP } from "node:net";
import type { Location } from "../../errors/error.ts";
import { canonicalName, type Lookup } from "./canonical.ts";
import type { LocalFacts, Subject } from "./criteria.ts";
import { expandTokens } from "./expansion.ts";
import { expanding, invalid } from "./invalid.ts";
import { jumpsOf, parseJump } from "./jump.ts";
import { keywordNamed } from "./keywords.ts";
import { type ConfigFile, readConfig } from "./reading.ts";
import { type Setting, Settings } from "./settings.ts";

export interface ConfigQuestion {
  /** As written by the user. */
  host: string;
  /** Values that override the configuration. */
  user?: string | undefined;
  port?: number | undefined;
  options?: readonly (readonly [keyword: string, value: string])[];
  /** Defaults for the configuration. */
  defaults?: readonly (readonly [keyword: string, value: string])[];
  /** The user's own first. */
  files: readonly ConfigFile[];
  local: LocalFacts;
  /** Whether a shell command ends with status 0. */
  succeeds(command: string): Promise<boolean | undefined>;
  lookup: Lookup;
}

export interface EffectiveConfig {
  /** The name or address to connect to. */
  hostName: string;
  settings: Settings;
}

/** The location of values from the hostout part or a fabfile. */
export const GIVEN: Location = { file: "(hostout part or fabfile)" };
/** The location of values that ssh itself sets for its second pass. */
export const SECOND_READING: Location = { file: "(second reading)" };

/** ssh decides these before the second pass; lines that only apply then come too late. */
const DECIDED = {
  CanonicalizeHostname: "no",
  CanonicalizeFallbackLocal: "yes",
  CanonicalizeMaxDots: "1",
};

/**
 * The settings of a host in an OpenSSH client configuration, as read by ssh(1) (ssh_config(5)).
 *
 * @throws BuildoutError `ssh-config-invalid` for what cannot be read or expanded, and for unsupported settings
 */
export async function effectiveConfig(question: ConfigQuestion): Promise<EffectiveConfig> {
  const settings = new Settings();
  const given = [
    ["User", question.user],
    ["Port", question.port],
    ...(question.options ?? []),
  ] as const;
  for (const [name, value] of given) {
    if (value === undefined) continue;
    settings.add({ keyword: keywordNamed(name)!, values: [String(value)], location: GIVEN });
  }
  const { host, local, succeeds, files } = question;
  let wantsFinal = false;
  const subject: Subject = {
    ...{ name: host, original: host, settings, local, final: false, succeeds },
    wantsFinal: () => {
      wantsFinal = true;
    },
  };
  for (const file of files) await readConfig(file, subject);

  const written = settings.setting("HostName");
  const named =
    written === undefined
      ? host
      : expanding("HostName", written.location, () =>
          expandTokens(written.values[0]!, { h: host }),
        );
  let name = isIP(named) === 0 ? named.toLowerCase() : named;
  name = await canonicalName(name, settings, question.lookup);
  if (wantsFinal || (settings.one("CanonicalizeHostname") ?? "no") !== "no") {
    for (const [keyword, value] of Object.entries(DECIDED)) {
      const location = SECOND_READING;
      settings.add({ keyword: keywordNamed(keyword)!, values: [value], location });
    }
    const last = { ...subject, name, final: true, wantsFinal: () => {} };
    settings.replace({
      keyword: keywordNamed("HostName")!,
      // Do not expand tokens in an expanded name again.
      values: [name.replaceAll("%", "%%")],
      location: written?.location ?? SECOND_READING,
    });
    for (const file of files) await readConfig(file, last);
  }
  for (const [keyword, value] of question.defaults ?? []) {
    if (keyword === "ProxyCommand" && settings.setting("ProxyJump") !== undefined) continue;
    settings.add({ keyword: keywordNamed(keyword)!, values: [value], location: GIVEN });
  }
  refuseCircle(name, settings, local);
  if (settings.one("ConnectionAttempts") === "0") {
    throw invalid(
      "ConnectionAttempts must be at least 1.",
      settings.setting("ConnectionAttempts")?.location,
    );
  }
  return { hostName: name, settings };
}

/** A host cannot be reached through itself. */
function refuseCircle(name: string, settings: Settings, local: LocalFacts): void {
  const jump = settings.setting("ProxyJump");
  const last = jumpsOf(jump?.values[0] ?? "none").at(-1);
  if (last === undefined) return;
  const port = Number(settings.one("Port") ?? 22);
  const user = settings.one("User") ?? local.user;
  const via = parseJump(last);
  if (via.host === name && (via.port ?? 22) === port && (via.user ?? user) === user) {
    throw invalid(`ProxyJump of ${name} is circular: through itself.`, jump?.location);
  }
}

/**
 * Refuses settings that would be ignored.
 *
 * @throws BuildoutError `ssh-config-invalid`
 */
export function refuseUndoable(settings: Settings): void {
  const stop = settings.setting("RefuseConnection");
  if (stop !== undefined) {
    throw invalid(
      `The configuration refuses the connection: ${stop.values.join(" ")}`,
      stop.location,
    );
  }
  const isRefused = ({ keyword, values }: Setting) =>
    keyword.verdict === "refused" && !keyword.accepts?.includes(values.join(" ").toLowerCase());
  for (const { keyword, location } of settings.all().filter(isRefused)) {
    if (
      keyword.name === "LocalCommand" &&
      !/^(yes|true)$/i.test(settings.one("PermitLocalCommand") ?? "")
    ) {
      continue;
    }
    throw invalid(
      `${keyword.name} is not supported: ${keyword.note}.`,
      location,
      "Remove it for this host, or set 'ssh-config' to a file without it.",
    );
  }
}

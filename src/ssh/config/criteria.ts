import { createHash } from "node:crypto";
import { BlockList, isIPv4 } from "node:net";
import type { Location } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { expandTokens, type Tokens } from "./expansion.ts";
import { expanding, invalid } from "./invalid.ts";
import { matchesHostList, matchesPatternList } from "./pattern.ts";
import type { Settings } from "./settings.ts";
import { firstWord } from "./words.ts";

/** Facts about this machine and user that a configuration can use. */
export interface LocalFacts {
  home: string;
  user: string;
  uid: number;
  /** As hostname(1) prints it. */
  hostname: string;
  /** Of the network interfaces. */
  addresses: string[];
  env: Readonly<Record<string, string | undefined>>;
}

/** The subject of the lines read so far. */
export interface Subject {
  /** The host's name in this pass: as written, then as changed by HostName and so on. */
  name: string;
  /** As written by the user. */
  original: string;
  settings: Settings;
  local: LocalFacts;
  /** Whether this is the second pass, after the name is final. */
  final: boolean;
  /** Whether a shell command of `Match exec` ends with status 0; undefined if it does not end itself. */
  succeeds(command: string): Promise<boolean | undefined>;
  /** A `Match final` requires the second pass. */
  wantsFinal(): void;
}

const CRITERIA = [
  ...["all", "canonical", "final", "exec", "host", "originalhost", "user", "localuser"],
  ...["localnetwork", "tagged", "sessiontype", "version", "command"],
];

/** Whether the line `Match text` applies to the host (ssh_config(5), Match). */
export async function matchHolds(text: string, subject: Subject, at: Location): Promise<boolean> {
  let rest: string | undefined = text;
  let matches = true;
  let count = 0;
  const next = (what: string): string => {
    const cut = rest === undefined || rest === "" ? undefined : firstWord(rest);
    if (cut === undefined) throw invalid(`Match: ${what}.`, at);
    rest = cut.rest;
    return cut.word;
  };
  while (rest !== undefined && rest !== "" && !rest.startsWith("#")) {
    const written = next("quotes are not closed");
    if (written === "") continue;
    const negated = written.startsWith("!");
    const name = written.slice(negated ? 1 : 0).toLowerCase();
    if (name === "all") {
      // After another criterion such as 'canonical' or 'final', ssh accepts it.
      if (count > 1 || (rest !== undefined && /^[^#\s]/.test(rest))) {
        throw invalid("Match: 'all' cannot be combined with other criteria.", at);
      }
      return matches && !negated;
    }
    count++;
    if (name === "canonical" || name === "final") {
      if (name === "final") subject.wantsFinal();
      if (subject.final === negated) matches = false;
      continue;
    }
    if (!CRITERIA.includes(name)) {
      throw invalid(`Match: there is no criterion '${name}'.`, at, didYouMean(name, CRITERIA));
    }
    const argument = next(`'${name}' needs an argument`);
    // Newer versions of ssh treat an empty tag as none.
    if ((argument === "" && name !== "tagged") || argument.startsWith("#")) {
      throw invalid(`Match: '${name}' needs an argument.`, at);
    }
    // A command only runs if everything before it applies.
    if (name === "exec" && !matches) continue;
    if ((await holds(name, argument, subject, at)) === negated) matches = false;
  }
  if (count === 0) throw invalid("Match: a criterion is missing.", at);
  return matches;
}

async function holds(
  name: string,
  argument: string,
  subject: Subject,
  at: Location,
): Promise<boolean> {
  const { settings, local, original } = subject;
  switch (name) {
    case "host":
      return matchesHostList(argument, hostNow(subject, at));
    case "originalhost":
      return matchesHostList(argument, original);
    case "user":
      return matchesPatternList(argument, settings.one("User") ?? local.user);
    case "localuser":
      return matchesPatternList(argument, local.user);
    case "tagged":
      return matchesPatternList(argument, settings.one("Tag") ?? "");
    case "sessiontype":
      return matchesPatternList(argument, "exec");
    case "localnetwork":
      return isOnNetwork(argument, local.addresses, at);
    case "exec": {
      const command = expanding("Match exec", at, () =>
        expandTokens(argument, tokensNow(subject, at)),
      );
      const succeeds = await subject.succeeds(command);
      if (succeeds === undefined) {
        throw invalid(`Match exec: '${command}' could not be run, or was ended by a signal.`, at);
      }
      return succeeds;
    }
    default:
      throw invalid(
        `Match ${name} cannot be evaluated: it is about a run of the program ssh.`,
        at,
        "Put the lines for hostout in a separate file and set 'ssh-config' to it.",
      );
  }
}

/** The name to connect to, from the lines read so far. */
function hostNow({ name, settings }: Subject, at: Location): string {
  const hostName = settings.one("HostName");
  if (hostName === undefined) return name;
  return expanding("HostName", at, () => expandTokens(hostName, { h: name }));
}

function tokensNow(subject: Subject, at: Location): Tokens {
  const { settings, local, original } = subject;
  const host = hostNow(subject, at);
  return {
    ...{ h: host, n: original, r: settings.one("User") ?? local.user },
    p: settings.one("Port") ?? "22",
    k: settings.one("HostKeyAlias") ?? host,
    ...localTokens(local),
    ...connectionHash(
      local,
      host,
      settings.one("Port") ?? "22",
      settings.one("User") ?? local.user,
    ),
  };
}

/** The tokens about this machine. */
export function localTokens(local: LocalFacts): Tokens {
  return {
    ...{ d: local.home, u: local.user, i: String(local.uid) },
    ...{ l: local.hostname, L: local.hostname.split(".")[0]! },
  };
}

/** `%C`: a name for a connection. `jump` is the last host of ProxyJump without user and port, `%j`. */
export function connectionHash(
  local: LocalFacts,
  host: string,
  port: string,
  user: string,
  jump = "",
): Tokens {
  const text = [local.hostname, host, port, user, jump].join("");
  return { j: jump, C: createHash("sha1").update(text).digest("hex") };
}

function isOnNetwork(list: string, addresses: string[], at: Location): boolean {
  const networks = new BlockList();
  for (const network of list.split(",")) {
    const [address = "", bits] = network.split("/");
    const kind = isIPv4(address) ? "ipv4" : "ipv6";
    try {
      networks.addSubnet(
        address,
        bits === undefined ? (kind === "ipv4" ? 32 : 128) : Number(bits),
        kind,
      );
    } catch {
      throw invalid(`Match localnetwork: '${network}' is not a network.`, at);
    }
  }
  return addresses.some((address) => networks.check(address, isIPv4(address) ? "ipv4" : "ipv6"));
}

/** Resolves a host name to a target to connect to. Over 300 lines: it follows ssh step by step. */
import { lookup, resolveCname } from "node:dns/promises";
import { existsSync } from "node:fs";
import { homedir, hostname, networkInterfaces, userInfo } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { BuildoutError } from "../errors/error.ts";
import { connectionHash, type LocalFacts, localTokens } from "./config/criteria.ts";
import { effectiveConfig, refuseUndoable } from "./config/effective.ts";
import { expandAll, expandTilde, expandTokens, type Tokens } from "./config/expansion.ts";
import { expanding, invalid } from "./config/invalid.ts";
import { jumpsOf, parseJump } from "./config/jump.ts";
import { printedSettings } from "./config/printed.ts";
import type { Settings } from "./config/settings.ts";
import { runShell } from "./config/shell.ts";
import { argumentsOf } from "./config/words.ts";
import { knownHostName } from "./known-hosts/known-hosts.ts";
import {
  type AlgorithmSpecs,
  type HostTarget,
  type Identity,
  type ResolvedTarget,
  USUAL_KEYS,
} from "./target.ts";

type Env = Readonly<Record<string, string | undefined>>;

const SYSTEM_CONFIG = "/etc/ssh/ssh_config";
/** Seconds. */
const CONNECT_TIMEOUT = 10;
const HANDSHAKE_TIMEOUT = 20;
const ALIVE_INTERVAL = 15;
const METHODS = ["publickey", "keyboard-interactive", "password"];
const SYSTEM_KNOWN_HOSTS = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

/**
 * What a connection to `target` will use: the target's own values, then ssh's configuration files, then
 * ssh's defaults. Uses the network only for CanonicalizeHostname. `signal` ends commands of `Match exec`.
 *
 * @throws BuildoutError `ssh-config-invalid`, `port-invalid`, `interrupted`
 */
export async function resolveTarget(
  target: HostTarget,
  env: Env,
  signal?: AbortSignal,
): Promise<ResolvedTarget> {
  const { port } = target;
  if (port !== undefined && (!Number.isInteger(port) || port < 1 || port > 65_535)) {
    throw new BuildoutError("port-invalid", `Not a port: ${port}`);
  }
  const local = localFacts(env);
  const { hostName, settings } = await effectiveConfig({
    ...{ host: target.host, user: target.user, port, local, lookup: fullName },
    options: target.sshOptions ?? [],
    defaults: target.sshDefaults ?? [],
    files: configFiles(target, local.home, env),
    succeeds: (command) => runShell(command, env, signal),
  });
  refuseUndoable(settings);
  const one = (name: string) => settings.one(name);
  const isYes = (name: string, fallback: boolean) =>
    (one(name) ?? (fallback ? "yes" : "no")) === "yes";
  const number = (name: string, fallback: number) => Number(one(name) ?? fallback);

  const destination = {
    ...{ host: target.host, hostName, port: number("Port", 22) },
    user: one("User") ?? local.user,
  };
  const values = new Values(settings, env, local, tokensOf(destination, settings, local));
  const jump = one("ProxyJump");
  const command = one("ProxyCommand");
  const isBatch = isYes("BatchMode", false);
  return {
    ...destination,
    family: ({ inet: 4, inet6: 6 } as const)[one("AddressFamily") ?? ""] ?? 0,
    bindAddress: one("BindAddress") ?? addressOf(settings),
    jumps: jump === undefined ? [] : jumpsOf(values.proxy("ProxyJump", jump)),
    proxyCommand:
      command === undefined || command.toLowerCase() === "none"
        ? undefined
        : values.proxy("ProxyCommand", command),
    connectTimeout: target.connectTimeout ?? connectTimeout(one("ConnectTimeout")),
    handshakeTimeout: target.connectTimeout || Number(one("ConnectTimeout")) || HANDSHAKE_TIMEOUT,
    connectionAttempts: Math.max(1, number("ConnectionAttempts", 1)),
    tcpKeepAlive: isYes("TCPKeepAlive", true),
    alive: {
      seconds: aliveInterval(one("ServerAliveInterval")),
      count: number("ServerAliveCountMax", 3),
    },
    compression: isYes("Compression", false),
    algorithms: algorithmSpecs(settings),
    legacyAlgorithms: target.legacyAlgorithms ?? false,
    requiredRsaSize: number("RequiredRSASize", 1024),
    environment: environment(settings),
    ...hostKeys(target, settings, values, destination),
    ...logins(target, settings, values, env),
    passwordPrompts: number("NumberOfPasswordPrompts", 3),
    password: target.password,
    askPassword: (target.askPassword ?? true) && !isBatch,
    batch: isBatch,
    settings: settings.all(),
    printed: printedSettings(settings, hostName, (text, { keyword }) =>
      values.expanded(keyword.name, text),
    ),
  };
}

/** Expands the values of settings, and adds their location to errors. */
class Values {
  readonly #settings: Settings;
  readonly #env: Env;
  readonly #local: LocalFacts;
  readonly known: Tokens;

  constructor(settings: Settings, env: Env, local: LocalFacts, tokens: Tokens) {
    this.#settings = settings;
    this.#env = env;
    this.#local = local;
    this.known = tokens;
  }

  /** For ProxyCommand or ProxyJump, which support only a few tokens. */
  proxy(keyword: string, text: string): string {
    const { h = "", k = "", n = "", p = "", r = "" } = this.known;
    return expanding(keyword, this.#settings.setting(keyword)?.location, () =>
      expandTokens(text, { h, k, n, p, r }),
    );
  }

  /** With `~`, variables and tokens expanded. */
  expanded(keyword: string, text: string): string {
    return expanding(keyword, this.#settings.setting(keyword)?.location, () =>
      expandAll(expandTilde(text, this.#local.home), this.known, this.#env),
    );
  }

  /** An absolute path. */
  path(keyword: string, text: string): string {
    const filled = this.expanded(keyword, text);
    return isAbsolute(filled) ? filled : resolve(filled);
  }

  /** The paths of a keyword, without `none`. */
  paths(keyword: string, fallback: string[]): string[] {
    return (this.#settings.many(keyword) ?? fallback)
      .filter((path) => path.toLowerCase() !== "none")
      .map((path) => this.path(keyword, path));
  }

  /** `none`, a variable or a path. */
  socket(keyword: string, text: string | undefined): string | undefined {
    if (text === undefined || text === "" || text.toLowerCase() === "none") return undefined;
    if (text === "SSH_AUTH_SOCK") return this.#env.SSH_AUTH_SOCK || undefined;
    if (/^\$\w+$/.test(text)) return this.#env[text.slice(1)] || undefined;
    return this.path(keyword, text);
  }
}

function localFacts(env: Env): LocalFacts {
  const { username, uid } = userInfo();
  return {
    home: env.HOME ?? homedir(),
    user: env.USER ?? env.LOGNAME ?? username,
    ...{ uid, hostname: hostname(), env },
    addresses: Object.values(networkInterfaces()).flatMap((found) =>
      (found ?? []).map(({ address }) => address),
    ),
  };
}

function configFiles(target: HostTarget, home: string, env: Env) {
  const own = join(home, ".ssh");
  const named = env.HOSTOUT_SSH_CONFIG || undefined;
  const { sshConfigFile: given = named, systemConfigFile: system = SYSTEM_CONFIG } = target;
  if (given !== undefined && given === named && !existsSync(given)) {
    const message = `HOSTOUT_SSH_CONFIG names ${given}, which does not exist.`;
    throw new BuildoutError("ssh-config-invalid", message);
  }
  if (given !== undefined) return [{ path: given, includesFrom: own, ownersOnly: false }];
  return [
    { path: join(own, "config"), includesFrom: own, ownersOnly: true },
    { path: system, includesFrom: dirname(system), ownersOnly: false, isSystem: true as const },
  ];
}

function tokensOf(
  { host, hostName, port, user }: { host: string; hostName: string; port: number; user: string },
  settings: Settings,
  local: LocalFacts,
): Tokens {
  const jump = jumpsOf(settings.one("ProxyJump") ?? "none").at(-1);
  return {
    ...{ h: hostName, n: host, p: String(port), r: user },
    k: settings.one("HostKeyAlias")?.toLowerCase() ?? host,
    ...localTokens(local),
    ...connectionHash(local, hostName, String(port), user, jump && parseJump(jump).host),
  };
}

/** The canonical name after all aliases; undefined if the host is unknown. */
async function fullName(name: string): Promise<string | undefined> {
  try {
    await lookup(name);
  } catch {
    return undefined;
  }
  let target = name.replace(/\.$/, "");
  // A limit for chains of aliases.
  for (let step = 0; step < 8; step++) {
    const [next] = await resolveCname(target).catch(() => []);
    if (next === undefined) break;
    target = next;
  }
  return target;
}

function connectTimeout(value: string | undefined): number | undefined {
  if (value === "none") return undefined;
  return value === undefined ? CONNECT_TIMEOUT : Number(value) || undefined;
}

/** 0 in the configuration means "never", as in ssh. */
function aliveInterval(value: string | undefined): number {
  return value === undefined || value === "none" ? ALIVE_INTERVAL : Number(value);
}

/** The address of the interface in BindInterface. */
function addressOf(settings: Settings): string | undefined {
  const setting = settings.setting("BindInterface");
  if (setting === undefined) return undefined;
  const family = settings.one("AddressFamily");
  const found = networkInterfaces()[setting.values[0]!]?.find(
    (one) =>
      !one.address.startsWith("fe80:") &&
      (family === undefined || family === "any" || (family === "inet") === (one.family === "IPv4")),
  );
  if (found === undefined) {
    throw invalid(
      `This machine has no address on interface '${setting.values[0]}'.`,
      setting.location,
    );
  }
  return found.address;
}

function algorithmSpecs(settings: Settings): AlgorithmSpecs {
  const keywords = {
    kex: "KexAlgorithms",
    ciphers: "Ciphers",
    macs: "MACs",
    hostKeys: "HostKeyAlgorithms",
    userKeys: "PubkeyAcceptedAlgorithms",
    authorities: "CASignatureAlgorithms",
  };
  const found = Object.entries(keywords).map(([name, keyword]) => [
    name,
    settings.setting(keyword),
  ]);
  return Object.fromEntries(found.filter(([, setting]) => setting !== undefined));
}

function environment(settings: Settings): Record<string, string> {
  const pairs = settings.many("SetEnv") ?? [];
  return Object.fromEntries(pairs.map((pair) => /^([^=]*)=(.*)$/s.exec(pair)!.slice(1)));
}

function hostKeys(
  target: HostTarget,
  settings: Settings,
  values: Values,
  { hostName, port }: { hostName: string; port: number },
) {
  const own = ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"];
  const user =
    target.knownHostsFile === undefined
      ? values.paths("UserKnownHostsFile", own)
      : [values.path("known-hosts", target.knownHostsFile)];
  const command = settings.setting("KnownHostsCommand");
  const revoked = settings.one("RevokedHostKeys");
  const hash = settings.one("HashKnownHosts");
  const policies = { yes: "refuse", no: "accept", "accept-new": "accept", ask: "ask" } as const;
  const strict = settings.one("StrictHostKeyChecking") as keyof typeof policies | undefined;
  const words = command === undefined ? [] : argumentsOf(command.values[0]!);
  if (words === undefined)
    throw invalid("KnownHostsCommand: quotes are not closed.", command?.location);
  const alias = settings.one("HostKeyAlias")?.toLowerCase();
  return {
    hostKeyName: alias ?? knownHostName(hostName, port),
    portlessName: alias === undefined && port !== 22 ? hostName : undefined,
    knownHostsFiles: [...user, ...globalFiles(settings)],
    knownHostsCommand:
      command === undefined || words.length === 0 || /^none$/i.test(words[0]!)
        ? undefined
        : { words, tokens: values.known, location: command.location },
    newKeysFile: user[0],
    hashNames: hash === undefined ? undefined : hash === "yes",
    unknownHostKeys: target.acceptNew === true ? ("accept" as const) : policies[strict ?? "ask"],
    revokedKeysFile:
      revoked === undefined || revoked.toLowerCase() === "none"
        ? undefined
        : values.path("RevokedHostKeys", revoked),
    trustLoopback:
      alias === undefined && settings.one("NoHostAuthenticationForLocalhost") === "yes",
  };
}

/** Names of the system's files are not expanded. */
function globalFiles(settings: Settings): string[] {
  const files = settings.many("GlobalKnownHostsFile") ?? SYSTEM_KNOWN_HOSTS;
  return files.filter((file) => file.toLowerCase() !== "none");
}

function logins(target: HostTarget, settings: Settings, values: Values, env: Env) {
  const identities: Identity[] =
    target.identityFile !== undefined
      ? [{ path: privatePath(values.path("identity-file", target.identityFile)), required: true }]
      : values
          .paths(
            "IdentityFile",
            USUAL_KEYS.map((name) => `~/.ssh/${name}`),
          )
          .map((path) => ({ path: privatePath(path), required: false }));
  const more = (target.moreIdentities ?? []).map((path) => values.path("identity-file", path));
  identities.unshift(...more.map((path) => ({ path: privatePath(path), required: false })));
  const agent = values.socket("IdentityAgent", settings.one("IdentityAgent") ?? env.SSH_AUTH_SOCK);
  const forward = settings.one("ForwardAgent") ?? "no";
  const isOff = (keyword: string) => settings.one(keyword) === "no";
  const off = [
    ...(isOff("PubkeyAuthentication") ? ["publickey"] : []),
    ...(isOff("PasswordAuthentication") ? ["password"] : []),
    ...(isOff("KbdInteractiveAuthentication") ? ["keyboard-interactive"] : []),
  ];
  const preferred = settings.one("PreferredAuthentications")?.split(",") ?? METHODS;
  return {
    identities,
    certificates: values.paths("CertificateFile", []),
    identitiesOnly: settings.one("IdentitiesOnly") === "yes",
    agent,
    forwardedAgent: /^(yes|true)$/i.test(forward)
      ? env.SSH_AUTH_SOCK || undefined
      : /^(no|false)$/i.test(forward)
        ? undefined
        : values.socket("ForwardAgent", forward),
    methods: preferred.filter((method) => METHODS.includes(method) && !off.includes(method)),
  };
}

function privatePath(path: string): string {
  return path.endsWith(".pub") ? path.slice(0, -4) : path;
}

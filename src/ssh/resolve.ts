import { homedir, userInfo } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { BuildoutError } from "../errors/error.ts";
import { knownHostName } from "./known-hosts.ts";
import { readSshConfig } from "./ssh-config.ts";
import type { HostTarget, Identity, ResolvedTarget, UnknownHostKeys } from "./target.ts";

const DEFAULT_CONNECT_TIMEOUT = 10;
/** The keys that ssh tries by itself and that ssh2 can read (ssh_config(5), IdentityFile). */
const DEFAULT_IDENTITIES = ["id_ed25519", "id_ecdsa", "id_rsa"];
const GLOBAL_KNOWN_HOSTS = "/etc/ssh/ssh_known_hosts";

/**
 * What a connection to `target` will use: the target's own values, then ~/.ssh/config, then ssh's
 * defaults. Touches no network.
 *
 * @throws BuildoutError `ssh-config-invalid`, `port-invalid`
 */
export async function resolveTarget(
  target: HostTarget,
  env: Record<string, string | undefined>,
): Promise<ResolvedTarget> {
  const home = env.HOME ?? homedir();
  const localUser = env.USER ?? env.LOGNAME ?? userInfo().username;
  const config = await readSshConfig(
    target.sshConfigFile ?? join(home, ".ssh", "config"),
    target.host,
    target.user,
    home,
  );
  const one = (name: string): string | undefined => [config[name] ?? []].flat()[0];
  const many = (name: string): string[] => [config[name] ?? []].flat();

  const port = target.port ?? Number(one("port") ?? 22);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new BuildoutError("port-invalid", `Not a port: ${target.port ?? one("port")}`);
  }
  const user = target.user ?? one("user") ?? localUser;
  const hostName = (one("hostname") ?? target.host).replaceAll(/%[%h]/g, (token) =>
    token === "%h" ? target.host : "%",
  );
  const tokens: Record<string, string> = {
    "%": "%",
    d: home,
    h: hostName,
    n: target.host,
    p: String(port),
    r: user,
    u: localUser,
  };
  const path = (text: string): string => {
    const filled = text.replaceAll(/%(.)/g, (token, name: string) => tokens[name] ?? token);
    const expanded = filled.replace(/^~(?=\/|$)/, home);
    return isAbsolute(expanded) ? expanded : resolve(expanded);
  };

  const configured = many("identityfile").filter((file) => file.toLowerCase() !== "none");
  const identities: Identity[] =
    target.identityFile !== undefined
      ? [{ path: privateKeyPath(path(target.identityFile)), required: true }]
      : config.identityfile !== undefined
        ? configured.map((file) => ({ path: privateKeyPath(path(file)), required: false }))
        : DEFAULT_IDENTITIES.map((name) => ({ path: join(home, ".ssh", name), required: false }));

  const agent = one("identityagent") ?? env.SSH_AUTH_SOCK;
  const jump = one("proxyjump");
  const knownHosts =
    target.knownHostsFile !== undefined ? [target.knownHostsFile] : many("userknownhostsfile");
  const userKnownHosts = (knownHosts.length > 0 ? knownHosts : [join(home, ".ssh", "known_hosts")])
    .filter((file) => file.toLowerCase() !== "none")
    .map(path);
  return {
    host: target.host,
    hostName,
    port,
    user,
    hostKeyName: one("hostkeyalias") ?? knownHostName(hostName, port),
    identities,
    identitiesOnly: one("identitiesonly")?.toLowerCase() === "yes",
    agent: agentSocket(agent, env, path),
    password: target.password,
    askPassword: target.askPassword ?? true,
    jumps:
      jump === undefined || jump.toLowerCase() === "none"
        ? []
        : many("proxyjump")
            .join(",")
            .split(/[\s,]+/)
            .filter(Boolean),
    knownHostsFiles: [...userKnownHosts, GLOBAL_KNOWN_HOSTS],
    newKeysFile: userKnownHosts[0],
    unknownHostKeys: unknownHostKeys(target.acceptNew, one("stricthostkeychecking")),
    connectTimeout:
      target.connectTimeout ?? (Number(one("connecttimeout")) || DEFAULT_CONNECT_TIMEOUT),
  };
}

function privateKeyPath(path: string): string {
  return path.endsWith(".pub") ? path.slice(0, -4) : path;
}

function agentSocket(
  value: string | undefined,
  env: Record<string, string | undefined>,
  path: (text: string) => string,
): string | undefined {
  if (value === undefined || value === "" || value.toLowerCase() === "none") return undefined;
  if (value === "SSH_AUTH_SOCK") return env.SSH_AUTH_SOCK;
  if (value.startsWith("$")) return env[value.slice(1)];
  return path(value);
}

/** `no` is read as accept-new: a changed key is refused whatever the configuration says. */
function unknownHostKeys(acceptNew: boolean | undefined, strict: string | undefined) {
  if (acceptNew === true) return "accept";
  const policies: Record<string, UnknownHostKeys> = {
    yes: "refuse",
    no: "accept",
    off: "accept",
    "accept-new": "accept",
  };
  return policies[strict?.toLowerCase() ?? "ask"] ?? "ask";
}

/** `[user@]host[:port]` or `ssh://[user@]host[:port]`, as ProxyJump has it (ssh(1), -J). */
export function parseJump(text: string): { host: string; user?: string; port?: number } {
  const match = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:]+|[^:]*:[^:]*:.*?))(?::(\d+))?$/.exec(
    text,
  );
  const host = match?.[2] ?? match?.[3];
  if (host === undefined) {
    throw new BuildoutError("ssh-config-invalid", `Not a host to jump through: ${text}`, {
      hint: "ProxyJump takes [user@]host[:port], separated by commas.",
    });
  }
  return {
    host,
    ...(match?.[1] === undefined ? {} : { user: match[1] }),
    ...(match?.[4] === undefined ? {} : { port: Number(match[4]) }),
  };
}

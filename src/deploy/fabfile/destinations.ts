/** Hosts that a fabfile names itself, besides the one its command runs on. */
import { BuildoutError } from "../../errors/error.ts";
import type { HostTarget } from "../../ssh/target.ts";
import type { Way } from "../host/logins.ts";
import type { HostSession } from "../host/session.ts";
import type { HostOptions } from "../part/options.ts";
import type { Project } from "../part/project.ts";
import type { FabfileState } from "./state.ts";

/** The host of a call, if not the command's. */
export interface Destination {
  /** A name, an address, an alias of ~/.ssh/config, or a hostout part. */
  host: string;
  port?: number | null;
  /** Login user, also for sudo; null: from the part or ~/.ssh/config. */
  user?: string | null;
  /** Defaults below ~/.ssh/config: the user takes precedence over the part's, the port does not. */
  fallback?: { user?: string; port?: number };
  password?: string | null;
  /** Private keys, instead of those of the part. */
  keys?: readonly string[];
  /** Seconds. */
  connectTimeout?: number | null;
  /** Keywords of ssh_config(5), as for `ssh -o`. */
  sshOptions?: readonly (readonly [string, string])[];
  /** The same, below configuration files. */
  sshDefaults?: readonly (readonly [string, string])[];
  /** Instead of the part's and of ~/.ssh/config. */
  sshConfigFile?: string;
  /** Unknown host keys end the login. */
  refuseUnknown?: boolean;
  /** Never ask for a password or anything else. */
  asksNobody?: boolean;
  /** The jump host, and the login user there. */
  gateway?: Gateway | null;
}

interface Gateway {
  /** Null: the command's own host. */
  destination: Destination | null;
  user: string | null;
}

/**
 * Sessions with other hosts that the fabfiles of one host name. If the host is the address of a hostout
 * part, that part's options apply; any other host gets a separate connection, with the same host key files
 * and policy as the part's.
 */
export class Destinations {
  readonly #project: Project;
  readonly #sessions = new Map<string, HostSession>();

  constructor(project: Project) {
    this.#project = project;
  }

  /** The state of a call to `destination`. Throws `invalid-option` for an invalid name. */
  stateAt(state: FabfileState, destination: Destination | null | undefined): FabfileState {
    const session = this.#session(state.context.session, destination);
    if (session === state.context.session) return state;
    return { ...state, context: { ...state.context, session, options: session.options } };
  }

  /** Logs out of one of these hosts; the command's own host stays connected. */
  async leave(own: HostSession, destination: Destination | null): Promise<void> {
    const session = this.#session(own, destination);
    if (session !== own) await session.logOut();
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()].reverse();
    this.#sessions.clear();
    for (const session of sessions) await session.logOut();
  }

  #session(own: HostSession, destination: Destination | null | undefined): HostSession {
    if (destination === null || destination === undefined) return own;
    const part = this.#partAt(own.options, destination);
    const target = wayTo(destination);
    const { fallback, asksNobody = false, gateway } = destination;
    // The command's session has a connection for each user.
    const isOwnWay = Object.keys(target).length === 0 && !asksNobody && !gateway;
    if (part === own.options && isOwnWay) return own;
    const key = JSON.stringify(destination);
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const options = part ?? unlisted(own.options, destination);
    const way: Way = {
      target: { ...(part === undefined && withKeysOf(own.options)), ...target },
      ...(gateway && { gateway: this.#gateway(own, gateway) }),
      asksNobody,
    };
    const user = destination.user ?? (options.user && fallback?.user) ?? options.user;
    const session = own.elsewhere({ ...options, user }, way);
    this.#sessions.set(key, session);
    return session;
  }

  #gateway(own: HostSession, { destination, user }: Gateway): NonNullable<Way["gateway"]> {
    const session = this.#session(own, destination);
    return { logins: session.logins, user: user ?? session.options.user };
  }

  /** The part that a destination refers to, preferably the command's own. */
  #partAt(own: HostOptions, { host, port, fallback }: Destination): HostOptions | undefined {
    const parts = [
      own,
      ...[...this.#project.hosts.values()].filter(({ name }) => name !== own.name),
    ];
    const isAt = (part: HostOptions, wanted: number | null | undefined) =>
      typeof wanted !== "number" || wanted === (part.port ?? 22);
    return parts.find(
      (part) =>
        (part.name === host && isAt(part, port)) ||
        (part.host === host && isAt(part, port ?? fallback?.port)),
    );
  }
}

/** How the destination is reached. */
function wayTo(destination: Destination): Partial<HostTarget> {
  const { password, keys = [], connectTimeout, sshConfigFile, refuseUnknown } = destination;
  const { user, port } = destination.fallback ?? {};
  const sshOptions = [
    ...(destination.sshOptions ?? []),
    ...(refuseUnknown ? [["StrictHostKeyChecking", "yes"] as const] : []),
  ];
  const sshDefaults = [
    ...(destination.sshDefaults ?? []),
    ...(user === undefined ? [] : [["User", user] as const]),
    ...(port === undefined ? [] : [["Port", String(port)] as const]),
  ];
  return {
    ...(password && { password }),
    ...(keys.length > 0 && { identityFile: undefined, moreIdentities: keys }),
    ...(typeof connectTimeout === "number" && { connectTimeout }),
    ...(sshConfigFile && { sshConfigFile }),
    ...(refuseUnknown && { acceptNew: false }),
    ...(sshOptions.length > 0 && { sshOptions }),
    ...(sshDefaults.length > 0 && { sshDefaults }),
  };
}

/** The key of the part, before those of the host's own configuration. */
function withKeysOf({ identityFile }: HostOptions): Partial<HostTarget> {
  return {
    identityFile: undefined,
    ...(identityFile !== undefined && { moreIdentities: [identityFile] }),
  };
}

/** The options of a host that is not a part: only the part's options about host keys. */
function unlisted(own: HostOptions, { host, port }: Destination): HostOptions {
  if (host === "" || host.startsWith("-") || /[\s\p{Cc}/\\]/u.test(host)) {
    throw new BuildoutError("invalid-option", `'${host}' cannot be the address of a host.`);
  }
  return {
    ...own,
    name: typeof port === "number" ? `${host}:${port}` : host,
    host,
    port: port ?? undefined,
    ...{ user: undefined, password: undefined, passwordFile: undefined },
    ...{ buildoutUser: undefined, buildoutPassword: undefined, buildoutPasswordFile: undefined },
    ...{ effectiveUser: undefined, noSudo: false, tunnel: false, hostos: undefined, path: "~" },
    all: new Map(),
  };
}

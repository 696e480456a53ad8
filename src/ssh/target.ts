import type { PrintedSetting } from "./config/printed.ts";
import type { Setting } from "./config/settings.ts";
import type { KnownHostsCommand } from "./known-hosts/known-hosts-command.ts";

/** A host as a configuration names it. Only `host` is required; the rest overrides ~/.ssh/config. */
export interface HostTarget {
  /** Name or address as written by the user; may be an alias in ~/.ssh/config. */
  host: string;
  port?: number;
  user?: string;
  /** Private key; a `.pub` path means its private sibling. */
  identityFile?: string;
  password?: string;
  /** False: never ask for the password, only for passphrases of keys. Default true. */
  askPassword?: boolean;
  /** Store unknown host keys without asking (ssh's accept-new). */
  acceptNew?: boolean;
  /** Instead of ~/.ssh/config and the system's file, as with `ssh -F`; may be absent. */
  sshConfigFile?: string;
  /** Default /etc/ssh/ssh_config, which may be absent. */
  systemConfigFile?: string;
  /** Default ~/.ssh/known_hosts, which may be absent. */
  knownHostsFile?: string;
  /** Seconds; default 10. */
  connectTimeout?: number;
  /** Offer old algorithms too, for hosts that know no others. */
  legacyAlgorithms?: boolean;
  /** Private keys to try, if they exist, before those of the configuration. */
  moreIdentities?: readonly string[];
  /** Keywords of ssh_config(5) that override all configuration files, like `ssh -o`. */
  sshOptions?: readonly (readonly [keyword: string, value: string])[];
  /** The same as defaults below configuration files. */
  sshDefaults?: readonly (readonly [keyword: string, value: string])[];
}

/** The user's terminal, for a program on a host that takes it over. */
export interface LocalTerminal {
  /** Its type for programs: `TERM`. */
  name: string;
  size(): { columns: number; rows: number };
  /** Calls back after each change of size, until the returned function is called. */
  onResize(listener: () => void): () => void;
  /** Sends every key to `keys`, Ctrl-C too, until the returned function is called. */
  lend(keys: NodeJS.WritableStream): () => void;
  write(bytes: Uint8Array): void;
}

/** How to interact with the user; `ask` and `confirm` are undefined without a terminal. */
export interface Interaction {
  ask?(question: string, options?: { hidden?: boolean }): Promise<string>;
  confirm?(question: string): Promise<boolean>;
  note?(line: string): void;
  terminal?: LocalTerminal;
  /** Passwords for sudo typed for one of several hosts, by user, to be tried on the others. */
  sudoPasswords?: Map<string, Promise<string>>;
  /** Receives the output of commands; returns a promise to wait for, or undefined. */
  drained?(): Promise<void> | undefined;
  /** Ends a login in progress. */
  signal?: AbortSignal;
  env: Record<string, string | undefined>;
}

/** How to treat an unknown host key. */
type UnknownHostKeys = "ask" | "accept" | "refuse";

/** The default keys in `~/.ssh` that ssh tries, best first (ssh_config(5), IdentityFile). */
export const USUAL_KEYS = ["id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk"];

export interface Identity {
  /** The private key. */
  path: string;
  /** The user asked for this key, so it must exist. */
  required: boolean;
}

/** Lists of algorithms in ssh_config syntax; by default, ssh's defaults. */
export interface AlgorithmSpecs {
  kex?: Setting;
  ciphers?: Setting;
  macs?: Setting;
  hostKeys?: Setting;
  userKeys?: Setting;
  authorities?: Setting;
}

/** A target with the ssh configuration and the defaults applied: what a connection uses. */
export interface ResolvedTarget {
  /** As written by the user. */
  host: string;
  /** The name or address to connect to. */
  hostName: string;
  port: number;
  user: string;

  /** Address family of `hostName`; 0 is either. */
  family: 0 | 4 | 6;
  /** The address of this machine to connect from. */
  bindAddress: string | undefined;
  /** `[user@]host[:port]` of the hosts to go through, nearest first. */
  jumps: string[];
  /** A shell command whose input and output are the connection. */
  proxyCommand: string | undefined;
  /** Seconds; undefined: as long as the system tries. */
  connectTimeout: number | undefined;
  /** Seconds for the host's first packet after that. */
  handshakeTimeout: number;
  connectionAttempts: number;
  tcpKeepAlive: boolean;
  /** Interval and maximum number of keep-alives for a silent host. */
  alive: { seconds: number; count: number };
  compression: boolean;
  algorithms: AlgorithmSpecs;
  legacyAlgorithms: boolean;
  requiredRsaSize: number;
  /** Set for every command. */
  environment: Record<string, string>;

  /** The name to look up in known_hosts files: HostKeyAlias, or hostName with a port other than 22. */
  hostKeyName: string;
  /** A second name to look up if the port is not 22. */
  portlessName: string | undefined;
  knownHostsFiles: string[];
  /** Prints further lines of known_hosts. */
  knownHostsCommand: KnownHostsCommand | undefined;
  /** Where keys of new hosts are stored; nowhere when UserKnownHostsFile is `none`. */
  newKeysFile: string | undefined;
  /** Whether to hash names of new hosts; undefined: as in the file. */
  hashNames: boolean | undefined;
  unknownHostKeys: UnknownHostKeys;
  /** Public keys that must not be trusted, as host or as authority. */
  revokedKeysFile: string | undefined;
  /** The host at a loopback address may have any key, if it is reached directly. */
  trustLoopback: boolean;

  identities: Identity[];
  /** Certificates in addition to those of `identities`. */
  certificates: string[];
  /** Offer only keys of `identities`, also from the agent. */
  identitiesOnly: boolean;
  /** Socket of the ssh-agent. */
  agent: string | undefined;
  /** Socket of the agent that commands on the host may use. */
  forwardedAgent: string | undefined;
  /** Ways to log in, in the order to try them. */
  methods: string[];
  passwordPrompts: number;
  password: string | undefined;
  askPassword: boolean;
  /** Never ask anything. */
  batch: boolean;

  /** The settings of the configuration, with locations. */
  settings: Setting[];
  /** The same for display, as in `ssh -G`. */
  printed: PrintedSetting[];
}

/** `user@host:port`, for messages. */
export function label(target: { user: string; host: string; port: number }): string {
  return `${target.user}@${target.host}${target.port === 22 ? "" : `:${target.port}`}`;
}

import type { PrintedSetting } from "./config/printed.ts";
import type { Setting } from "./config/settings.ts";
import type { KnownHostsCommand } from "./known-hosts/known-hosts-command.ts";

/** A host as a configuration names it. Only `host` is needed; the rest wins over ~/.ssh/config. */
export interface HostTarget {
  /** Name or address as the user wrote it; may be an alias of ~/.ssh/config. */
  host: string;
  port?: number;
  user?: string;
  /** Private key; a `.pub` path means its private sibling. */
  identityFile?: string;
  password?: string;
  /** False: nobody is asked for the password, only for passphrases of keys. Default true. */
  askPassword?: boolean;
  /** Keys of hosts never seen before are stored without a question (ssh's accept-new). */
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
  /** Private keys to try, if they are there, before those of the configuration. */
  moreIdentities?: readonly string[];
  /** Keywords of ssh_config(5) that win over every configuration file, as `ssh -o` has them. */
  sshOptions?: readonly (readonly [keyword: string, value: string])[];
  /** The same, for what no configuration file says. */
  sshDefaults?: readonly (readonly [keyword: string, value: string])[];
}

/** The terminal of a person, for a program on a host that has all of it. */
export interface LocalTerminal {
  /** What it is to programs: `TERM`. */
  name: string;
  size(): { columns: number; rows: number };
  /** Calls back after each change of size, until the returned function is called. */
  onResize(listener: () => void): () => void;
  /** Sends every key to `keys`, Ctrl-C too, until the returned function is called. */
  lend(keys: NodeJS.WritableStream): () => void;
  write(bytes: Uint8Array): void;
}

/** How to reach a person; `ask` and `confirm` are absent where there is no terminal. */
export interface Interaction {
  ask?(question: string, options?: { hidden?: boolean }): Promise<string>;
  confirm?(question: string): Promise<boolean>;
  note?(line: string): void;
  terminal?: LocalTerminal;
  /** Passwords for sudo that were typed for one of several hosts, by user: the others may take them, too. */
  sudoPasswords?: Map<string, Promise<string>>;
  /** Where the output of commands goes to: a promise for when it takes more; undefined: now. */
  drained?(): Promise<void> | undefined;
  /** Ends a login that is under way. */
  signal?: AbortSignal;
  env: Record<string, string | undefined>;
}

/** What is done with the key of a host that no known_hosts file names. */
type UnknownHostKeys = "ask" | "accept" | "refuse";

/** The keys in `~/.ssh` that ssh tries by itself, the better ones first (ssh_config(5), IdentityFile). */
export const USUAL_KEYS = ["id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk"];

export interface Identity {
  /** The private key. */
  path: string;
  /** The user asked for this key, so its absence is an error. */
  required: boolean;
}

/** Lists of algorithms as ssh_config writes them; without one, the defaults. */
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
  /** As the user wrote it. */
  host: string;
  /** The name or address to connect to. */
  hostName: string;
  port: number;
  user: string;

  /** Of the addresses of `hostName`; 0 is either. */
  family: 0 | 4 | 6;
  /** The address of this machine to connect from. */
  bindAddress: string | undefined;
  /** `[user@]host[:port]` of the hosts to go through, nearest first. */
  jumps: string[];
  /** A shell command whose input and output are the connection. */
  proxyCommand: string | undefined;
  /** Seconds; undefined: as long as the system tries. */
  connectTimeout: number | undefined;
  /** Seconds for the first words of the host after that. */
  handshakeTimeout: number;
  connectionAttempts: number;
  tcpKeepAlive: boolean;
  /** How often a silent host is asked whether it is there, and how many times in vain. */
  alive: { seconds: number; count: number };
  compression: boolean;
  algorithms: AlgorithmSpecs;
  legacyAlgorithms: boolean;
  requiredRsaSize: number;
  /** Set for every command. */
  environment: Record<string, string>;

  /** What known_hosts files are searched for: HostKeyAlias, or hostName with a port other than 22. */
  hostKeyName: string;
  /** What they are searched for besides, where the host is at another port than 22. */
  portlessName: string | undefined;
  knownHostsFiles: string[];
  /** Prints further lines of known_hosts. */
  knownHostsCommand: KnownHostsCommand | undefined;
  /** Where keys of new hosts are stored; nowhere when UserKnownHostsFile is `none`. */
  newKeysFile: string | undefined;
  /** Names of new hosts are stored hashed; undefined: where those in the file are. */
  hashNames: boolean | undefined;
  unknownHostKeys: UnknownHostKeys;
  /** Public keys that are not to be trusted, as host or as authority. */
  revokedKeysFile: string | undefined;
  /** The host at a loopback address may have any key, if it is reached directly. */
  trustLoopback: boolean;

  identities: Identity[];
  /** Certificates beside those of `identities`. */
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
  /** Nobody is asked anything. */
  batch: boolean;

  /** What the configuration said, and where. */
  settings: Setting[];
  /** The same for people, as `ssh -G` prints it. */
  printed: PrintedSetting[];
}

/** `user@host:port`, for messages. */
export function label(target: { user: string; host: string; port: number }): string {
  return `${target.user}@${target.host}${target.port === 22 ? "" : `:${target.port}`}`;
}

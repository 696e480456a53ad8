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
  /** Default ~/.ssh/config, which may be absent. */
  sshConfigFile?: string;
  /** Default ~/.ssh/known_hosts, which may be absent. */
  knownHostsFile?: string;
  /** Seconds; default 10. */
  connectTimeout?: number;
}

/** How to reach a person; `ask` and `confirm` are absent where there is no terminal. */
export interface Interaction {
  ask?(question: string, options?: { hidden?: boolean }): Promise<string>;
  confirm?(question: string): Promise<boolean>;
  note?(line: string): void;
  env: Record<string, string | undefined>;
}

/** What is done with the key of a host that no known_hosts file names. */
export type UnknownHostKeys = "ask" | "accept" | "refuse";

export interface Identity {
  /** The private key. */
  path: string;
  /** The user asked for this key, so its absence is an error. */
  required: boolean;
}

/** A target with ~/.ssh/config and the defaults applied: what a connection uses. */
export interface ResolvedTarget {
  /** As the user wrote it. */
  host: string;
  /** The name or address to connect to. */
  hostName: string;
  port: number;
  user: string;
  /** What known_hosts files are searched for: HostKeyAlias, or hostName with a port other than 22. */
  hostKeyName: string;
  identities: Identity[];
  /** Offer only keys of `identities`, also from the agent. */
  identitiesOnly: boolean;
  /** Socket of the ssh-agent. */
  agent: string | undefined;
  password: string | undefined;
  askPassword: boolean;
  /** `[user@]host[:port]` of the hosts to go through, nearest first. */
  jumps: string[];
  knownHostsFiles: string[];
  /** Where keys of new hosts are stored; nowhere when UserKnownHostsFile is `none`. */
  newKeysFile: string | undefined;
  unknownHostKeys: UnknownHostKeys;
  /** Seconds. */
  connectTimeout: number;
}

/** `user@host:port`, for messages. */
export function label(target: { user: string; host: string; port: number }): string {
  return `${target.user}@${target.host}${target.port === 22 ? "" : `:${target.port}`}`;
}

/** One table, longer than other files on purpose: every keyword of ssh_config(5) has its verdict here. */

/** What a keyword takes, and how it is checked. */
type Shape =
  /** One word out of those given; `as` is what each means. */
  | { kind: "choice"; as: Readonly<Record<string, string>> }
  | { kind: "port" | "number" | "time" | "word" | "words" | "rest" | "lenient" }
  /** `domains` and `aliases` of CanonicalizeHostname, the socket of an `agent`, NAME=VALUE `pairs`. */
  | { kind: "domains" | "aliases" | "agent" | "pairs" };

/**
 * honored: does what it does for ssh. harmless: has no part in where and how a connection goes, and
 * is left alone. refused: what it asks for cannot be done, so the login is not tried; values in
 * `accepts` ask for nothing and are fine.
 */
export interface Keyword {
  name: string;
  verdict: "honored" | "harmless" | "refused";
  shape: Shape;
  /** Each line adds values; otherwise the first line counts. */
  repeats?: true;
  /** For a refused keyword: the values that change nothing, lower case. */
  accepts?: readonly string[];
  /** For the documentation: what is done instead, or why not. */
  note?: string;
}

const YES_NO = { yes: "yes", true: "yes", no: "no", false: "no" };
const TUNNELS = {
  ...{ yes: "point-to-point", true: "point-to-point" },
  ...{ "point-to-point": "point-to-point", ethernet: "ethernet" },
};
const flag: Shape = { kind: "choice", as: YES_NO };
const word: Shape = { kind: "word" };
const words: Shape = { kind: "words" };
const lenient: Shape = { kind: "lenient" };

const honored = (name: string, shape: Shape, note?: string): Keyword => ({
  ...{ name, verdict: "honored", shape },
  ...(note === undefined ? {} : { note }),
});
const repeated = (name: string, shape: Shape, note?: string): Keyword => ({
  ...honored(name, shape, note),
  repeats: true,
});
const harmless = (note: string, ...names: string[]): Keyword[] =>
  names.map((name) => ({ name, verdict: "harmless", shape: lenient, note }));
const refused = (name: string, shape: Shape, accepts: string[], note: string): Keyword => ({
  ...{ name, verdict: "refused", shape, accepts, note },
});

const KEYWORDS: readonly Keyword[] = [
  // Which lines count.
  honored("Host", words),
  honored(
    "Match",
    { kind: "rest" },
    "`version` and `command` are refused: there is no ssh whose version or command they could mean",
  ),
  honored("Include", words),
  honored("IgnoreUnknown", word),
  honored("Tag", word),
  honored("RefuseConnection", words),

  // Where the connection goes.
  honored("HostName", word),
  honored("Port", { kind: "port" }),
  honored("User", word),
  honored("AddressFamily", { kind: "choice", as: { any: "any", inet: "inet", inet6: "inet6" } }),
  honored("BindAddress", word),
  honored("BindInterface", word),
  honored("ProxyCommand", { kind: "rest" }),
  honored("ProxyJump", { kind: "rest" }),
  honored("CanonicalizeHostname", { kind: "choice", as: { ...YES_NO, always: "always" } }),
  honored("CanonicalDomains", { kind: "domains" }),
  honored("CanonicalizeFallbackLocal", flag),
  honored("CanonicalizeMaxDots", { kind: "number" }),
  honored("CanonicalizePermittedCNAMEs", { kind: "aliases" }),
  honored("ConnectTimeout", { kind: "time" }),
  honored("ConnectionAttempts", { kind: "number" }),
  honored("ServerAliveInterval", { kind: "time" }, "without it, a silent host is asked every 15 s"),
  honored("ServerAliveCountMax", { kind: "number" }),
  honored("TCPKeepAlive", flag),
  honored("Compression", flag),

  // Whom to trust.
  honored("UserKnownHostsFile", words),
  honored("GlobalKnownHostsFile", words),
  honored("KnownHostsCommand", { kind: "rest" }),
  honored("HostKeyAlias", word),
  honored("HashKnownHosts", flag),
  honored("RevokedHostKeys", word, "a list of public keys; a binary list (KRL) is refused"),
  honored("NoHostAuthenticationForLocalhost", flag),
  honored(
    "StrictHostKeyChecking",
    { kind: "choice", as: { ...YES_NO, off: "no", ask: "ask", "accept-new": "accept-new" } },
    "`no` stores new keys as `accept-new` does; a changed key is never accepted",
  ),
  honored("HostKeyAlgorithms", word),
  honored("CASignatureAlgorithms", word),
  honored("KexAlgorithms", word),
  honored("Ciphers", word),
  honored("MACs", word),
  honored("RequiredRSASize", { kind: "number" }),

  // Who logs in.
  repeated("IdentityFile", word),
  repeated("CertificateFile", word),
  honored("IdentitiesOnly", flag),
  honored("IdentityAgent", { kind: "agent" }),
  honored("PubkeyAuthentication", {
    kind: "choice",
    as: { ...YES_NO, unbound: "yes", "host-bound": "yes" },
  }),
  honored("PasswordAuthentication", flag),
  honored("KbdInteractiveAuthentication", flag),
  honored("PreferredAuthentications", word, "a known password is tried before anybody is asked"),
  honored("PubkeyAcceptedAlgorithms", word),
  honored("NumberOfPasswordPrompts", { kind: "number" }),
  honored("BatchMode", flag),
  honored("ForwardAgent", { kind: "agent" }),
  honored("SetEnv", { kind: "pairs" }),

  // What cannot be done.
  refused("ProxyUseFdpass", flag, ["no"], "a socket cannot be handed over by another program"),
  refused("LocalCommand", { kind: "rest" }, ["none"], "no command runs here after a login"),
  refused("RemoteCommand", { kind: "rest" }, ["none"], "it would replace every command of hostout"),
  refused(
    "SessionType",
    { kind: "choice", as: { none: "none", subsystem: "subsystem", default: "default" } },
    ["default"],
    "hostout needs sessions that run commands",
  ),
  refused(
    "Tunnel",
    { kind: "choice", as: { ...TUNNELS, no: "no", false: "no" } },
    ["no"],
    "no network device is made",
  ),

  // What has no part in it.
  ...harmless("hostout keeps one connection of its own", ...["ControlMaster", "ControlPath"]),
  ...harmless("hostout keeps one connection of its own", "ControlPersist"),
  ...harmless(
    "no port is forwarded; the option `tunnel` gives the host a way out",
    ...["LocalForward", "RemoteForward", "DynamicForward", "ClearAllForwardings", "GatewayPorts"],
    ...["ExitOnForwardFailure", "PermitRemoteOpen", "StreamLocalBindMask", "StreamLocalBindUnlink"],
  ),
  ...harmless(
    "no display is forwarded",
    ...["ForwardX11", "ForwardX11Timeout", "ForwardX11Trusted", "XAuthLocation"],
  ),
  ...harmless("commands run in the host's own environment, whatever is set here", "SendEnv"),
  ...harmless("a command gets a terminal where it needs one", "RequestTTY", "StdinNull"),
  ...harmless("the shell of `ssh` gets every key", "EscapeChar", "EnableEscapeCommandline"),
  ...harmless("keys are sent as they are typed", "ObscureKeystrokeTiming"),
  ...harmless("hostout never goes to the background", "ForkAfterAuthentication"),
  ...harmless("hostout writes its own log", "LogLevel", "LogVerbose", "SyslogFacility"),
  ...harmless("fingerprints are shown as SHA256", "FingerprintHash", "VisualHostKey"),
  ...harmless("host keys are checked by name", "CheckHostIP", "VerifyHostKeyDNS", "UpdateHostKeys"),
  ...harmless(
    "this method of login is not offered",
    ...["GSSAPIAuthentication", "GSSAPIDelegateCredentials", "GSSAPIClientIdentity"],
    ...["GSSAPIKeyExchange", "GSSAPIRenewalForcesRekey", "GSSAPIServerIdentity", "GSSAPITrustDns"],
    ...["GSSAPIKexAlgorithms", "HostbasedAuthentication", "HostbasedAcceptedAlgorithms"],
    ...["EnableSSHKeysign", "KbdInteractiveDevices"],
  ),
  ...harmless("keys are used, not stored: run ssh-add yourself", "AddKeysToAgent", "UseKeychain"),
  ...harmless(
    "keys on a token or card are used through ssh-agent (ssh-add -s)",
    ...["PKCS11Provider", "SecurityKeyProvider"],
  ),
  ...harmless("the library decides when to change keys", "RekeyLimit"),
  ...harmless("only together with LocalCommand", "PermitLocalCommand"),
  ...harmless("packets are not marked", "IPQoS"),
  ...harmless("channels close with their commands", "ChannelTimeout"),
  ...harmless("only together with Tunnel", "TunnelDevice"),
  ...harmless("no effect on the connection", "VersionAddendum", "WarnWeakCrypto"),
  ...harmless(
    "obsolete: ssh ignores it too",
    ...["Cipher", "CompressionLevel", "FallBackToRsh", "GlobalKnownHostsFile2", "Protocol"],
    ...[
      "RhostsAuthentication",
      "RhostsRSAAuthentication",
      "RSAAuthentication",
      "UseBlacklistedKeys",
    ],
    ...["UsePrivilegedPort", "UseRoaming", "UseRsh", "UserKnownHostsFile2", "UserRsh"],
    ...["AFSTokenPassing", "KerberosAuthentication", "KerberosTgtPassing", "PreferKRB5"],
  ),
];

/** Older names of keywords. */
const ALIASES: Record<string, string> = {
  challengeresponseauthentication: "kbdinteractiveauthentication",
  skeyauthentication: "kbdinteractiveauthentication",
  tisauthentication: "kbdinteractiveauthentication",
  dsaauthentication: "pubkeyauthentication",
  hostbasedkeytypes: "hostbasedacceptedalgorithms",
  identityfile2: "identityfile",
  keepalive: "tcpkeepalive",
  // Debian's.
  protocolkeepalives: "serveraliveinterval",
  pubkeyacceptedkeytypes: "pubkeyacceptedalgorithms",
  // Debian's too.
  setuptimeout: "serveraliveinterval",
  smartcarddevice: "pkcs11provider",
};

const BY_NAME = new Map(KEYWORDS.map((keyword) => [keyword.name.toLowerCase(), keyword]));

/** The keyword of a line, in any case; undefined for one that ssh_config(5) does not have. */
export function keywordNamed(name: string): Keyword | undefined {
  const lower = name.toLowerCase();
  return BY_NAME.get(ALIASES[lower] ?? lower);
}

export function allKeywords(): readonly Keyword[] {
  return KEYWORDS;
}

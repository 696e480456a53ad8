/** One table, intentionally longer than other files: how each keyword of ssh_config(5) is treated. */

/** The arguments of a keyword, and how they are checked. */
type Shape =
  /** One of the given words; `as` has their meanings. */
  | { kind: "choice"; as: Readonly<Record<string, string>> }
  | { kind: "port" | "number" | "time" | "word" | "words" | "rest" | "lenient" }
  /** `domains` and `aliases` of CanonicalizeHostname, the socket of an `agent`, NAME=VALUE `pairs`. */
  | { kind: "domains" | "aliases" | "agent" | "pairs" };

/**
 * honored: has the same effect as in ssh. harmless: does not affect connections, and is ignored. refused:
 * not supported, so the login is not attempted; values in `accepts` have no effect and are allowed.
 */
export interface Keyword {
  name: string;
  verdict: "honored" | "harmless" | "refused";
  shape: Shape;
  /** Each line adds values; otherwise the first line counts. */
  repeats?: true;
  /** For a refused keyword: the values that change nothing, lower case. */
  accepts?: readonly string[];
  /** For the documentation: what happens instead, or why not. */
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
    "`version` and `command` are refused: they are about the program ssh",
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
  honored(
    "ServerAliveInterval",
    { kind: "time" },
    "without it, a silent host is probed every 15 s",
  ),
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
  honored("PreferredAuthentications", word, "a known password is tried before asking"),
  honored("PubkeyAcceptedAlgorithms", word),
  honored("NumberOfPasswordPrompts", { kind: "number" }),
  honored("BatchMode", flag),
  honored("ForwardAgent", { kind: "agent" }),
  honored("SetEnv", { kind: "pairs" }),

  // What cannot be done.
  refused("ProxyUseFdpass", flag, ["no"], "passing a socket between programs is not supported"),
  refused("LocalCommand", { kind: "rest" }, ["none"], "no local command runs after a login"),
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
    "no network device is created",
  ),

  // What has no part in it.
  ...harmless("hostout shares its own connection", ...["ControlMaster", "ControlPath"]),
  ...harmless("hostout shares its own connection", "ControlPersist"),
  ...harmless(
    "no port is forwarded; for internet access from the host, see the option `tunnel`",
    ...["LocalForward", "RemoteForward", "DynamicForward", "ClearAllForwardings", "GatewayPorts"],
    ...["ExitOnForwardFailure", "PermitRemoteOpen", "StreamLocalBindMask", "StreamLocalBindUnlink"],
  ),
  ...harmless(
    "no display is forwarded",
    ...["ForwardX11", "ForwardX11Timeout", "ForwardX11Trusted", "XAuthLocation"],
  ),
  ...harmless("commands run in the host's own environment, whatever is set here", "SendEnv"),
  ...harmless("a command gets a terminal if it needs one", "RequestTTY", "StdinNull"),
  ...harmless(
    "the shell of `ssh` passes every key through",
    "EscapeChar",
    "EnableEscapeCommandline",
  ),
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
  ...harmless("the type of service is not set", "IPQoS"),
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

/** Old names of keywords. */
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

/** The keyword of a line, in any case; undefined for one that is not in ssh_config(5). */
export function keywordNamed(name: string): Keyword | undefined {
  const lower = name.toLowerCase();
  return BY_NAME.get(ALIASES[lower] ?? lower);
}

export function allKeywords(): readonly Keyword[] {
  return KEYWORDS;
}

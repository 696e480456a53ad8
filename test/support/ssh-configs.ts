import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The subject of a query to ssh. */
export interface SshQuestion {
  host: string;
  user?: string;
  port?: number;
}

/** Numbers that are the same in every run. */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

const HOSTS = ["web", "web1", "web.example.org", "db-2", "10.0.0.7", "Web", "x", "gate"];
const PATTERNS = [
  ...["*", "web*", "!web1", "web?", "*.example.org", "10.0.*", "!*", "db-2", "w*b", '"web"'],
  ...["x web", "!x", "WEB", "web,db-2", "w\\*", "**", "?", "'db-2'", "web gate !web"],
];
const SECRET = "${HOSTOUT_VALUE}";
const ABSENT = "${NO_SUCH_VARIABLE}";
const TOKENS = ["%%", "%C", "%d", "%h", "%i", "%k", "%L", "%l", "%n", "%p", "%r", "%u"];
const OTHERS = ["%T", "%H", "%x", "%"];
/** Values with every token: first those accepted by most keywords, then those that are errors there. */
const tokens = (before: string) => [...TOKENS, ...OTHERS].map((token) => before + token);

/** Keyword and values: the first two are common, the others rare, many of them wrong. */
const VALUES: [string, string[]][] = [
  [
    "HostName",
    [
      ...["real.example.org", "%h.example.net", "10.1.2.3", "%%h", '"quoted.org"', "ONE.org"],
      ...tokens("h"),
    ],
  ],
  [
    "Port",
    ["22", "2222", "0", "65536", "65535", "1", "x2", "022", "-1", "+1", "22 23", "22,23", "2e3"],
  ],
  ["User", ["dep", "'with space'", "a\\ b", 'q\\"uote', "me@there", ""]],
  [
    "IdentityFile",
    [
      ...["~/.ssh/one", `${SECRET}/k`, '"~/with space"', "none", "%d/%r@%h", "/a\\\\b", "a b"],
      ...["~root/k", "~~/k", "relative/k"],
    ],
  ],
  ["CertificateFile", ["~/c1", "'/c 2'", "none"]],
  [
    "IdentityAgent",
    [
      ...["none", "/run/%u/agent", SECRET, ABSENT, "SSH_AUTH_SOCK", "$HOSTOUT_VALUE", "$NO/x"],
      ...["~/agent", "~root/agent", "~no-such-user/agent", "$", `${"$"}{X`, ...tokens("/a")],
    ],
  ],
  [
    "ForwardAgent",
    [
      ...["yes", "no", "true", "False", "/run/%u/agent", "~/agent", SECRET, ABSENT],
      ...["$HOSTOUT_VALUE", "$A-B", "~root//x", ...tokens("/f")],
    ],
  ],
  ["IdentitiesOnly", ["yes", "no", "true", "maybe"]],
  [
    "UserKnownHostsFile",
    [
      ...["/dev/null", "none", "~/.ssh/a ~/.ssh/b", "none /x", "/k/%h-%p", `/k/${SECRET}`],
      ...[`${ABSENT}/x`, "~root/known", "~no-such-user/k", ...tokens("/k")],
    ],
  ],
  ["GlobalKnownHostsFile", ["/etc/a /etc/b", "none", "/etc/%h", `"/with space" /x`, "x none"]],
  ["RevokedHostKeys", ["/etc/revoked", "none", "~/revoked", "a b"]],
  [
    "KnownHostsCommand",
    ["/bin/cat /known", "none", "/bin/echo %H '%K' # all", "= /bin/true", "No"],
  ],
  ["StrictHostKeyChecking", ["yes", "no", "off", "accept-new", "ask", "true", "Yes", "never"]],
  ["HostKeyAlias", ["alias", "Other.ORG", "%h"]],
  ["ConnectTimeout", ["3", "1m", "1h30m", "none", "2x", "1w2d", "-5", "1d1s1", "99999999999", "m"]],
  ["ServerAliveInterval", ["15", "2m", "0", "none", "x", "1H"]],
  ["ServerAliveCountMax", ["3", "10", "0", "-1", "9999999999", "3x"]],
  ["ConnectionAttempts", ["1", "4", "0", "x"]],
  ["AddressFamily", ["any", "inet", "inet6", "INET", "ipv4"]],
  ["BindAddress", ["127.0.0.1", "::1"]],
  ["BindInterface", ["lo", "eth0"]],
  ["Compression", ["yes", "no"]],
  [
    "ProxyCommand",
    ["nc %h %p", "none", 'ssh -W "%h:%p" gate # no comment', "= connect", "NONE", "nc 'a"],
  ],
  [
    "ProxyJump",
    [
      ...["gate", "me@gate:2200,two", "none", "ssh://u@h:23", "[::1]:22", "a,,b", "gate:0"],
      ...["gate # note", "a@b@c", "%h", "None", "two,gate:2222", "[::1", "web,web"],
      ...["none # note", '"none"', "none,two"],
    ],
  ],
  ["Ciphers", ["aes128-ctr", "+3des-cbc", "-aes*", "^aes256-ctr", "aes256-ctr,aes128-ctr", "-*,x"]],
  ["MACs", ["+hmac-md5", "-hmac-sha1*", "hmac-sha2-256", "^hmac-sha2-512,hmac-sha1"]],
  ["KexAlgorithms", ["curve25519-sha256", "-ecdh*", "^ecdh-sha2-nistp256", "-?urve*"]],
  ["HostKeyAlgorithms", ["ssh-ed25519", "+ssh-rsa", "-*cert*", "^rsa-*", "ssh-*"]],
  ["PubkeyAcceptedAlgorithms", ["+ssh-rsa", "ssh-ed25519", "-*cert*"]],
  ["CASignatureAlgorithms", ["ssh-ed25519", "+ssh-rsa", "-rsa-*", "^rsa-sha2-256", "ecdsa-*"]],
  ["PubkeyAuthentication", ["yes", "no", "true"]],
  ["PasswordAuthentication", ["no", "yes", "false"]],
  ["ChallengeResponseAuthentication", ["no"]],
  ["KbdInteractiveAuthentication", ["no", "yes"]],
  ["PreferredAuthentications", ["publickey,password"]],
  ["BatchMode", ["yes", "no"]],
  ["SetEnv", ["A=b", "A=b C='d e'", "A", "A=b A=c B=", "=x", "A= "]],
  ["CanonicalizeHostname", ["yes", "no", "always", "often"]],
  ["CanonicalDomains", ["none", "invalid", "none invalid", "Invalid.", ".x", "a..b", "a_b 1.x"]],
  ["CanonicalizeFallbackLocal", ["yes", "no"]],
  ["CanonicalizeMaxDots", ["0", "2"]],
  [
    "CanonicalizePermittedCNAMEs",
    ["*.a:*.b", "none", "*", "A.b:C.d *.e:f,g", "none x:y", "x", "x:", ":y", "a:b:c"],
  ],
  ["TCPKeepAlive", ["no", "yes"]],
  ["HashKnownHosts", ["yes", "no"]],
  ["NoHostAuthenticationForLocalhost", ["yes", "no"]],
  ["NumberOfPasswordPrompts", ["1", "0"]],
  ["RequiredRSASize", ["2048", "0"]],
  ["Tag", ["blue", "red"]],
  // Values that are refused, and values that request nothing.
  ["ProxyUseFdpass", ["yes", "no", "maybe"]],
  ["LocalCommand", ["echo %h %T", "none", "= x", "NONE"]],
  ["PermitLocalCommand", ["yes", "no"]],
  ["RemoteCommand", ["tmux at -t %n", "none", ...tokens("x ")]],
  ["SessionType", ["none", "default", "subsystem", "x"]],
  ["Tunnel", ["no", "yes", "ethernet", "point-to-point", "True", "x"]],
  // Values without an effect here.
  ["LogLevel", ["DEBUG"]],
  ["ControlMaster", ["auto"]],
  ["ControlPath", ["~/.ssh/cm-%C"]],
  ["ControlPersist", ["10m"]],
  ["ForwardX11", ["no"]],
  ["SendEnv", ["LANG LC_*"]],
  ["IPQoS", ["lowdelay throughput"]],
  ["RSAAuthentication", ["yes"]],
  ["NoSuchKeyword", ["x"]],
  ["IgnoreUnknown", ["NoSuch*,Other", "*"]],
];
/** These two exclude each other, and 'none' of one is not 'none' of the other. */
const PROXIES = [
  ...["ProxyJump none", "ProxyCommand none", "ProxyJump gate", "ProxyCommand nc %h %p"],
  ...["proxyjump NONE", "ProxyCommand=None", "ProxyJump = two,gate", "PROXYCOMMAND connect"],
];
/** Keywords whose values we check less strictly than ssh. */
const UNCHECKED =
  /Ciphers|MACs|Algorithms|^(?:LogLevel|Control|ForwardX11|SendEnv|IPQoS|RSAAuth|PermitLocal)/;
const GOOD_CRITERIA = [
  ...["all", "host web*", "host=web1", "originalhost web,x", "!host web", "user dep"],
  ...["user root,dep", "localuser *", "!localuser nobody", "localuser nobody,root", "final"],
  ...["localuser !root,*", "canonical", "!canonical", "canonical all", "!final host web*"],
  ...["final all", 'exec "true"', "exec false", '!exec "test %h = web"', 'host "web,db-2"'],
  ...['exec "test %n = web -a %r = dep"', "host web user dep", "host *.example.org"],
  ...["host !web1,web*", "host WEB", "originalhost Web", "host real.example.org canonical"],
  ...['exec "test %p = 22 && test %k = web"', 'exec "test -n %C%d%i%L%l%u"'],
  ...["localnetwork 127.0.0.0/8", "!localnetwork 10.1.0.0/16,192.0.2.0/24", "tagged blue"],
  ...["localnetwork 127.0.0.1", "tagged r*,!x", "localnetwork ::1/128", "all # every host"],
];
const WRONG_CRITERIA = [
  ...["exec", "user", "nonsense x", 'exec "test x%p = x22"', "all host x", "host web all", "!all"],
  ...["host web user dep all", "all all", 'exec "true %T"', "localuser", "canonical final all"],
  ...["host", "host #", "# host", 'host "web', "exec true exec", "final x", "! host web", "host=="],
];

/** A file of ssh_config with those that it includes, and the query about it. */
export function generatedConfig(
  seed: number,
  folder: string,
  knows: (keyword: string) => boolean,
): { file: string; question: SshQuestion } {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[next(list.length)]!;
  // Wrong values are rare, since one makes the whole file an error.
  const rarely = () => next(14) === 0;
  const isDamaged = next(10) === 0;
  const known = VALUES.filter(([name]) => name === "NoSuchKeyword" || knows(name)).filter(
    ([name]) => !isDamaged || !UNCHECKED.test(name),
  );
  const usual = GOOD_CRITERIA.filter((text) => !/localnetwork|tagged/.test(text) || knows("Tag"));
  const line = (): string => {
    const [name, values] = pick(known.filter(([one]) => one !== "NoSuchKeyword" || next(6) === 0));
    const value = rarely() ? pick(values) : values[next(Math.min(2, values.length))]!;
    const written = pick([name, name, name.toLowerCase(), name.toUpperCase(), `"${name}"`]);
    // After a quoted keyword, ssh takes '=' as a value; harmless keywords accept any.
    const between = written.startsWith('"') ? [" "] : [" ", " ", "=", " = ", "\t", "  "];
    const hasRest = /^Proxy|Command$|^IgnoreUnknown$/.test(name);
    const end = pick(["", "", " ", hasRest ? "" : " # note"]);
    return `${pick(["", "  ", "\t"])}${written}${pick(between)}${value}${end}`;
  };
  const dir = join(folder, `c${seed}`);
  mkdirSync(join(dir, "inc/deep"), { recursive: true });
  const block = (): string[] => {
    const head = [
      `Host ${pick(PATTERNS)} ${next(2) ? pick(PATTERNS) : ""}`,
      `Match ${rarely() ? pick(WRONG_CRITERIA) : pick(usual)}`,
    ];
    const proxies = next(5) === 0 ? [pick(PROXIES), pick(PROXIES)] : [];
    return [pick(head), ...Array.from({ length: 1 + next(4) }, line), ...proxies];
  };
  const text = (depth: number): string[] => {
    const lines = [
      ...(next(3) ? [] : [line()]),
      ...Array.from({ length: 1 + next(4) }, block).flat(),
    ];
    if (depth < 3 && next(3) === 0) {
      const name = `${depth}${pick(["a", "b"])}.conf`;
      const content = text(depth + 1).join(pick(["\n", "\r\n"]));
      writeFileSync(join(dir, "inc", name), content);
      writeFileSync(join(dir, "inc/deep", name), content);
      const paths = [
        ...[`${dir}/inc/${name}`, `"${dir}/inc/${depth}*"`, `${dir}/inc/*/${name}`],
        ...[`${dir}/none ${dir}/inc/${depth}[a-b].conf`, `${dir}/inc/${depth}[!b]*`],
        ...[`${dir}/inc/../inc//${name}`, `~no-such-user/x ${dir}/inc/?[ab].conf`],
        ...[`no-such-relative/*.conf ${dir}/inc`, `${dir}/inc/${depth}\\*`],
      ];
      lines.splice(next(lines.length + 1), 0, `${pick(["", "  "])}Include ${pick(paths)}`);
    }
    return lines;
  };
  const file = join(dir, "config");
  const ending = pick(["", "\n", "\n# end\n", "\r\n", "\n\n\f\n"]);
  const content = `${text(0).join("\n")}${ending}`;
  writeFileSync(file, isDamaged ? damaged(content, next) : content);
  return {
    file,
    question: {
      host: pick(HOSTS),
      ...(next(4) === 0 && { user: pick(["dep", "root"]) }),
      ...(next(6) === 0 && { port: 2022 }),
    },
  };
}

/** A text with an extra or a missing character. */
function damaged(text: string, next: (below: number) => number): string {
  const at = next(text.length);
  const strange = ['"', "'", "\\", "=", "#", "\t", "\f", "\r", "\0", ",", "!", " ", "\n", "\ufeff"];
  const put = next(4) === 0 ? "" : strange[next(strange.length)]!;
  const where = put === "\ufeff" ? 0 : at;
  return text.slice(0, where) + put + text.slice(where + (put === "" ? 1 : 0));
}

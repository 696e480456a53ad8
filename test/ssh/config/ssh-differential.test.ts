import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { algorithmList } from "../../../src/ssh/config/algorithms.ts";
import { effectiveConfig } from "../../../src/ssh/config/effective.ts";
import { expandAll, expandTilde } from "../../../src/ssh/config/expansion.ts";
import { jumpsOf, parseJump } from "../../../src/ssh/config/jump.ts";
import { allKeywords } from "../../../src/ssh/config/keywords.ts";
import { runShell } from "../../../src/ssh/config/shell.ts";
import { EVERY } from "../../kinds.ts";
import { scratchFolder } from "../../support/servers.ts";

const CASES = 400 / EVERY;
const sshMissing = spawnSync("ssh", ["-V"]).error ? "apt-get install openssh-client" : undefined;
if (sshMissing && process.env.CI) throw new Error(sshMissing);

const env = { ...process.env, HOSTOUT_VALUE: "some value", SHELL: "/bin/sh" };
const local = {
  ...{ home: homedir(), user: userInfo().username, uid: userInfo().uid },
  ...{ hostname: hostname(), addresses: [], env },
};

let folder: string;
beforeAll(async () => {
  folder = await scratchFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Answer = Map<string, string[]> | "error";

/** The answer of `ssh -G`: lower-case keyword to the values of its lines. */
function ofSsh(file: string, { host, user, port }: Question): Answer {
  const args = [
    "-F",
    file,
    "-G",
    ...(user ? ["-l", user] : []),
    ...(port ? ["-p", `${port}`] : []),
  ];
  const { status, stdout } = spawnSync("ssh", [...args, "--", host], { encoding: "utf8", env });
  if (status !== 0) return "error";
  const answer = new Map<string, string[]>();
  for (const line of stdout.trimEnd().split("\n")) {
    const [, name = "", value = ""] = /^(\S+) ?(.*)$/.exec(line)!;
    answer.set(name.toLowerCase(), [...(answer.get(name.toLowerCase()) ?? []), value]);
  }
  return answer;
}

interface Question {
  host: string;
  user?: string;
  port?: number;
}

/** Keywords that Debian's ssh -G does not print, or prints after a change that is not ours to make. */
const UNCOMPARED = new Set(
  "host match include ignoreunknown tag refuseconnection bindinterface casignaturealgorithms revokedhostkeys".split(
    " ",
  ),
);

const LISTS: Record<string, string> = {
  ciphers: "cipher",
  kexalgorithms: "kex",
  macs: "mac",
  hostkeyalgorithms: "HostKeyAlgorithms",
  pubkeyacceptedalgorithms: "PubkeyAcceptedAlgorithms",
};
const BOOLEANS = new Set(["stricthostkeychecking", "canonicalizehostname", "pubkeyauthentication"]);

const supported = new Map<string, string[]>();
function supportedBySsh(query: string): string[] {
  let names = supported.get(query);
  if (names === undefined) {
    names = spawnSync("ssh", ["-Q", query], { encoding: "utf8" }).stdout.trim().split("\n");
    supported.set(query, names);
  }
  return names;
}

/** What we say, in the form of `ssh -G`; `defaults` is its answer to an empty configuration. */
async function ofUs(file: string, question: Question, defaults: Map<string, string[]>) {
  const files = [{ path: file, includesFrom: join(homedir(), ".ssh"), ownersOnly: false }];
  const { hostName, settings } = await effectiveConfig({
    ...question,
    ...{ files, local },
    succeeds: (command) => runShell(command, env, undefined),
    lookup: async () => undefined,
  });
  const answer = new Map<string, string[]>();
  const tokens = {
    ...{ h: hostName, n: question.host, u: local.user, d: local.home, i: String(local.uid) },
    ...{ p: settings.one("Port") ?? "22", r: settings.one("User") ?? local.user },
    ...{ k: settings.one("HostKeyAlias") ?? question.host },
    ...{ l: local.hostname, L: local.hostname.split(".")[0]! },
  };
  for (const { name, verdict, shape } of allKeywords()) {
    const key = name.toLowerCase();
    const values = settings.many(name);
    if (verdict !== "honored" || UNCOMPARED.has(key)) continue;
    if (values === undefined) {
      const fallback = defaults.get(key);
      if (fallback !== undefined) answer.set(key, fallback);
    } else if (key in LISTS) {
      const before = defaults.get(key)![0]!.split(",");
      answer.set(key, [algorithmList(values[0], before, supportedBySsh(LISTS[key]!)).join(",")]);
    } else if (BOOLEANS.has(key)) {
      answer.set(key, [
        ({ yes: "true", no: "false" } as Record<string, string>)[values[0]!] ?? values[0]!,
      ]);
    } else if (key === "userknownhostsfile") {
      answer.set(key, [
        values.map((file) => expandTilde(expandAll(file, tokens, env), local.home)).join(" "),
      ]);
    } else if (key === "proxycommand" && values[0] === "none") {
      // ssh prints nothing for it.
    } else if (key === "identityagent")
      answer.set(key, [expandTilde(expandAll(values[0]!, tokens, env), local.home)]);
    else if (key === "setenv" || shape.kind !== "words") answer.set(key, values);
    else answer.set(key, [values.join(" ")]);
  }
  answer.set("hostname", [hostName]);
  // A patch of Debian's: a batch keeps an eye on its connection.
  const isWatched =
    settings.one("BatchMode") === "yes" && settings.one("ServerAliveInterval") === undefined;
  if (isWatched && defaults.has("gssapitrustdns")) answer.set("serveraliveinterval", ["300"]);
  return answer;
}

async function same(file: string, question: Question): Promise<{ ssh: unknown; us: unknown }> {
  const empty = join(folder, "empty");
  writeFileSync(empty, "");
  const defaults = ofSsh(empty, question) as Map<string, string[]>;
  const ssh = ofSsh(file, question);
  const us = await ofUs(file, question, defaults).catch((error) => {
    if (error.code === "ssh-config-invalid" && !/cannot be followed/.test(error.message))
      return error.message as string;
    throw error;
  });
  if (ssh === "error" || typeof us === "string") {
    return {
      ssh: ssh === "error" ? "error" : "fine",
      us: typeof us === "string" ? "error" : "fine",
    };
  }
  const pick = (answer: Map<string, string[]>) =>
    Object.fromEntries(
      [...answer]
        .filter(([name]) => us.has(name))
        .map(([name, values]) => [
          name,
          name === "proxyjump"
            ? values
                .flatMap(jumpsOf)
                .map((jump) => parseJump(jump))
                .map(({ host, user, port }) => `${user ?? ""}@${host}:${port ?? ""}`)
            : values,
        ])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
  return { ssh: pick(ssh), us: pick(us) };
}

/** Numbers that are the same in every run. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

const HOSTS = ["web", "web1", "web.example.org", "db-2", "10.0.0.7", "Web", "x"];
const PATTERNS = [
  "*",
  "web*",
  "!web1",
  "web?",
  "*.example.org",
  "10.0.*",
  "!*",
  "db-2",
  "w*b",
  '"web"',
  "x web",
  "!x",
];
const VALUES: [string, string[]][] = [
  [
    "HostName",
    ["real.example.org", "%h.example.net", "10.1.2.3", "%%h", "%n", '"quoted.org"', "ONE.org"],
  ],
  ["Port", ["22", "2222", "0", "65536", "x2", "022", "-1", "22 23"]],
  ["User", ["dep", "'with space'", "a\\ b", 'q\\"uote', "%u", ""]],
  [
    "IdentityFile",
    ["~/.ssh/one", "${HOSTOUT_VALUE}/k", '"~/with space"', "none", "%d/%r@%h", "/a\\\\b", "a b"],
  ],
  ["CertificateFile", ["~/c1", "'/c 2'"]],
  ["IdentityAgent", ["none", "/run/%u/agent", "${HOSTOUT_VALUE}", "SSH_AUTH_SOCK"]],
  ["IdentitiesOnly", ["yes", "no", "true", "maybe"]],
  [
    "UserKnownHostsFile",
    [
      "/dev/null",
      "none",
      "~/.ssh/a ~/.ssh/b",
      "none /x",
      "/k/%h-%p",
      "/k/${HOSTOUT_VALUE}",
      "${NO_SUCH_VARIABLE}/x",
    ],
  ],
  ["GlobalKnownHostsFile", ["/etc/a /etc/b", "none"]],
  ["StrictHostKeyChecking", ["yes", "no", "off", "accept-new", "ask", "never"]],
  ["HostKeyAlias", ["alias", "other"]],
  ["ConnectTimeout", ["3", "1m", "1h30m", "none", "2x", "1w2d", "-5"]],
  ["ServerAliveInterval", ["15", "2m", "0", "x"]],
  ["ServerAliveCountMax", ["3", "10"]],
  ["ConnectionAttempts", ["1", "4"]],
  ["AddressFamily", ["any", "inet", "inet6", "ipv4"]],
  ["BindAddress", ["127.0.0.1"]],
  ["Compression", ["yes", "no"]],
  ["ProxyCommand", ["nc %h %p", "none", 'ssh -W "%h:%p" gate # no comment', "= connect"]],
  ["ProxyJump", ["gate", "me@gate:2200,two", "none", "ssh://u@h:23", "[::1]:22", "a,,b", "gate:0"]],
  ["Ciphers", ["aes128-ctr", "+3des-cbc", "-aes*", "^aes256-ctr", "aes256-ctr,aes128-ctr"]],
  ["MACs", ["+hmac-md5", "-hmac-sha1*", "hmac-sha2-256"]],
  ["KexAlgorithms", ["curve25519-sha256", "-ecdh*", "^ecdh-sha2-nistp256"]],
  ["HostKeyAlgorithms", ["ssh-ed25519", "+ssh-rsa", "-*cert*"]],
  ["PubkeyAcceptedAlgorithms", ["+ssh-rsa", "ssh-ed25519"]],
  ["PubkeyAuthentication", ["yes", "no"]],
  ["PasswordAuthentication", ["no", "yes"]],
  ["ChallengeResponseAuthentication", ["no"]],
  ["PreferredAuthentications", ["publickey,password"]],
  ["BatchMode", ["yes"]],
  ["SetEnv", ["A=b", "A=b C='d e'"]],
  ["CanonicalizeHostname", ["yes", "no", "always", "often"]],
  ["CanonicalDomains", ["none", "invalid"]],
  ["CanonicalizeFallbackLocal", ["yes", "no"]],
  ["CanonicalizeMaxDots", ["0", "2"]],
  ["TCPKeepAlive", ["no"]],
  ["HashKnownHosts", ["yes"]],
  ["NumberOfPasswordPrompts", ["1"]],
  ["RequiredRSASize", ["2048"]],
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
const CRITERIA = [
  ...[
    "all",
    "host web*",
    "host=web1",
    "originalhost web,x",
    "!host web",
    "user dep",
    "user root,dep",
  ],
  ...[
    "localuser *",
    "!localuser nobody",
    "final",
    "canonical",
    "!final host web*",
    "final all",
    "all host x",
  ],
  ...[
    'exec "true"',
    "exec false",
    '!exec "test %h = web"',
    'exec "test %n = web -a %r = dep"',
    'host "web,db-2"',
  ],
  ...[
    "host web user dep",
    "host *.example.org",
    "host !web1,web*",
    "exec",
    "user",
    "nonsense x",
    'exec "test x%p = x22"',
  ],
];

/** One configuration, and the files that it includes. */
function configuration(seed: number): { file: string; question: Question } {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[next(list.length)]!;
  // Wrong values are rare: one makes the whole text an error.
  const rarely = () => next(12) === 0;
  const line = (): string => {
    const [name, values] = pick(
      VALUES.filter(([known]) => known !== "NoSuchKeyword" || next(6) === 0),
    );
    const value = rarely() ? pick(values) : values[next(Math.min(2, values.length))]!;
    const written = pick([name, name, name.toLowerCase(), name.toUpperCase(), `"${name}"`]);
    // After a quoted keyword, ssh takes '=' for a value; harmless keywords take any.
    const between = written.startsWith('"') ? [" "] : [" ", " ", "=", " = ", "\t", "  "];
    return `${pick(["", "  ", "\t"])}${written}${pick(between)}${value}${pick(["", "", " ", name.startsWith("Proxy") || name === "IgnoreUnknown" ? "" : " # note"])}`;
  };
  const dir = join(folder, `c${seed}`);
  mkdirSync(join(dir, "inc"), { recursive: true });
  const block = (): string[] => {
    const head = [
      `Host ${pick(PATTERNS)} ${next(2) ? pick(PATTERNS) : ""}`,
      `Match ${rarely() ? pick(CRITERIA) : CRITERIA[next(CRITERIA.length - 4)]}`,
    ];
    return [pick(head), ...Array.from({ length: 1 + next(4) }, line)];
  };
  const text = (depth: number): string[] => {
    const lines = [
      ...(next(3) ? [] : [line()]),
      ...Array.from({ length: 1 + next(4) }, block).flat(),
    ];
    if (depth < 3 && next(3) === 0) {
      const name = `${depth}${pick(["a", "b"])}.conf`;
      writeFileSync(join(dir, "inc", name), text(depth + 1).join(pick(["\n", "\r\n"])));
      lines.splice(
        next(lines.length + 1),
        0,
        `${pick(["", "  "])}Include ${pick([`${dir}/inc/${name}`, `"${dir}/inc/${depth}*"`, `${dir}/none ${dir}/inc/${depth}[a-b].conf`])}`,
      );
    }
    return lines;
  };
  const file = join(dir, "config");
  writeFileSync(file, `${text(0).join("\n")}${pick(["", "\n", "\n# end\n"])}`);
  return {
    file,
    question: {
      host: pick(HOSTS),
      ...(next(4) === 0 && { user: pick(["dep", "root"]) }),
      ...(next(6) === 0 && { port: 2022 }),
    },
  };
}

test.skipIf(sshMissing)(
  `${CASES} configurations mean what they mean to ssh`,
  { timeout: 120_000 },
  async () => {
    const differences: unknown[] = [];
    for (let seed = 1; seed <= CASES; seed++) {
      const { file, question } = configuration(seed);
      const { ssh, us } = await same(file, question);
      if (isDeepStrictEqual(ssh, us)) continue;
      differences.push({ question, text: readFileSync(file, "utf8"), ssh, us });
    }
    expect(differences).toEqual([]);
  },
);

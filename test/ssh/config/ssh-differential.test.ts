import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir, hostname, networkInterfaces, userInfo } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { algorithmList } from "../../../src/ssh/config/algorithms.ts";
import { connectionHash } from "../../../src/ssh/config/criteria.ts";
import { effectiveConfig, refuseUndoable } from "../../../src/ssh/config/effective.ts";
import { expandAll, expandTilde, expandTokens } from "../../../src/ssh/config/expansion.ts";
import { expanding } from "../../../src/ssh/config/invalid.ts";
import { jumpsOf, parseJump } from "../../../src/ssh/config/jump.ts";
import { allKeywords } from "../../../src/ssh/config/keywords.ts";
import { printedSettings } from "../../../src/ssh/config/printed.ts";
import { runShell } from "../../../src/ssh/config/shell.ts";
import { EVERY } from "../../kinds.ts";
import { scratchFolder } from "../../support/servers.ts";
import { generatedConfig, type SshQuestion } from "../../support/ssh-configs.ts";

/** Another ssh than the installed one, and other cases than CI's: `FIRST` and how many. */
const SSH = process.env.HOSTOUT_SSH ?? "ssh";
const FIRST = Number(process.env.HOSTOUT_SSH_FIRST ?? 1);
const CASES = Number(process.env.HOSTOUT_SSH_CASES ?? 480 / EVERY);
const sshMissing = spawnSync(SSH, ["-V"]).error ? "apt-get install openssh-client" : undefined;
if (sshMissing && process.env.CI) throw new Error(sshMissing);

const env = {
  ...process.env,
  RES_OPTIONS: "timeout:1 attempts:1",
  HOSTOUT_VALUE: "some value",
  SHELL: "/bin/sh",
};
const local = {
  ...{ home: homedir(), user: userInfo().username, uid: userInfo().uid },
  ...{ hostname: hostname(), env },
  addresses: Object.values(networkInterfaces()).flatMap((all) =>
    all!.map(({ address }) => address),
  ),
};

let folder: string;
beforeAll(async () => {
  folder = await scratchFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A string is an error. */
type Answer = Map<string, string[]> | string;

/** The answer of `ssh -G`: lower-case keyword to the values of its lines. */
function ofSsh(file: string, { host, user, port }: SshQuestion): Answer {
  const args = [
    "-F",
    file,
    "-G",
    ...(user ? ["-l", user] : []),
    ...(port ? ["-p", `${port}`] : []),
  ];
  const { status, stdout, stderr } = spawnSync(SSH, [...args, "--", host], {
    encoding: "utf8",
    env,
  });
  if (status !== 0) return `error: ${stderr}`;
  const answer = new Map<string, string[]>();
  for (const line of stdout.trimEnd().split("\n")) {
    const [, name = "", value = ""] = /^(\S+) ?(.*)$/.exec(line)!;
    answer.set(name.toLowerCase(), [...(answer.get(name.toLowerCase()) ?? []), value]);
  }
  return answer;
}

/** Keywords that `ssh -G` never prints. */
const UNPRINTED = new Set(["host", "match", "include", "ignoreunknown", "refuseconnection"]);

const LISTS: Record<string, string> = {
  ciphers: "cipher",
  kexalgorithms: "kex",
  macs: "mac",
  hostkeyalgorithms: "HostKeyAlgorithms",
  pubkeyacceptedalgorithms: "PubkeyAcceptedAlgorithms",
  casignaturealgorithms: "sig",
};
const BOOLEANS = new Set(
  "stricthostkeychecking canonicalizehostname pubkeyauthentication tunnel".split(" "),
);
/** For these, 'none' is the same as no value. */
const CLEARED = new Set(
  "proxyjump proxycommand revokedhostkeys knownhostscommand localcommand remotecommand".split(" "),
);
const known = new Map<string, boolean>();
/** Whether this ssh has a keyword: Tag, for one, came with OpenSSH 9.4. */
function sshKnows(keyword: string): boolean {
  if (!known.has(keyword)) {
    const { stderr } = spawnSync(SSH, ["-F", "none", "-o", `${keyword}=x`, "-G", "h"], {
      encoding: "utf8",
    });
    known.set(keyword, !/bad configuration option/i.test(stderr));
  }
  return known.get(keyword)!;
}

const supported = new Map<string, string[]>();
function supportedBySsh(query: string): string[] {
  let names = supported.get(query);
  if (names === undefined) {
    names = spawnSync(SSH, ["-Q", query], { encoding: "utf8" }).stdout.trim().split("\n");
    supported.set(query, names);
  }
  return names;
}

/** Our result, in the form of `ssh -G`; `defaults` is its output for an empty configuration. */
async function ofUs(file: string, question: SshQuestion, defaults: Map<string, string[]>) {
  const files = [{ path: file, includesFrom: join(homedir(), ".ssh"), ownersOnly: false }];
  const { hostName, settings } = await effectiveConfig({
    ...question,
    ...{ files, local },
    succeeds: (command) => runShell(command, env, undefined),
    lookup: async () => undefined,
  });
  const answer = new Map<string, string[]>();
  const [port, user] = [settings.one("Port") ?? "22", settings.one("User") ?? local.user];
  const jump = jumpsOf(settings.one("ProxyJump") ?? "none").at(-1);
  const tokens = {
    ...{ h: hostName, n: question.host, u: local.user, d: local.home, i: String(local.uid) },
    ...{ p: port, r: user, k: settings.one("HostKeyAlias")?.toLowerCase() ?? question.host },
    ...{ l: local.hostname, L: local.hostname.split(".")[0]! },
    ...connectionHash(local, hostName, port, user, jump && parseJump(jump).host),
  };
  const path = (text: string) => expandAll(expandTilde(text, local.home), tokens, env);
  const printed = new Map<string, string[]>();
  for (const { keyword, value } of printedSettings(settings, hostName, (text, { keyword }) =>
    expanding(keyword.name, undefined, () => path(text)),
  )) {
    const key = keyword.name.toLowerCase();
    printed.set(key, [...(printed.get(key) ?? []), value]);
  }
  for (const { name, verdict, shape } of allKeywords()) {
    const key = name.toLowerCase();
    if (verdict === "harmless" || UNPRINTED.has(key)) continue;
    const values = printed.get(key);
    const one = values?.[0] ?? "";
    if (values === undefined || (shape.kind === "time" && one === "none")) {
      const fallback = defaults.get(key);
      if (fallback !== undefined) answer.set(key, fallback);
    } else if (key in LISTS) {
      const before = defaults.get(key)![0]!.split(",");
      answer.set(key, [algorithmList(one, before, supportedBySsh(LISTS[key]!)).join(",")]);
    } else if (BOOLEANS.has(key)) {
      answer.set(key, [({ yes: "true", no: "false" } as Record<string, string>)[one] ?? one]);
    } else if (key === "remotecommand" && one.toLowerCase() !== "none") {
      answer.set(key, [expanding(name, undefined, () => expandTokens(one, tokens))]);
    } else if (CLEARED.has(key) && one.toLowerCase() === "none") {
      // ssh prints nothing for it.
    } else if (key === "proxyusefdpass" && jump !== undefined) {
      answer.set(key, ["no"]);
    } else if (key === "proxyjump") {
      answer.set(key, [jumpsOf(one).join(",")]);
    } else answer.set(key, values);
  }
  if (settings.setting("RefuseConnection") !== undefined) refuseUndoable(settings);
  answer.set("hostname", [hostName]);
  // A patch of Debian's: a batch keeps an eye on its connection.
  const isWatched =
    settings.one("BatchMode") === "yes" &&
    (settings.one("ServerAliveInterval") ?? "none") === "none";
  if (isWatched && defaults.has("gssapitrustdns")) answer.set("serveraliveinterval", ["300"]);
  return answer;
}

async function same(file: string, question: SshQuestion): Promise<{ ssh: unknown; us: unknown }> {
  const empty = join(folder, "empty");
  writeFileSync(empty, "");
  const defaults = ofSsh(empty, question) as Map<string, string[]>;
  const ssh = ofSsh(file, question);
  const us = await ofUs(file, question, defaults).catch((error) => {
    if (error.code === "ssh-config-invalid") return error.message as string;
    throw error;
  });
  // With CanonicalizePermittedCNAMEs, ssh asks the network even for this (canonical-names.test.ts).
  if (/Could not resolve hostname/.test(String(ssh))) return { ssh: "asked", us: "asked" };
  if (typeof ssh === "string" || typeof us === "string") {
    const both = typeof ssh === "string" && typeof us === "string";
    const shown = (answer: Answer) => (typeof answer === "string" ? answer : "fine");
    return both ? { ssh: "error", us: "error" } : { ssh: shown(ssh), us: shown(us) };
  }
  const pick = (answer: Map<string, string[]>) =>
    Object.fromEntries(
      [...answer]
        .filter(([name]) => us.has(name))
        .map(([name, values]) => [
          name,
          name === "proxyjump"
            ? values
                .flatMap((value) => value.split(","))
                .map((jump) => parseJump(jump))
                .map(({ host, user, port }) => `${user ?? ""}@${host}:${port ?? ""}`)
            : values,
        ])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
  const [theirs, ours] = [pick(ssh), pick(us)];
  const differ = Object.keys(ours).filter((name) => !isDeepStrictEqual(theirs[name], ours[name]));
  const only = (answer: typeof ours) =>
    Object.fromEntries(differ.map((name) => [name, answer[name]]));
  return { ssh: only(theirs), us: only(ours) };
}

test.skipIf(sshMissing)(`${CASES} configurations mean what they mean to ssh`, async () => {
  const differences: unknown[] = [];
  for (let seed = FIRST; seed < FIRST + CASES; seed++) {
    const { file, question } = generatedConfig(seed, folder, sshKnows);
    const { ssh, us } = await same(file, question);
    if (isDeepStrictEqual(ssh, us)) continue;
    differences.push({ question, text: readFileSync(file, "utf8"), ssh, us });
  }
  expect(differences).toEqual([]);
});

test.skipIf(sshMissing).each([
  ["ProxyJump none", "ProxyCommand nc %h %p"],
  ["ProxyJump NONE", "ProxyJump gate", "ProxyCommand first", "ProxyCommand second"],
  ["ProxyJump none", "ProxyCommand none", "ProxyCommand nc"],
  ["ProxyCommand none", "ProxyJump gate"],
  ["ProxyCommand none", "ProxyCommand nc", "ProxyJump gate"],
  ["ProxyJump none", "Match final", "ProxyCommand nc"],
  // A comment or quotes make a name of it.
  ["ProxyJump none # no jump", "ProxyCommand nc"],
  ['ProxyJump "none"', "ProxyCommand nc"],
  // An empty keyword is skipped.
  ["=Port 33"],
  ['="Port" 33'],
  ["==Port 33"],
  ['"" Port 33'],
  ['="Po rt" 33'],
  ["= #Port 33"],
  ["="],
  // A command that does not end by itself has no result.
  ['Match exec "kill -9 $$"', "Port 33"],
  ['Match !exec "kill -TERM $$"', "Port 33"],
])("as ssh: %s", async (...lines) => {
  const file = join(folder, "config");
  writeFileSync(file, lines.join("\n"));
  const { ssh, us } = await same(file, { host: "web" });
  expect(us).toEqual(ssh);
});

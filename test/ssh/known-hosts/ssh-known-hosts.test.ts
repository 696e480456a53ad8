/** Real logins with generated known_hosts files: we must accept and refuse the same as ssh. */
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../../src/ssh/connect.ts";
import { EVERY } from "../../kinds.ts";
import {
  makeKey,
  nobody,
  scratchFolder,
  sshdMissing,
  startSshdServer,
  type TestServer,
} from "../../support/servers.ts";
import { random } from "../../support/ssh-configs.ts";

/** Other cases than CI's: `FIRST` and how many. */
const FIRST = Number(process.env.HOSTOUT_SSH_FIRST ?? 1);
const CASES = Number(process.env.HOSTOUT_SSH_CASES ?? 80 / EVERY);
const BITS = ["256", "384", "521"];

let folder: string;
let servers: TestServer[] = [];
/** Public keys, `type base64`, by name. */
const keys = new Map<string, string>();

const publicOf = (file: string) =>
  readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ");

function madeKey(name: string, type: string, bits?: string): string {
  const file = join(folder, name);
  if (bits === undefined) makeKey(file, "", type);
  else execFileSync("ssh-keygen", ["-q", "-t", type, "-b", bits, "-N", "", "-f", file]);
  keys.set(name, publicOf(file));
  return file;
}

/** A server with ECDSA keys of 256, 384 and 521 bits, each with such a certificate. */
async function certifiedServer(name: string, made: [authority: string, ...args: string[]][]) {
  const lines = made.flatMap(([authority, ...args], i) => {
    const file = madeKey(`${name}-${BITS[i]}`, "ecdsa", BITS[i]);
    execFileSync("ssh-keygen", ["-q", "-s", authority, "-I", name, ...args, `${file}.pub`]);
    return [`HostKey ${file}`, `HostCertificate ${file}-cert.pub`];
  });
  const server = await startSshdServer(lines);
  keys.set(`${name}-ed25519`, server.hostKey);
  return server;
}

beforeAll(async () => {
  if (sshdMissing) return;
  folder = await scratchFolder();
  const authority = madeKey("ca", "ed25519");
  const rsaAuthority = madeKey("rsa-ca", "rsa");
  for (const [name, type] of [
    ["other", "ed25519"],
    ["other-ca", "ecdsa"],
    ["other-rsa", "rsa"],
  ]) {
    madeKey(name!, type!);
  }
  const names = ["-h", "-n", "127.0.0.1,web.example.org"];
  servers = [
    await certifiedServer("one", [
      [authority, ...names],
      [rsaAuthority, "-t", "rsa-sha2-512", ...names],
      [authority, ...names, "-V", "20200101:20200102"],
    ]),
    await certifiedServer("two", [
      [authority, "-h", "-n", "other.example.org"],
      [authority, "-n", "127.0.0.1,web.example.org"],
      [authority, ...names, "-V", "20990101:20990102"],
    ]),
  ];
});
afterAll(async () => {
  for (const server of servers) await server.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** One case: an ssh_config, and the known_hosts file that it names. */
function generated(seed: number) {
  const next = random(seed * 7919);
  const pick = <T>(list: readonly T[]): T => list[next(list.length)]!;
  const at = next(2);
  const server = servers[at]!;
  const own = ["ed25519", ...BITS].map((name) => `${["one", "two"][at]}-${name}`);
  const place = `[127.0.0.1]:${server.port}`;
  const hasAlias = next(4) === 0;
  const name = hasAlias ? "web.example.org" : place;
  const hashed = (host: string) => {
    const file = join(folder, "hashing");
    writeFileSync(file, `${host} ${keys.get("other")}\n`);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
    return readFileSync(file, "utf8").split(" ")[0]!;
  };
  const hosts = () => {
    const usual = [name, name, name, "*", `${name},elsewhere`];
    const rare = [
      ...["127.0.0.1", "127.0.0.*", "[127.0.0.?]:*", "WEB.example.ORG", "!*,*", "elsewhere"],
      ...[`!${name},*`, `*,!${name}`, `${name},!elsewhere`, ",", "|1|broken", "|2|x|y", "\u00a0*"],
      ...["web*", "*.example.org,127.*", `x,${place}`, `"${name}"`, `${name}#`],
    ];
    return next(3) ? pick(usual) : next(4) ? pick(rare) : hashed(pick([name, "127.0.0.1"]));
  };
  const damagedKey = () => {
    const [type = "", base64 = ""] = keys.get(pick(own))!.split(" ");
    return pick([
      ...[`${type} ${base64.slice(0, -8)}`, `ssh-rsa ${base64}`, type, `${type} # ${base64}`],
      ...[`${type} ${base64}AAAA`, `${type}\t${base64}`, `${type} ${base64} a comment`, "x y"],
      ...[`${type} ${base64.replace(/=+$/, "")}`, `1024 35 ${base64}`, `${type} ${base64}\f`],
    ]);
  };
  const line = () => {
    const marker = pick(["", "", "", "@cert-authority ", "@cert-authority ", "@revoked ", "@x "]);
    const usual = marker.startsWith("@cert") ? ["ca", "ca", "rsa-ca", "other-ca"] : own;
    const strange = marker.startsWith("@rev")
      ? ["ca", "other", "other-rsa"]
      : ["other", "other-rsa"];
    const key = next(4) ? keys.get(pick(next(3) ? usual : strange))! : damagedKey();
    const between = pick([" ", " ", "\t", "  "]);
    return `${pick(["", "", "  ", "\t"])}${marker}${hosts()}${between}${key}${pick(["", "", "\r", " \t"])}`;
  };
  const lines = Array.from({ length: next(5) }, () => (next(8) ? line() : pick(["", "# x", "?"])));
  const text = `${next(12) ? "" : "\ufeff"}${lines.join("\n")}${pick(["\n", ""])}`;
  const strict = pick(["yes", "accept-new", "no"]);
  const file = (what: string) => join(folder, `${what}-${seed}`);
  const known = file("known");
  const second = file("global");
  writeFileSync(second, next(6) ? "" : `${line()}\n`);
  const orders = ["ssh-ed25519", ...BITS.map((bits) => `ecdsa-sha2-nistp${bits}`)];
  const certified = orders.slice(1).map((one) => `${one}-cert-v01@openssh.com`);
  const revoked = file("revoked");
  writeFileSync(revoked, `# no more\n${keys.get(pick([...own, "ca"]))} old\n`);
  const config = [
    "Host there",
    ...["HostName 127.0.0.1", `Port ${server.port}`, "IdentityFile none", "IdentityAgent none"],
    ...[`StrictHostKeyChecking ${strict}`, `GlobalKnownHostsFile ${second}`],
    // Without it, new names are hashed if the file has hashed ones; ssh hashes none.
    "HashKnownHosts no",
    `UserKnownHostsFile ${next(12) ? "KNOWN" : pick(["none", "/dev/null", "/no/such/folder/k"])}`,
    ...(hasAlias ? [`HostKeyAlias ${pick(["web.example.org", "Web.Example.ORG"])}`] : []),
    ...(next(2) ? [`HostKeyAlgorithms ${pick([...certified, ...orders])},ssh-ed25519`] : []),
    ...(next(6) ? [] : [`CASignatureAlgorithms ${pick(["ssh-ed25519", "rsa-sha2-512"])}`]),
    ...(next(6) ? [] : [`RevokedHostKeys ${pick([revoked, "none", file("missing")])}`]),
    ...(next(6) ? [] : [`NoHostAuthenticationForLocalhost ${pick(["yes", "no"])}`]),
    ...(next(6) ? [] : [`KnownHostsCommand ${pick(["/bin/cat", "/bin/cat", "cat"])} ${second}`]),
    ...(next(20) ? [] : ["KnownHostsCommand /bin/false"]),
  ];
  return { config, text, known, strict };
}

/** Both sides start with the same files, and only get as far as the login. */
function files(seed: number, side: string) {
  const { config, text, known } = generated(seed);
  const own = `${known}-${side}`;
  writeFileSync(own, text);
  const file = `${own}-config`;
  writeFileSync(file, `${config.join("\n  ")}\n`.replace("KNOWN", own));
  /** The new content of the file; ssh appends it to a last line that has no end. */
  const added = () => readFileSync(own, "utf8").slice(text.length).trim();
  return { file, added };
}

/** The output of ssh, to help explain a difference. */
const shown = new Map<number, string>();

function ofSsh(seed: number): Promise<string> {
  const { file, added } = files(seed, "ssh");
  const off = ["Pubkey", "Password", "KbdInteractive"].flatMap((way) => [
    "-o",
    `${way}Authentication=no`,
  ]);
  const child = spawn("ssh", ["-F", file, "-o", "BatchMode=yes", ...off, "there", "true"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data) => {
    said += data;
  });
  return new Promise((resolve) =>
    child.once("close", () => {
      const isLet = /Permission denied/.test(said);
      // With 'no', ssh warns of a changed or revoked key and continues without passwords: we never do.
      const isWarned = /IDENTIFICATION HAS CHANGED|REVOKED HOST KEY/.test(said);
      if (process.env.HOSTOUT_SSH_CASES) shown.set(seed, said);
      resolve(`${isLet && !isWarned ? "accepted" : "refused"}\n${isWarned ? "" : added()}`);
    }),
  );
}

async function ofUs(seed: number): Promise<string> {
  const { file, added } = files(seed, "us");
  const error = await connect({ host: "there", sshConfigFile: file }, nobody(folder)).then(
    () => ({ code: "logged in without a key" }),
    (problem) => problem,
  );
  const verdict = error.code === "authentication-failed" ? "accepted" : "refused";
  const isKnownCode = /^(authentication-failed|host-key-\w+|ssh-config-invalid)$/.test(error.code);
  if (!isKnownCode) throw error;
  const isWarned = /^host-key-(changed|revoked)$/.test(error.code);
  return `${verdict}\n${isWarned ? "" : added()}`;
}

describe.skipIf(sshdMissing)("known_hosts", () => {
  test(`${CASES} generated files accept and refuse the same hosts as ssh`, async () => {
    const differences: unknown[] = [];
    for (let seed = FIRST; seed < FIRST + CASES; seed++) {
      const [ssh, us] = await Promise.all([ofSsh(seed), ofUs(seed)]);
      if (ssh === us) continue;
      const { config, text } = generated(seed);
      differences.push({ seed, config, text, ssh, us, said: shown.get(seed) });
    }
    expect(differences).toEqual([]);
  });

  test.each([[[]], [["HostKeyAlias Other"]]])(
    "KnownHostsCommand is told the same, %j",
    async (more) => {
      const tokens = "%I %H %h %t %K %f";
      const told = async (side: string, logIn: (config: string) => Promise<unknown>) => {
        const log = join(folder, `told-${more.length}-${side}`);
        writeFileSync(`${log}.sh`, `echo "$@" >> '${log}'\n`);
        const config = `${log}.config`;
        const lines = [
          ...["Host there", "HostName LOCALHOST", `Port ${servers[0]!.port}`, ...more],
          ...["AddressFamily inet", "UserKnownHostsFile none", "GlobalKnownHostsFile none"],
          ...["StrictHostKeyChecking yes", `KnownHostsCommand /bin/sh ${log}.sh ${tokens}`],
        ];
        writeFileSync(config, `${lines.join("\n  ")}\n`);
        await logIn(config);
        return readFileSync(log, "utf8").split("\n");
      };
      const ssh = await told("ssh", async (config) => {
        const args = ["-F", config, "-o", "BatchMode=yes", "there", "true"];
        await new Promise((resolve) =>
          spawn("ssh", args, { stdio: "ignore" }).once("close", resolve),
        );
      });
      const us = await told("us", (config) =>
        expect(connect({ host: "there", sshConfigFile: config }, nobody(folder))).rejects.toThrow(),
      );
      expect(us).toEqual(ssh);
    },
  );
});

import { execFileSync, spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../src/ssh/connect.ts";
import { parseCertificate } from "../../src/ssh/keys/certificate.ts";
import { WireReader, wireString } from "../../src/ssh/keys/wire.ts";
import { objection } from "../../src/ssh/known-hosts/host-certificate.ts";
import type { HostTarget, Interaction } from "../../src/ssh/target.ts";
import {
  makeKey,
  nobody,
  scratchFolder,
  sshdMissing,
  startSshdServer,
  type TestServer,
  targetOf,
} from "../support/servers.ts";

const publicText = (key: string) => readFileSync(`${key}.pub`, "utf8").trim();

function signKey(authority: string, key: string, ...args: string[]): void {
  execFileSync("ssh-keygen", ["-q", "-s", authority, "-I", "test", ...args, `${key}.pub`]);
}

async function logIn(target: HostTarget, interaction: Interaction): Promise<string> {
  const host = await connect(target, interaction);
  try {
    return (await host.exec("echo in")).stdout;
  } finally {
    await host.close();
  }
}

function startAgent(folder: string, ...keys: string[]) {
  const socket = join(folder, `agent${keys.length}${Math.random()}`);
  const output = execFileSync("ssh-agent", ["-s", "-a", socket], { encoding: "utf8" });
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(output)![1]);
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  for (const key of keys) execFileSync("ssh-add", ["-q", key], { env, stdio: "ignore" });
  return { env: { SSH_AUTH_SOCK: socket }, stop: () => process.kill(pid) };
}

describe.skipIf(sshdMissing)("certificates of users", () => {
  let folder: string;
  let authority: string;
  let server: TestServer;
  let base: HostTarget;
  beforeAll(async () => {
    folder = await scratchFolder();
    authority = makeKey(join(folder, "ca"));
    server = await startSshdServer([
      `TrustedUserCAKeys ${authority}.pub`,
      "AuthorizedPrincipalsFile none",
    ]);
    // Only certificates can log in.
    rmSync(server.authorizedKeys!);
    const { identityFile: _, ...target } = targetOf(server, folder);
    base = target;
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(["ed25519", "rsa", "ecdsa"])("KEY-cert.pub next to a key (%s)", async (type) => {
    const key = makeKey(join(folder, type), "", type);
    await expect(logIn({ ...base, identityFile: key }, nobody(folder))).rejects.toMatchObject({
      code: "authentication-failed",
    });
    signKey(authority, key, "-n", server.user);
    expect(await logIn({ ...base, identityFile: key }, nobody(folder))).toBe("in\n");
  });

  test("CertificateFile, also for a key of the agent", async () => {
    const key = makeKey(join(folder, "apart"));
    signKey(authority, key, "-n", server.user);
    const elsewhere = join(folder, "elsewhere.pub");
    copyFileSync(`${key}-cert.pub`, elsewhere);
    rmSync(`${key}-cert.pub`);
    const config = join(folder, "certificate_config");
    writeFileSync(config, `CertificateFile ${elsewhere}\nIdentityFile ${key}\n`);
    expect(await logIn({ ...base, sshConfigFile: config }, nobody(folder))).toBe("in\n");

    const agent = startAgent(folder, key);
    try {
      writeFileSync(config, `CertificateFile ${elsewhere}\nIdentityFile none\n`);
      const target = { ...base, sshConfigFile: config };
      expect(await logIn(target, nobody(folder, agent.env))).toBe("in\n");
    } finally {
      agent.stop();
    }
  });

  test.each(["ed25519", "rsa"])("in the agent (%s)", async (type) => {
    const key = makeKey(join(folder, `in-agent-${type}`), "", type);
    signKey(authority, key, "-n", server.user);
    const agent = startAgent(folder, key);
    try {
      expect(await logIn(base, nobody(folder, agent.env))).toBe("in\n");
    } finally {
      agent.stop();
    }
  });

  test.each<[string, string[], string]>([
    ["has expired", ["-n", "USER", "-V", "20200101:20200102"], "expired"],
    ["is not valid yet", ["-n", "USER", "-V", "20990101:20990102"], "not valid yet"],
    ["is for others", ["-n", "root,web"], "for root, web"],
    ["is for nobody", [], "for nobody"],
    [
      "is good elsewhere only",
      ["-n", "USER", "-O", "source-address=192.0.2.0/24"],
      "only from 192.0.2.0/24",
    ],
  ])("one that %s is called that, in a file and in the agent", async (what, args, limit) => {
    const key = makeKey(join(folder, what.replaceAll(" ", "-")));
    signKey(authority, key, ...args.map((arg) => arg.replace("USER", server.user)));
    const refusal = (name: string) => ({
      code: "authentication-failed",
      message: expect.stringContaining(`${name} (${limit})`),
      hint: expect.stringContaining("signed again"),
    });
    const target = { ...base, identityFile: key };
    const named = `certificate ${key}-cert.pub`;
    await expect(logIn(target, nobody(folder))).rejects.toMatchObject(refusal(named));
    // An agent drops keys whose certificate has expired.
    if (limit === "expired") return;
    const agent = startAgent(folder, key);
    try {
      const attempt = logIn(base, nobody(folder, agent.env));
      await expect(attempt).rejects.toMatchObject(refusal("(certificate)"));
    } finally {
      agent.stop();
    }
  });

  test("one with a forced command logs in, and that is reported", async () => {
    const key = makeKey(join(folder, "forced"));
    signKey(authority, key, "-n", server.user, "-O", "force-command=echo no more");
    const notes: string[] = [];
    const person = { ...nobody(folder), note: (line: string) => notes.push(line) };
    expect(await logIn({ ...base, identityFile: key }, person)).toBe("no more\n");
    expect(notes).toContainEqual(expect.stringMatching(/cert\.pub, .*only runs: echo no more$/));
  });

  /** A key in the agent with a certificate; its local files, and the lines for ssh_config. */
  test.each<[string, { here: string[]; lines: string[]; letsIn: boolean }]>([
    ["the private key alone", { here: [""], lines: [], letsIn: false }],
    ["the public key alone", { here: [".pub"], lines: [], letsIn: false }],
    ["no key at all", { here: [], lines: [], letsIn: false }],
    ["the certificate, too", { here: [".pub", "-cert.pub"], lines: [], letsIn: true }],
    [
      "a CertificateFile without its key",
      { here: ["-cert.pub"], lines: ["CertificateFile KEY-cert.pub"], letsIn: false },
    ],
    [
      "a CertificateFile with its key",
      { here: [".pub", "-cert.pub"], lines: ["CertificateFile KEY-cert.pub"], letsIn: true },
    ],
    [
      "another CertificateFile",
      { here: [".pub", "-cert.pub"], lines: ["CertificateFile KEY.pub"], letsIn: false },
    ],
  ])("IdentitiesOnly with %s is as for ssh", async (what, { here, lines, letsIn }) => {
    const key = makeKey(join(folder, `only-${what.replaceAll(" ", "-")}`));
    signKey(authority, key, "-n", server.user);
    const agent = startAgent(folder, key);
    try {
      for (const end of ["", ".pub", "-cert.pub"]) if (!here.includes(end)) rmSync(key + end);
      const named = [`IdentityFile ${key}`, ...lines.map((line) => line.replace("KEY", key))];
      const results: boolean[] = [];
      for (const only of ["yes", "no"]) {
        const config = `${key}.${only}`;
        writeFileSync(config, [`IdentitiesOnly ${only}`, ...named].join("\n"));
        const attempt = logIn({ ...base, sshConfigFile: config }, nobody(folder, agent.env));
        const ours = await attempt.then(
          () => true,
          ({ code }) => code !== "authentication-failed",
        );
        expect(ours).toBe(sshLogsIn(config, server, agent.env));
        results.push(ours);
      }
      expect(results).toEqual([letsIn, true]);
    } finally {
      agent.stop();
    }
  });

  test("with CertificateFile, those next to the keys are ignored, as in ssh", async () => {
    const key = makeKey(join(folder, "beside"));
    signKey(authority, key, "-n", server.user);
    const config = join(folder, "other_certificate");
    writeFileSync(config, `CertificateFile ${folder}/none.pub\nIdentityFile ${key}\n`);
    const attempt = logIn({ ...base, sshConfigFile: config }, nobody(folder));
    await expect(attempt).rejects.toMatchObject({ code: "authentication-failed" });
    expect(sshLogsIn(config, server, {})).toBe(false);
  });
});

function sshLogsIn(config: string, { port, user }: TestServer, env: Record<string, string>) {
  const args = ["-F", config, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"];
  const known = ["-o", "UserKnownHostsFile=/dev/null", "-p", `${port}`, "-l", user];
  const clean = { ...process.env, SSH_AUTH_SOCK: undefined, ...env };
  return spawnSync("ssh", [...args, ...known, "127.0.0.1", "true"], { env: clean }).status === 0;
}

describe.skipIf(sshdMissing)("certificates of hosts", () => {
  let folder: string;
  let authority: string;
  let server: TestServer;
  let hostKey: string;
  beforeAll(async () => {
    folder = await scratchFolder();
    authority = makeKey(join(folder, "ca"));
    hostKey = makeKey(join(folder, "certified"), "", "ecdsa");
    signKey(authority, hostKey, "-h", "-n", "127.0.0.1,*.example.org");
    server = await startSshdServer([
      ...[`HostKey ${hostKey}`, `HostCertificate ${hostKey}-cert.pub`],
    ]);
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });
  const target = () => ({ ...targetOf(server, folder), acceptNew: false });
  const known = (...lines: string[]) =>
    writeFileSync(join(folder, "known_hosts"), `${lines.join("\n")}\n`);

  test("signed by a @cert-authority are trusted", async () => {
    known(`@cert-authority * ${publicText(authority)}`);
    expect(await logIn(target(), nobody(folder))).toBe("in\n");
  });

  test("are nothing without their authority", async () => {
    known(`@cert-authority * ${publicText(makeKey(join(folder, "other-ca")))}`);
    await expect(logIn(target(), nobody(folder))).rejects.toMatchObject({
      code: "host-key-unknown",
    });
  });

  test("for other names are refused", async () => {
    known(`@cert-authority * ${publicText(authority)}`);
    writeFileSync(join(folder, "ssh_config"), "HostKeyAlias other.example.com\n");
    await expect(logIn(target(), nobody(folder))).rejects.toMatchObject({
      code: "host-key-unknown",
      message: expect.stringContaining("it is for 127.0.0.1"),
    });
    writeFileSync(join(folder, "ssh_config"), "HostKeyAlias web.example.org\n");
    expect(await logIn(target(), nobody(folder))).toBe("in\n");
    rmSync(join(folder, "ssh_config"));
  });

  test("with a revoked key or authority are refused", async () => {
    for (const key of [authority, hostKey]) {
      known(`@cert-authority * ${publicText(authority)}`, `@revoked * ${publicText(key)}`);
      await expect(logIn(target(), nobody(folder))).rejects.toMatchObject({
        code: "host-key-revoked",
      });
    }
  });

  test("RevokedHostKeys and KnownHostsCommand are asked", async () => {
    known("");
    const config = join(folder, "ssh_config");
    const line = `@cert-authority * ${publicText(authority)}`;
    writeFileSync(join(folder, "lines"), `${line}\n`);
    writeFileSync(config, `KnownHostsCommand /bin/cat ${join(folder, "lines")}\n`);
    expect(await logIn(target(), nobody(folder))).toBe("in\n");
    writeFileSync(
      config,
      `KnownHostsCommand /bin/cat ${join(folder, "lines")}\nRevokedHostKeys ${hostKey}.pub\n`,
    );
    await expect(logIn(target(), nobody(folder))).rejects.toMatchObject({
      code: "host-key-revoked",
      location: { file: `${hostKey}.pub` },
    });
    rmSync(config);
  });

  test("a certificate with a changed byte has no valid signature", () => {
    const blob = Buffer.from(readFileSync(`${hostKey}-cert.pub`, "utf8").split(" ")[1]!, "base64");
    const good = parseCertificate(blob)!;
    expect(good.kind).toBe("host");
    expect(good.principals).toEqual(["127.0.0.1", "*.example.org"]);
    expect(objection(good, "127.0.0.1", ["ssh-ed25519"])).toBeUndefined();
    const name = blob.indexOf("127.0.0.1");
    blob[name] = "8".charCodeAt(0);
    const forged = parseCertificate(blob)!;
    expect(objection(forged, "827.0.0.1", ["ssh-ed25519"])).toBe("its signature is wrong");
    expect(objection(good, "127.0.0.1", ["rsa-sha2-512"])).toBe("it is signed with ssh-ed25519");
  });
});

/** A security key in software, behind an agent: signs like a FIDO token (PROTOCOL.u2f of OpenSSH). */
function tokenAgent(socket: string) {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url");
  const type = "sk-ssh-ed25519@openssh.com";
  const blob = Buffer.concat([wireString(type), wireString(raw), wireString("ssh:")]);
  const signature = (data: Buffer) => {
    const flagsAndCounter = Buffer.from([1, 0, 0, 0, 7]);
    const hash = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest();
    const message = Buffer.concat([hash("ssh:"), flagsAndCounter, hash(data)]);
    return Buffer.concat([
      wireString(type),
      wireString(sign(null, message, privateKey)),
      flagsAndCounter,
    ]);
  };
  const server: Server = createServer((connection) => {
    connection
      .on("error", () => {})
      .once("data", (request) => {
        const reader = new WireReader(request.subarray(4));
        const isListing = reader.byte() === 11;
        const [, data] = isListing ? [] : [reader.string(), reader.string()];
        const answer =
          data === undefined
            ? [Buffer.from([12, 0, 0, 0, 1]), wireString(blob), wireString("token")]
            : [Buffer.from([14]), wireString(signature(data))];
        connection.end(wireString(Buffer.concat(answer)));
      });
  });
  return new Promise<{ line: string; close(): Promise<void> }>((resolve) =>
    server.listen(socket, () =>
      resolve({
        line: `${type} ${blob.toString("base64")} token`,
        close: () => new Promise((done) => void server.close(() => done())),
      }),
    ),
  );
}

test.skipIf(sshdMissing)("a key on a security key logs in through the agent", async () => {
  const folder = await scratchFolder();
  const server = await startSshdServer();
  const socket = join(folder, "token.sock");
  const token = await tokenAgent(socket);
  try {
    writeFileSync(server.authorizedKeys!, `no-touch-required ${token.line}\n`);
    mkdirSync(join(folder, ".ssh"));
    writeFileSync(join(folder, ".ssh/id_ed25519_sk.pub"), `${token.line}\n`);
    writeFileSync(join(folder, ".ssh/id_ed25519_sk"), privateTokenFile(token.line));
    const { identityFile: _, ...target } = targetOf(server, folder);
    expect(await logIn(target, nobody(folder, { SSH_AUTH_SOCK: socket }))).toBe("in\n");
    await expect(logIn(target, nobody(folder))).rejects.toMatchObject({
      message: expect.stringContaining("on a security key"),
      hint: expect.stringContaining("ssh-add"),
    });
  } finally {
    await token.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
});

/** As ssh-keygen writes it, as far as anybody reads it without the token. */
function privateTokenFile(line: string): string {
  const blob = Buffer.from(line.split(" ")[1]!, "base64");
  const data = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(wireString),
    Buffer.from([0, 0, 0, 1]),
    wireString(blob),
    wireString("private"),
  ]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${data.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

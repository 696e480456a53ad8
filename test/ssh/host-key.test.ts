import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect } from "../../src/ssh/connect.ts";
import type { HostTarget, Interaction } from "../../src/ssh/target.ts";
import {
  makeKey,
  nobody,
  scratchFolder,
  servers,
  type TestServer,
  targetOf,
} from "../support/servers.ts";

describe.each(servers)("the host key of $name", ({ start, missing }) => {
  describe.skipIf(missing)(missing ?? "", () => {
    let server: TestServer;
    let folder: string;
    let target: HostTarget;
    let knownHosts: string;
    let name: string;

    beforeAll(async () => {
      server = await start();
      name = `[127.0.0.1]:${server.port}`;
    });
    afterAll(() => server?.close());
    beforeEach(async () => {
      folder = await scratchFolder();
      knownHosts = join(folder, "known_hosts");
      target = { ...targetOf(server, folder), acceptNew: false };
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    const logIn = async (interaction: Interaction, change: Partial<HostTarget> = {}) => {
      const host = await connect({ ...target, ...change }, interaction);
      await host.close();
    };
    const print = (key: string) => {
      const file = join(folder, "print");
      writeFileSync(file, key);
      return execFileSync("ssh-keygen", ["-l", "-f", file], { encoding: "utf8" }).split(" ")[1]!;
    };
    const otherKey = () => {
      const file = makeKey(join(folder, `other${Math.random()}`));
      return readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
    };

    test("unknown, with nobody to ask: refused, with its fingerprint", async () => {
      await expect(logIn(nobody(folder))).rejects.toMatchObject({
        code: "host-key-unknown",
        message: expect.stringContaining(print(server.hostKey)),
        hint: expect.stringContaining("accept-new"),
      });
      expect(existsSync(knownHosts)).toBe(false);
    });

    test("unknown, with a question: the answer decides, and yes is stored", async () => {
      const questions: string[] = [];
      const answering = (answer: boolean): Interaction => ({
        ...nobody(folder),
        async confirm(question) {
          questions.push(question);
          return answer;
        },
      });
      await expect(logIn(answering(false))).rejects.toMatchObject({ code: "host-key-unknown" });
      expect(existsSync(knownHosts)).toBe(false);
      await logIn(answering(true));
      expect(questions[0]).toContain(print(server.hostKey));
      expect(questions[0]).toContain(name);
      expect(readFileSync(knownHosts, "utf8")).toBe(`${name} ${server.hostKey}\n`);
      await logIn(nobody(folder));
      expect(questions).toHaveLength(2);
    });

    test("accept-new stores an unknown one; StrictHostKeyChecking yes does not", async () => {
      writeFileSync(join(folder, "ssh_config"), "StrictHostKeyChecking yes\n");
      const interaction = { ...nobody(folder), confirm: async () => true };
      await expect(logIn(interaction)).rejects.toMatchObject({ code: "host-key-unknown" });
      await logIn(nobody(folder), { acceptNew: true });
      expect(readFileSync(knownHosts, "utf8")).toBe(`${name} ${server.hostKey}\n`);
    });

    test("an unknown one of several parallel logins is stored once, and reported once", async () => {
      const notes: string[] = [];
      const told = { ...nobody(folder), note: (text: string) => void notes.push(text) };
      await Promise.all([1, 2, 3].map(() => logIn(told, { acceptNew: true })));
      expect(readFileSync(knownHosts, "utf8")).toBe(`${name} ${server.hostKey}\n`);
      expect(notes.filter((text) => text.startsWith("Added "))).toHaveLength(1);
    });

    test("changed: refused whatever is set, with both fingerprints and the way out", async () => {
      const old = otherKey();
      writeFileSync(knownHosts, `# mine\n${name} ${old}\n`);
      const interaction = { ...nobody(folder), confirm: async () => true };
      const attempt = logIn(interaction, { acceptNew: true });
      await expect(attempt).rejects.toMatchObject({
        code: "host-key-changed",
        message: expect.stringContaining(print(old)),
        location: { file: knownHosts, line: 2 },
        hint: expect.stringContaining(`ssh-keygen -f ${knownHosts} -R '${name}'`),
      });
      await expect(attempt).rejects.toMatchObject({
        message: expect.stringContaining(print(server.hostKey)),
      });
      expect(readFileSync(knownHosts, "utf8")).toBe(`# mine\n${name} ${old}\n`);
      // The hint works as it is.
      execFileSync("ssh-keygen", ["-f", knownHosts, "-R", name], { stdio: "ignore" });
      await logIn(nobody(folder), { acceptNew: true });
    });

    test("revoked: refused even if it is known", async () => {
      writeFileSync(knownHosts, `${name} ${server.hostKey}\n@revoked * ${server.hostKey}\n`);
      await expect(logIn(nobody(folder), { acceptNew: true })).rejects.toMatchObject({
        code: "host-key-revoked",
        location: { file: knownHosts, line: 2 },
      });
    });

    test("known under a hashed name", async () => {
      writeFileSync(knownHosts, `${name} ${server.hostKey}\n`);
      execFileSync("ssh-keygen", ["-q", "-H", "-f", knownHosts], { stdio: "ignore" });
      await logIn(nobody(folder));
      expect(readFileSync(knownHosts, "utf8")).toMatch(/^\|1\|/);
    });

    test("known in addition to an authority that has not signed it", async () => {
      writeFileSync(knownHosts, `@cert-authority * ${otherKey()}\n${name} ${server.hostKey}\n`);
      await logIn(nobody(folder));
    });

    test("HostKeyAlias names the host in known_hosts", async () => {
      writeFileSync(join(folder, "ssh_config"), "HostKeyAlias the-alias\n");
      await logIn(nobody(folder), { acceptNew: true });
      expect(readFileSync(knownHosts, "utf8")).toBe(`the-alias ${server.hostKey}\n`);
    });
  });
});

const sshd = servers.find(({ name }) => name === "sshd")!;
test.skipIf(sshd.missing)(
  "the type of key that is known is the one that is asked for",
  async () => {
    const folder = await scratchFolder();
    const rsa = makeKey(join(folder, "rsa"), "", "rsa");
    const { startSshdServer } = await import("../support/servers.ts");
    const server = await startSshdServer([`HostKey ${rsa}`]);
    const known = readFileSync(`${rsa}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
    writeFileSync(join(folder, "known_hosts"), `[127.0.0.1]:${server.port} ${known}\n`);
    const host = await connect({ ...targetOf(server, folder), acceptNew: false }, nobody(folder));
    await host.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  },
);

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HiddenValues } from "../../../src/buildout/secrets/hidden-values.ts";
import { hostOptions } from "../../../src/deploy/part/options.ts";
import { type CommandDefinition, commandChains } from "../../../src/deploy/run/chain.ts";
import { type HostsRequest, runHosts } from "../../../src/deploy/run/hosts.ts";
import type { Interaction } from "../../../src/ssh/target.ts";
import { startSandboxServer, type TestServer } from "../../support/servers.ts";

const NAMES = ["a", "b", "c"];

let servers: TestServer[];
let folder: string;
/** How often a login has been reported. */
let logins: string[];

beforeAll(async () => {
  servers = await Promise.all(NAMES.map(startSandboxServer));
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hostout-questions-"));
  logins = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Logs in to all hosts in parallel, and returns the results. */
async function logInTo(
  options: (server: TestServer, index: number) => Record<string, string>,
  interaction: Partial<Interaction>,
  request: Partial<HostsRequest> = {},
) {
  const part = (server: TestServer, index: number) => ({
    host: `${server.host}:${server.port}`,
    user: server.user,
    "known-hosts": join(folder, "known_hosts"),
    "ssh-config": join(folder, "ssh_config"),
    ...options(server, index),
  });
  const hosts = new Map(
    NAMES.map((name, index) => [
      name,
      hostOptions(name, new Map(Object.entries(part(servers[index]!, index))), folder),
    ]),
  );
  const log: CommandDefinition = {
    ...{ name: "log", description: "", arguments: "none", source: "test" },
    async run({ session }) {
      await session.run("true", { cwd: null });
    },
  };
  const chains = commandChains([{ commands: [log] }]);
  const results = await runHosts({
    project: { directory: folder, hosts, secrets: new Map() } as unknown as HostsRequest["project"],
    ...{ hosts: NAMES, commands: ["log"], args: [], acceptNew: false, lockWait: undefined },
    ...{ keepDrift: false, pool: 2, hidden: new HiddenValues() },
    chains: new Map(NAMES.map((name) => [name, chains])),
    programs: { engine: "", localFiles: "", rsyncShell: "", version: "" },
    report: (event) => {
      if (event.type === "login") logins.push(event.host);
    },
    interaction: { env: { HOME: folder, USER: "tester" }, ...interaction },
    signal: new AbortController().signal,
    ...request,
  });
  return results.map(({ outcome }) => outcome);
}

const withKey = (server: TestServer) => ({ "identity-file": server.key });
const ALL_DONE = ["done", "done", "done"];

describe("hosts in parallel", () => {
  test("have their new keys confirmed together, before any of them runs", async () => {
    const questions: string[] = [];
    const confirm = async (question: string) => {
      questions.push(question);
      expect(logins).toEqual([]);
      return true;
    };
    expect(await logInTo(withKey, { confirm })).toEqual(ALL_DONE);
    expect(questions).toHaveLength(1);
    for (const [index, { host, port }] of servers.entries()) {
      expect(questions[0]).toContain(`  ${NAMES[index]} ([${host}]:${port}): ssh-ed25519 SHA256:`);
    }
    expect(readFileSync(join(folder, "known_hosts"), "utf8").trim().split("\n")).toHaveLength(3);
    // Known keys are not asked for, nor asked about.
    expect(await logInTo(withKey, { confirm })).toEqual(ALL_DONE);
    expect(questions).toHaveLength(1);
  });

  test("have a key confirmed once if they are parts on one host", async () => {
    const questions: string[] = [];
    const confirm = async (question: string) => {
      questions.push(question);
      return true;
    };
    const { host, port, key, user } = servers[0]!;
    const onFirst = () => ({ host: `${host}:${port}`, user, "identity-file": key });
    expect(await logInTo(onFirst, { confirm })).toEqual(ALL_DONE);
    expect(questions).toEqual([
      expect.stringMatching(/^The key of a host is not known:\n {2}a .*\nTrust it and continue\?$/),
    ]);
    expect(readFileSync(join(folder, "known_hosts"), "utf8").trim().split("\n")).toHaveLength(1);
  });

  test("do not run if nobody agrees, or nobody can be asked: one error names all", async () => {
    const refused = logInTo(withKey, { confirm: async () => false });
    await expect(refused).rejects.toMatchObject({ code: "host-key-unknown" });
    const silent = logInTo(withKey, {});
    await expect(silent).rejects.toMatchObject({
      code: "host-key-unknown",
      message: expect.stringMatching(
        /^The keys of 3 hosts are not known:\n {2}a .*\n {2}b .*\n {2}c /,
      ),
      hint: expect.stringContaining("accept-new"),
    });
    expect([logins, existsSync(join(folder, "known_hosts"))]).toEqual([[], false]);
    expect(await logInTo(withKey, {}, { acceptNew: true })).toEqual(ALL_DONE);
  });

  test("use a password that is asked for once for each user", async () => {
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      expect(logins).toEqual([]);
      return servers[0]!.password!;
    };
    const accepting = (server: TestServer, index: number) => ({
      "accept-new": "true",
      ...(index === 2 && withKey(server)),
    });
    expect(await logInTo(accepting, { ask })).toEqual(ALL_DONE);
    expect(questions).toEqual([`Password of ${servers[0]!.user} on a, b: `]);
    await expect(logInTo(accepting, {})).rejects.toMatchObject({
      code: "authentication-failed",
      message:
        "2 hosts need a password, and there is no terminal to ask on: a (deployer), b (deployer)",
      hint: expect.stringContaining("password-file"),
    });
  });

  test("that one cannot log in to fail by themselves", async () => {
    const options = (server: TestServer, index: number): Record<string, string> => ({
      ...withKey(server),
      "accept-new": "true",
      ...(index === 1 && { host: "127.0.0.1:1" }),
    });
    expect(await logInTo(options, {})).toEqual(["done", "failed", "done"]);
  });
});

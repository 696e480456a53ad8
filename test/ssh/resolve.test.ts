import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseJump } from "../../src/ssh/config/jump.ts";
import { resolveTarget } from "../../src/ssh/resolve.ts";
import type { HostTarget } from "../../src/ssh/target.ts";
import { scratchFolder } from "../support/servers.ts";

let home: string;
beforeEach(async () => {
  home = await scratchFolder();
  mkdirSync(join(home, ".ssh"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const config = (text: string) => writeFileSync(join(home, ".ssh/config"), text);
const resolved = (target: HostTarget, env: Record<string, string> = {}) =>
  resolveTarget(
    { systemConfigFile: join(home, "system_config"), ...target },
    { HOME: home, USER: "me", ...env },
  );
const SYSTEM_KNOWN_HOSTS = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

test("without a configuration ssh's defaults are used", async () => {
  expect(await resolved({ host: "example.org" })).toMatchObject({
    host: "example.org",
    hostName: "example.org",
    port: 22,
    user: "me",
    identities: ["id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk"].map(
      (name) => ({
        path: join(home, ".ssh", name),
        required: false,
      }),
    ),
    agent: undefined,
    askPassword: true,
    jumps: [],
    knownHostsFiles: [
      join(home, ".ssh/known_hosts"),
      join(home, ".ssh/known_hosts2"),
      ...SYSTEM_KNOWN_HOSTS,
    ],
    unknownHostKeys: "ask",
    connectTimeout: 10,
  });
  expect((await resolveTarget({ host: "h" }, { HOME: home })).user).toBe(userInfo().username);
});

test("an alias gets its options; option names are case-insensitive", async () => {
  config(`
Host web
  hostname web-1.example.org
  PORT 2222
  User deployer
  IdentityFile ~/keys/%r-%h
  IdentityFile "%d/with space"
  identitiesonly yes
  ProxyJump one@gate:2200,two
  UserKnownHostsFile ~/.ssh/kh1 ~/.ssh/kh2
  StrictHostKeyChecking accept-new
  ConnectTimeout 3
Host *
  User nobody
`);
  expect(await resolved({ host: "web" })).toMatchObject({
    host: "web",
    hostName: "web-1.example.org",
    port: 2222,
    user: "deployer",
    identities: [
      { path: join(home, "keys/deployer-web-1.example.org"), required: false },
      { path: join(home, "with space"), required: false },
    ],
    identitiesOnly: true,
    jumps: ["one@gate:2200", "two"],
    knownHostsFiles: [join(home, ".ssh/kh1"), join(home, ".ssh/kh2"), ...SYSTEM_KNOWN_HOSTS],
    newKeysFile: join(home, ".ssh/kh1"),
    unknownHostKeys: "accept",
    connectTimeout: 3,
  });
  expect((await resolved({ host: "other" })).user).toBe("nobody");
});

test("the target overrides the configuration", async () => {
  config("Host *\n  Port 2222\n  User conf\n  IdentityFile ~/conf\n  StrictHostKeyChecking yes\n");
  const target = {
    host: "h",
    port: 23,
    user: "mine",
    identityFile: "~/key.pub",
    acceptNew: true,
    connectTimeout: 1,
    knownHostsFile: "/kh",
  };
  expect(await resolved(target)).toMatchObject({
    port: 23,
    user: "mine",
    identities: [{ path: join(home, "key"), required: true }],
    unknownHostKeys: "accept",
    connectTimeout: 1,
    knownHostsFiles: ["/kh", ...SYSTEM_KNOWN_HOSTS],
  });
  expect((await resolved({ host: "h" })).unknownHostKeys).toBe("refuse");
});

test("%h in HostName is the name as written", async () => {
  config("Host *.short\n  HostName %h.example.org\n");
  expect((await resolved({ host: "a.short" })).hostName).toBe("a.short.example.org");
});

test("StrictHostKeyChecking no takes new keys as accept-new does", async () => {
  config("StrictHostKeyChecking no\n");
  expect((await resolved({ host: "h" })).unknownHostKeys).toBe("accept");
});

test("UserKnownHostsFile none stores no keys", async () => {
  config("UserKnownHostsFile none\n");
  const target = await resolved({ host: "h" });
  expect(target.newKeysFile).toBeUndefined();
});

test("the agent is SSH_AUTH_SOCK, another socket, or none", async () => {
  const env = { SSH_AUTH_SOCK: "/run/agent" };
  expect((await resolved({ host: "h" }, env)).agent).toBe("/run/agent");
  config("Host h\n  IdentityAgent ~/agent\nHost n\n  IdentityAgent none\n");
  expect((await resolved({ host: "h" }, env)).agent).toBe(join(home, "agent"));
  expect((await resolved({ host: "n" }, env)).agent).toBeUndefined();
});

describe("Include", () => {
  test("reads relative files, patterns and files that include others", async () => {
    mkdirSync(join(home, ".ssh/config.d"));
    writeFileSync(join(home, ".ssh/config.d/1"), "Host a\n  Port 1001\n");
    writeFileSync(
      join(home, ".ssh/config.d/2"),
      `Include ${home}/.ssh/more\nHost b\n  Port 1002\n`,
    );
    writeFileSync(join(home, ".ssh/more"), "Host c\n  Port 1003\n");
    config("Include config.d/* absent\nUser everywhere\nHost b\n  Port 9\n");
    expect(await resolved({ host: "a" })).toMatchObject({ port: 1001, user: "everywhere" });
    expect(await resolved({ host: "b" })).toMatchObject({ port: 1002, user: "everywhere" });
    expect(await resolved({ host: "c" })).toMatchObject({ port: 1003, user: "everywhere" });
    expect(await resolved({ host: "d" })).toMatchObject({ port: 22, user: "everywhere" });
  });

  test("matches names as the shell does, hidden ones only on request", async () => {
    for (const [folder, name, port] of [
      ["d", "10.conf", 1010],
      ["d", "2.conf", 1002],
      ["d", ".hidden.conf", 1003],
      ["d", "3.off", 1004],
      ["e", "x1", 1005],
      ["e", "x22", 1006],
    ] as const) {
      mkdirSync(join(home, ".ssh", folder), { recursive: true });
      writeFileSync(join(home, ".ssh", folder, name), `Host h\n  Port ${port}\n`);
    }
    // The first value counts, in the order of names.
    const portOf = async (pattern: string) => {
      config(`Include ${pattern}\n`);
      return (await resolved({ host: "h" })).port;
    };
    expect(await portOf("d/*.conf")).toBe(1010);
    expect(await portOf("d/?.conf")).toBe(1002);
    expect(await portOf("d/.*.conf")).toBe(1003);
    expect(await portOf("d/3*")).toBe(1004);
    expect(await portOf("e/x?")).toBe(1005);
    expect(await portOf("e/x[2]2")).toBe(1006);
    expect(await portOf("*/x??")).toBe(1006);
    expect(await portOf("none/*")).toBe(22);
    expect(await portOf("e/x1/*")).toBe(22);
  });

  test("inside of a Host section holds for that host", async () => {
    writeFileSync(join(home, ".ssh/more"), "Port 1001\n");
    config("Host a\n  Include more\n  User u\nHost b\n  User v\n");
    expect(await resolved({ host: "a" })).toMatchObject({ port: 1001, user: "u" });
    expect(await resolved({ host: "b" })).toMatchObject({ port: 22, user: "v" });
  });

  test("of itself is an error", async () => {
    config("Include config\n");
    await expect(resolved({ host: "h" })).rejects.toMatchObject({ code: "ssh-config-invalid" });
  });
});

test("an invalid port is refused", async () => {
  config("Host h\n  Port ssh\n");
  await expect(resolved({ host: "h" })).rejects.toMatchObject({
    code: "ssh-config-invalid",
    location: { file: join(home, ".ssh/config"), line: 2 },
  });
  await expect(resolved({ host: "h", port: 0 })).rejects.toMatchObject({ code: "port-invalid" });
});

test.each([
  ["gate", { host: "gate" }],
  ["me@gate:2200", { host: "gate", user: "me", port: 2200 }],
  ["ssh://me@gate:2200", { host: "gate", user: "me", port: 2200 }],
  ["[::1]:2200", { host: "::1", port: 2200 }],
  ["me@x@gate", { host: "gate", user: "me@x" }],
])("a jump through %s", (text, expected) => {
  expect(parseJump(text)).toEqual(expected);
});

test("the system's file is read after the user's own, unless 'ssh-config' names another", async () => {
  writeFileSync(join(home, "system_config"), "Host h\n  Port 2200\n  User system\n");
  config("Host h\n  User own\n");
  expect(await resolved({ host: "h" })).toMatchObject({ port: 2200, user: "own" });
  writeFileSync(join(home, "other"), "User other\n");
  const target = { host: "h", sshConfigFile: join(home, "other") };
  expect(await resolved(target)).toMatchObject({ port: 22, user: "other" });
});

test("variables are expanded in the same places as in ssh, and an unset one is an error", async () => {
  config(
    "IdentityFile ${KEYS}/id\nIdentityAgent ${RUN}/agent.sock\nUserKnownHostsFile ${KEYS}/kh\n",
  );
  expect(await resolved({ host: "h" }, { KEYS: "/keys", RUN: "/run/me" })).toMatchObject({
    identities: [{ path: "/keys/id", required: false }],
    agent: "/run/me/agent.sock",
    newKeysFile: "/keys/kh",
  });
  await expect(resolved({ host: "h" }, { KEYS: "/keys" })).rejects.toMatchObject({
    code: "ssh-config-invalid",
    message: expect.stringContaining("RUN is not set"),
    location: { line: 2 },
  });
});

test("Match exec, final and tagged decide", async () => {
  config(`Tag office
Match exec "test %h = h"
  User runs
Match tagged office,home
  Port 2201
Match final host real.example.org
  IdentityFile ~/final
Host h
  HostName real.example.org
`);
  expect(await resolved({ host: "h" })).toMatchObject({
    user: "runs",
    port: 2201,
    identities: [{ path: join(home, "final"), required: false }],
  });
  expect((await resolved({ host: "other" })).user).toBe("me");
});

test("of ProxyJump and ProxyCommand the first counts", async () => {
  config("Host a\n  ProxyCommand nc %h %p\nHost *\n  ProxyJump gate\nHost b\n  ProxyCommand x\n");
  expect(await resolved({ host: "a" })).toMatchObject({ proxyCommand: "nc a 22", jumps: [] });
  expect(await resolved({ host: "b" })).toMatchObject({ proxyCommand: undefined, jumps: ["gate"] });
});

test.each([
  ["ProxyJump none\nProxyCommand nc %h %p\n", "nc h 22"],
  ["Host h\n  ProxyJump none\nHost *\n  ProxyCommand nc %h %p\n", "nc h 22"],
  ["ProxyCommand none\nProxyJump gate\n", undefined],
])("'none' of one proxy is not a jump, whatever else: %j", async (text, proxyCommand) => {
  config(text);
  expect(await resolved({ host: "h" })).toMatchObject({ proxyCommand, jumps: [] });
});

test("a byte order mark is named", async () => {
  config("\ufeffPort 33\n");
  await expect(resolved({ host: "h" })).rejects.toMatchObject({
    code: "ssh-config-invalid",
    message: "A byte order mark (U+FEFF) is not allowed here.",
    location: { line: 1 },
  });
});

test.each([
  ["LocalCommand", "PermitLocalCommand yes\nLocalCommand logger %h\n", 2],
  ["RemoteCommand", "RemoteCommand tmux\n", 1],
  ["ProxyUseFdpass", "ProxyUseFdpass yes\n", 1],
  ["Tunnel", "Tunnel yes\n", 1],
])("%s is refused with a reason and its place", async (name, text, line) => {
  config(text);
  await expect(resolved({ host: "h" })).rejects.toMatchObject({
    code: "ssh-config-invalid",
    message: expect.stringContaining(`${name} is not supported`),
    location: { line },
  });
});

test("a misspelled keyword is an error that names the nearest", async () => {
  config("Hostnam x\n");
  await expect(resolved({ host: "h" })).rejects.toMatchObject({
    code: "ssh-config-invalid",
    hint: expect.stringContaining("HostName"),
  });
});

test("a configuration that others can write is refused, as in ssh", async () => {
  config("User u\n");
  chmodSync(join(home, ".ssh/config"), 0o666);
  await expect(resolved({ host: "h" })).rejects.toMatchObject({ code: "ssh-config-invalid" });
});

test.each([
  ["90", 90],
  ["1m30s", 90],
  ["2h", 7200],
  ["none", undefined],
])("ConnectTimeout %s", async (text, expected) => {
  config(`ConnectTimeout ${text}\n`);
  expect((await resolved({ host: "h" })).connectTimeout).toBe(expected);
});

test("defaults of the caller apply if no configuration file sets anything", async () => {
  config("Host said\n  User theirs\n  Port 2200\n  ProxyJump bastion\n  ConnectTimeout 7\n");
  const sshDefaults = [
    ["User", "deploy"],
    ["Port", "2222"],
    ["ProxyCommand", "nc %h %p"],
    ["ConnectTimeout", "3"],
  ] as const;
  expect(await resolved({ host: "unsaid", sshDefaults })).toMatchObject({
    ...{ user: "deploy", port: 2222, proxyCommand: "nc unsaid 2222", connectTimeout: 3 },
  });
  expect(await resolved({ host: "said", sshDefaults })).toMatchObject({
    ...{ user: "theirs", port: 2200, proxyCommand: undefined, connectTimeout: 7 },
  });
  const given = await resolved({ host: "unsaid", user: "me2", port: 23, sshDefaults });
  expect(given).toMatchObject({ user: "me2", port: 23 });
});

describe("HOSTOUT_SSH_CONFIG", () => {
  test("names the file to read instead of the user's own, unless the host names one", async () => {
    config("Host h\n  Port 1\n");
    writeFileSync(join(home, "ci"), "Host h\n  Port 2\n");
    writeFileSync(join(home, "part"), "Host h\n  Port 3\n");
    const env = { HOSTOUT_SSH_CONFIG: join(home, "ci") };
    expect((await resolved({ host: "h" }, env)).port).toBe(2);
    const own = { host: "h", sshConfigFile: join(home, "part") };
    expect((await resolved(own, env)).port).toBe(3);
    expect((await resolved({ host: "h" }, { HOSTOUT_SSH_CONFIG: "" })).port).toBe(1);
  });

  test("that names nothing is an error: the user's own would not be meant", async () => {
    const missing = { HOSTOUT_SSH_CONFIG: join(home, "gone") };
    await expect(resolved({ host: "h" }, missing)).rejects.toThrow(
      /HOSTOUT_SSH_CONFIG names .*gone/,
    );
  });
});

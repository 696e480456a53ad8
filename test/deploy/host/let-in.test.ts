import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accountsScript, keyScript } from "../../../src/deploy/host/accounts.ts";
import { attacked } from "../../support/attacker.ts";
import {
  scratchFolder,
  startSshdServer,
  type TestServer,
  usersMissing,
} from "../../support/servers.ts";

const KEY = "ssh-ed25519 AAAA someone";

describe.skipIf(usersMissing)(`letting a key in as root ${usersMissing ?? ""}`, () => {
  let folder: string;
  let server: TestServer;

  beforeAll(async () => {
    folder = await scratchFolder();
    server = await startSshdServer();
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const letIn = () => spawnSync("sh", ["-c", keyScript(server.user, KEY)], { encoding: "utf8" });

  test("writes ~/.ssh as the user", () => {
    expect(letIn()).toMatchObject({ status: 0, stderr: "" });
    const places = [".ssh", ".ssh/authorized_keys"].map((name) => join(server.home, name));
    const { stdout } = spawnSync("stat", ["-c", "%U %a", ...places], { encoding: "utf8" });
    expect(stdout).toBe(`${server.user} 700\n${server.user} 600\n`);
  });

  const makeUsers = () => {
    const group = spawnSync("id", ["-gn", server.user], { encoding: "utf8" }).stdout.trim();
    const users = accountsScript(server.user, server.user, group, false);
    spawnSync("sh", ["-c", `${users}\n${keyScript(server.user, KEY)}`]);
  };

  test.each([
    ["a key is let in", letIn],
    ["users are made", makeUsers],
  ])("touches nothing of root's while %s and the user swaps ~/.ssh for a link", async (_, act) => {
    const canary = join(folder, "canary");
    rmSync(canary, { recursive: true, force: true });
    mkdirSync(canary, { mode: 0o755 });
    writeFileSync(join(canary, "authorized_keys"), "root's\n", { mode: 0o644 });
    const swap = `rm -rf .ssh; ln -s ${canary} .ssh; rm -f .ssh; mkdir .ssh; rmdir .ssh`;
    await attacked(server.user, server.home, swap, act, 60);
    const of = (path: string) => {
      const { uid, gid, mode } = statSync(path);
      return { uid, gid, mode: mode & 0o7777 };
    };
    expect(of(canary)).toEqual({ uid: 0, gid: 0, mode: 0o755 });
    expect(of(join(canary, "authorized_keys"))).toEqual({ uid: 0, gid: 0, mode: 0o644 });
    expect(readdirSync(canary)).toEqual(["authorized_keys"]);
  });
});

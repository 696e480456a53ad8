import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
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
    return spawnSync("sh", ["-c", `${users}\n${keyScript(server.user, KEY)}`]);
  };

  test.each([
    ["a key is let in", letIn],
    ["users are made", makeUsers],
  ])("touches nothing of root's while %s and the user swaps ~/.ssh for a link", async (_, act) => {
    const ssh = join(server.home, ".ssh");
    rmSync(ssh, { recursive: true, force: true });
    expect(act()).toMatchObject({ status: 0 });
    // Root would append to the file, and remove the group permissions that sshd does not allow. The user
    // can do neither.
    const canary = join(folder, "canary");
    rmSync(canary, { recursive: true, force: true });
    mkdirSync(canary);
    const file = join(canary, "authorized_keys");
    writeFileSync(file, "root's\n");
    chmodSync(canary, 0o775);
    chmodSync(file, 0o664);
    const links = [`ln -s ${canary} .ssh`, `mkdir .ssh; ln -s ${file} .ssh/authorized_keys`];
    for (const link of links) {
      rmSync(ssh, { recursive: true, force: true });
      spawnSync("su", ["-s", "/bin/sh", server.user, "-c", `cd ${server.home}; ${link}`]);
      act();
    }
    // The user cannot remove what root made, but can move it.
    const remove = "rm -rf .ssh || mv .ssh was$((n += 1))";
    const swap = `${remove}; ${links.join(`; ${remove}; `)}; ${remove}; mkdir .ssh; rmdir .ssh`;
    await attacked(server.user, server.home, swap, () => void act(), 60);
    const of = (path: string) => {
      const { uid, gid, mode } = statSync(path);
      return { uid, gid, mode: mode & 0o7777 };
    };
    expect(of(canary)).toEqual({ uid: 0, gid: 0, mode: 0o775 });
    expect(of(file)).toEqual({ uid: 0, gid: 0, mode: 0o664 });
    expect(readdirSync(canary)).toEqual(["authorized_keys"]);
    expect(readFileSync(file, "utf8")).toBe("root's\n");
  });
});

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect } from "../../../src/ssh/connect.ts";
import {
  isRoot,
  nobody,
  scratchFolder,
  sshdMissing,
  startSshdServer,
  type TestServer,
} from "../../support/servers.ts";

/** The user id of Debian's nobody: any user but root, for whom modes have no effect. */
const ORDINARY = 65_534;

/** Runs `action` with the rights of an ordinary user. */
async function ordinarily<T>(action: () => Promise<T>): Promise<T> {
  if (!isRoot) return action();
  process.setegid!(ORDINARY);
  process.seteuid!(ORDINARY);
  try {
    return await action();
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
  }
}

describe.skipIf(sshdMissing)("an ordinary user logs in", () => {
  let server: TestServer;
  let folder: string;
  let mounted: string | undefined;
  beforeAll(async () => {
    server = await startSshdServer();
    if (isRoot) chownSync(server.key, ORDINARY, ORDINARY);
    // All modules must be loaded before the user changes to one who cannot read them.
    folder = await scratchFolder();
    await logIn(join(folder, "first"));
    await rm(folder, { recursive: true, force: true });
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    folder = await scratchFolder();
    if (isRoot) chownSync(folder, ORDINARY, ORDINARY);
  });
  afterEach(async () => {
    if (mounted !== undefined) execFileSync("umount", [mounted]);
    mounted = undefined;
    chmodSync(folder, 0o700);
    await rm(folder, { recursive: true, force: true });
  });

  async function logIn(known: string, strict = "accept-new"): Promise<string[]> {
    const config = join(folder, "config");
    const lines = [
      ...["Host there", "HostName 127.0.0.1", `Port ${server.port}`, `User ${server.user}`],
      ...[`IdentityFile ${server.key}`, `UserKnownHostsFile ${known}`],
      ...["GlobalKnownHostsFile none", `StrictHostKeyChecking ${strict}`],
    ];
    writeFileSync(config, `${lines.join("\n")}\n`);
    const notes: string[] = [];
    const host = await connect(
      { host: "there", sshConfigFile: config },
      { ...nobody(folder), note: (line) => notes.push(line) },
    );
    expect((await host.exec("echo in")).stdout).toBe("in\n");
    await host.close();
    return notes;
  }
  const made = (name: string, mode: number, isFolder = false) => {
    const path = join(folder, name);
    if (isFolder) mkdirSync(path);
    else writeFileSync(path, "elsewhere.example.org ssh-ed25519 x\n");
    if (isRoot) chownSync(path, ORDINARY, ORDINARY);
    chmodSync(path, mode);
    return path;
  };

  test.each<[string, () => string, RegExp]>([
    ["is read-only", () => made("known", 0o400), /EACCES/],
    ["is nobody's to read", () => made("known", 0), /EACCES/],
    ["cannot be made", () => join(made("closed", 0o500, true), "known"), /EACCES/],
    [
      "has no directory, nor can have",
      () => join(made("closed", 0o500, true), ".ssh/known"),
      /EACCES/,
    ],
    ["is a directory", () => made("known", 0o700, true), /./],
    ["is where nothing can be made", () => "/proc/nowhere/known", /ENOENT/],
    ["is below a file", () => join(made("file", 0o600), "known"), /ENOTDIR|EEXIST/],
  ])("whose known_hosts %s, and hears of it once", async (_, path, why) => {
    const known = path();
    const before = existsSync(known) && statSync(known).isFile() && readFileSync(known, "utf8");
    for (const strict of ["accept-new", "no"]) {
      const notes = await ordinarily(() => logIn(known, strict));
      const told = notes.filter((line) => line.startsWith("Cannot store"));
      expect(told).toEqual([expect.stringMatching(why)]);
      expect(told[0]).toContain(known);
    }
    if (before) expect(readFileSync(known, "utf8")).toBe(before);
  });

  test.skipIf(!isRoot)("if the disk is full, without leaving half a line", async () => {
    const disk = made("disk", 0o700, true);
    // One page, and one line less.
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=4k,uid=${ORDINARY},mode=700`, "none", disk]);
    mounted = disk;
    const known = join(disk, "known");
    const text = `${"#".repeat(4000)}\n`;
    writeFileSync(known, text);
    chownSync(known, ORDINARY, ORDINARY);
    const notes = await ordinarily(() => logIn(known));
    const told = notes.filter((line) => line.startsWith("Cannot store"));
    expect(told).toEqual([expect.stringMatching(/ENOSPC/)]);
    expect(readFileSync(known, "utf8")).toBe(text);
  });

  test("whose known_hosts is /dev/null", async () => {
    expect(await ordinarily(() => logIn("/dev/null"))).toEqual([
      expect.stringMatching(/^Trusting the ssh-ed25519 key of .* for this run/),
    ]);
  });

  test("whose .ssh does not exist yet, and is created", async () => {
    const known = join(folder, "new/.ssh/known");
    expect(await ordinarily(() => logIn(known))).toEqual([expect.stringContaining("Added")]);
    expect(statSync(join(folder, "new/.ssh")).mode & 0o777).toBe(0o700);
    expect(await ordinarily(() => logIn(known, "yes"))).toEqual([]);
  });
});

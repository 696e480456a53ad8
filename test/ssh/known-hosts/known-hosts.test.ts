import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  addKnownHost,
  findKnownHosts,
  fingerprint,
  judge,
  matchesHost,
  parseKnownHosts,
} from "../../../src/ssh/known-hosts/known-hosts.ts";
import { makeKey, scratchFolder } from "../../support/servers.ts";

let folder: string;
let key: Buffer;
let other: Buffer;
beforeAll(async () => {
  folder = await scratchFolder();
  const blob = (name: string) => {
    const file = makeKey(join(folder, name));
    return Buffer.from(readFileSync(`${file}.pub`, "utf8").split(" ")[1]!, "base64");
  };
  key = blob("key");
  other = blob("other");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("patterns of hosts", () => {
  test.each([
    ["example.org", "example.org", true],
    ["Example.ORG", "example.org", true],
    ["example.org", "www.example.org", false],
    ["a.org,example.org,192.0.2.1", "192.0.2.1", true],
    ["*.example.org", "www.example.org", true],
    ["*.example.org", "example.org", false],
    ["192.0.2.?", "192.0.2.7", true],
    ["192.0.2.?", "192.0.2.17", false],
    ["*.example.org,!bad.example.org", "bad.example.org", false],
    ["!bad.example.org,*.example.org", "bad.example.org", false],
    ["!bad.example.org", "good.example.org", false],
    ["[example.org]:2222", "[example.org]:2222", true],
    ["[example.org]:2222", "example.org", false],
    ["example.org", "[example.org]:2222", false],
    ["a.b", "axb", false],
  ])("%s names %s: %s", (hosts, name, expected) => {
    expect(matchesHost(hosts, name)).toBe(expected);
  });
});

describe("lines of a file", () => {
  test("keys of other hosts are not even parsed, however many there are", async () => {
    const file = join(folder, "many");
    const line = (i: number) =>
      `host${i}.example.org,192.0.2.${i} ssh-ed25519 ${key.toString("base64")}`;
    const lines = Array.from({ length: 20_000 }, (_, i) => line(i));
    lines.splice(
      7,
      0,
      "@revoked HOST*9.example.org ssh-rsa damaged",
      "# host19999.example.org x y",
    );
    writeFileSync(file, lines.join("\n"));
    const wanted = (hosts: string) => hosts.startsWith("host19999.");
    expect(parseKnownHosts(readFileSync(file, "utf8"), file, wanted)).toMatchObject([
      { line: 20_002, hosts: "host19999.example.org,192.0.2.19999" },
    ]);
    const names = ["host19999.example.org", "192.0.2.1", "elsewhere"];
    const found = await findKnownHosts([file], names);
    expect(found.map((each) => each.map(({ line }) => line))).toEqual([[20_002], [2], []]);
  });

  test("comments, blank and broken lines are skipped; lines are counted from 1", () => {
    const text =
      "# comment\n\nbroken\nexample.org ssh-ed25519 AAAA note\r\n @revoked * ssh-rsa BBBB\n";
    expect(parseKnownHosts(text, "f")).toEqual([
      {
        file: "f",
        line: 4,
        marker: undefined,
        hosts: "example.org",
        type: "ssh-ed25519",
        key: "AAAA",
      },
      { file: "f", line: 5, marker: "revoked", hosts: "*", type: "ssh-rsa", key: "BBBB" },
    ]);
  });

  test("a key is known, unknown, changed or revoked", async () => {
    const file = join(folder, "verdicts");
    const line = (hosts: string, blob: Buffer) =>
      `${hosts} ssh-ed25519 ${blob.toString("base64")}\n`;
    const verdict = async (text: string, presented: Buffer) => {
      writeFileSync(file, text);
      return judge((await findKnownHosts([file, join(folder, "absent")], ["h"]))[0]!, presented);
    };
    expect(await verdict("", key)).toEqual({ kind: "unknown" });
    expect(await verdict(line("h", key), key)).toEqual({ kind: "known" });
    expect(await verdict(line("h", other), key)).toMatchObject({
      kind: "changed",
      entry: { file, line: 1 },
    });
    expect(await verdict(line("h", other) + line("h", key), key)).toEqual({ kind: "known" });
    expect(await verdict(line("x", other), key)).toEqual({ kind: "unknown" });
    expect(await verdict(line("h", key) + line("@revoked h", key), key)).toMatchObject({
      kind: "revoked",
      entry: { line: 2 },
    });
    expect(await verdict(line("@revoked h", other) + line("h", key), key)).toEqual({
      kind: "known",
    });
    expect(await verdict(line("@cert-authority h", other), key)).toEqual({ kind: "unknown" });
  });

  test("a key of another type than the known one counts as a change", async () => {
    const rsa = { file: "f", line: 1, marker: undefined, hosts: "h", type: "ssh-rsa", key: "BBBB" };
    expect(judge([rsa], key)).toEqual({ kind: "changed", entry: rsa });
  });
});

describe("new keys", () => {
  test("are appended in the form that ssh-keygen finds, after a last line without an end", async () => {
    const file = join(folder, "new/.ssh/known_hosts");
    await addKnownHost(file, "[example.org]:2222", key);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    writeFileSync(file, readFileSync(file, "utf8").trimEnd());
    await addKnownHost(file, "Other.org", other);
    for (const [name, blob] of [
      ["[example.org]:2222", key],
      ["other.org", other],
    ] as const) {
      const found = execFileSync("ssh-keygen", ["-F", name, "-l", "-f", file], {
        encoding: "utf8",
      });
      expect(found).toContain(fingerprint(blob));
    }
  });

  test("are hashed in a file that ssh-keygen has hashed", async () => {
    const file = join(folder, "hashed");
    await addKnownHost(file, "first.org", key);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
    expect(readFileSync(file, "utf8")).not.toContain("first.org");
    expect(judge((await findKnownHosts([file], ["first.org"]))[0]!, key)).toEqual({
      kind: "known",
    });
    await addKnownHost(file, "second.org", other);
    expect(readFileSync(file, "utf8")).not.toContain("second.org");
    const found = execFileSync("ssh-keygen", ["-F", "second.org", "-l", "-f", file], {
      encoding: "utf8",
    });
    expect(found).toContain(fingerprint(other));
  });

  test("added at the same time are all stored", async () => {
    const file = join(folder, "parallel");
    const names = Array.from({ length: 20 }, (_, i) => `host${i}`);
    await Promise.all(names.map((name) => addKnownHost(file, name, key)));
    const found = parseKnownHosts(readFileSync(file, "utf8"), file).map(({ hosts }) => hosts);
    expect(found.sort()).toEqual(names.sort());
  });
});

import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allKeywords, keywordNamed } from "../../../src/ssh/config/keywords.ts";
import { resolveTarget } from "../../../src/ssh/resolve.ts";
import { scratchFolder } from "../../support/servers.ts";

const sshMissing = spawnSync("ssh", ["-V"]).error ? "apt-get install openssh-client" : undefined;
if (sshMissing && process.env.CI) throw new Error(sshMissing);

let folder: string;
beforeAll(async () => {
  folder = await scratchFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/**
 * The keywords of the installed ssh: the words in its binary that it accepts as one. The end of a word counts,
 * too, since the linker lets words share their letters.
 */
function keywordsOfSsh(): Set<string> {
  const program = (process.env.PATH ?? "")
    .split(delimiter)
    .map((directory) => join(directory, "ssh"))
    .find((path) => spawnSync("test", ["-x", path]).status === 0);
  const text = readFileSync(realpathSync(program!), "latin1");
  const found = [...text.matchAll(/[a-z][a-z0-9]{2,40}(?=\0)/g)].map(([word]) => word);
  const words = new Set(
    found.flatMap((word) => Array.from({ length: word.length - 2 }, (_, i) => word.slice(i))),
  );
  const file = join(folder, "all-words");
  writeFileSync(file, ["Host nowhere", ...[...words].map((word) => `${word} none`)].join("\n"));
  const { stderr } = spawnSync("ssh", ["-F", file, "-G", "h"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const [, word] of stderr.matchAll(/Bad configuration option: (\S+)/g)) words.delete(word!);
  return words;
}

/** Keywords of newer releases, of other systems' ssh, and those that ssh has forgotten. */
const ELSEWHERE = [
  ...["Tag", "RefuseConnection", "ObscureKeystrokeTiming", "ChannelTimeout", "VersionAddendum"],
  ...["WarnWeakCrypto", "UseKeychain", "UserRsh", "PreferKRB5"],
];

test.skipIf(sshMissing)("every keyword of ssh has a verdict, and no other has one", () => {
  const theirs = keywordsOfSsh();
  expect(theirs.size).toBeGreaterThan(100);
  expect([...theirs].filter((word) => keywordNamed(word) === undefined)).toEqual([]);
  const ours = allKeywords().map(({ name }) => name);
  const alone = ours.filter((name) => !theirs.has(name.toLowerCase()));
  expect(alone.filter((name) => !ELSEWHERE.includes(name))).toEqual([]);
});

test("keywords that are not honored have a reason", () => {
  const silent = allKeywords().filter(({ verdict, note }) => verdict !== "honored" && !note);
  expect(silent).toEqual([]);
});

const REFUSED: [line: string, fine: string][] = [
  ["ProxyUseFdpass yes", "ProxyUseFdpass no"],
  ["PermitLocalCommand yes\nLocalCommand echo", "LocalCommand echo"],
  ["PermitLocalCommand yes\nLocalCommand echo", "PermitLocalCommand yes\nLocalCommand none"],
  ["RemoteCommand tmux", "RemoteCommand none"],
  ["SessionType none", "SessionType default"],
  ["Tunnel yes", "Tunnel no"],
];

test.each(REFUSED)("%j is refused, %j is not", async (line, fine) => {
  const resolved = (text: string) => {
    const sshConfigFile = join(folder, "refusing");
    writeFileSync(sshConfigFile, `${text}\n`);
    return resolveTarget({ host: "h", sshConfigFile }, { HOME: folder, USER: "me" });
  };
  await expect(resolved(line)).rejects.toMatchObject({
    code: "ssh-config-invalid",
    message: expect.stringContaining("is not supported"),
    location: { line: line.split("\n").length },
  });
  await resolved(fine);
});

test("every keyword that is refused has a test", () => {
  const tested = REFUSED.map(([line]) => line.split("\n").at(-1)!.split(" ")[0]);
  const refused = allKeywords().filter(({ verdict }) => verdict === "refused");
  expect(refused.map(({ name }) => name).filter((name) => !tested.includes(name))).toEqual([]);
});

test("a word that is not a keyword is an error, unless IgnoreUnknown names it", async () => {
  const sshConfigFile = join(folder, "unknown");
  const resolved = (text: string) => {
    writeFileSync(sshConfigFile, text);
    return resolveTarget({ host: "h", sshConfigFile }, { HOME: folder, USER: "me" });
  };
  await expect(resolved("Hostnam x\n")).rejects.toMatchObject({
    code: "ssh-config-invalid",
    message: expect.stringContaining("'Hostnam'"),
    hint: expect.stringContaining("HostName"),
  });
  await resolved("IgnoreUnknown hostn*\nHostnam x\n");
});

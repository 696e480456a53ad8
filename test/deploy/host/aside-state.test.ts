// Releases in directories of their own, by the shells and tools that hosts have.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  buildAsideScript,
  settleScript,
  switchScript,
} from "../../../src/deploy/host/aside-state.ts";
import { parseFacts, probeFunctions } from "../../../src/deploy/host/probe.ts";
import currentFunctions from "../../../src/deploy/host/programs/current-functions.sh?raw";
import stateFunctions from "../../../src/deploy/host/programs/state-functions.sh?raw";
import {
  checkoutScript,
  cleanupScript,
  receiveProgram,
  receiveWords,
} from "../../../src/deploy/host/release-state.ts";
import { makeBundle } from "../../../src/deploy/release/bundle.ts";
import { madeFile } from "../../../src/deploy/release/fileset.ts";
import { manifestText } from "../../../src/deploy/release/manifest.ts";
import { shellProgram } from "../../../src/ssh/commands/shell-program.ts";
import { pollFiles } from "../../support/poller.ts";

let scratch: string;
let path: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "hostout-aside-"));
  path = join(scratch, "it's a buildout");
  for (const name of [".hostout", "var", "bin"]) mkdirSync(join(path, name), { recursive: true });
  const body = 'cat "$2" > built; [ "$(cat a)" != wrong ]';
  writeFileSync(join(path, "bin/buildout"), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
});

afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(path, name), "utf8");
const idOf = (number: number) => number.toString(16).padStart(12, "0");
const releases = () => readdirSync(join(path, "releases")).sort();

/** How a first release arrives. */
const WHOLE = { base: undefined, comes: "tar" as const, seen: false, rest: undefined };

describe.each([["dash"], ["busybox"]])("with %s", (kind) => {
  /** With only the tools of BusyBox, and flock, which Debian's BusyBox lacks. */
  function sh(program: string, input: string | Buffer = "") {
    const tools = join(scratch, "tools");
    if (kind === "busybox" && !existsSync(tools)) {
      mkdirSync(tools);
      spawnSync("busybox", ["--install", "-s", tools]);
      const flock = spawnSync("sh", ["-c", "command -v flock"], { encoding: "utf8" }).stdout.trim();
      if (!existsSync(join(tools, "flock"))) symlinkSync(flock, join(tools, "flock"));
    }
    const [shell, path] =
      kind === "busybox" ? [join(tools, "sh"), tools] : [kind, process.env.PATH];
    const env = { PATH: `${join(scratch, "stubs")}:${path}` };
    return spawnSync(shell, ["-c", program], { input, encoding: "utf8", env });
  }

  function succeed(program: string, input: string | Buffer = ""): string {
    const { status, stdout, stderr } = sh(program, input);
    expect([stderr, status]).toEqual(["", 0]);
    return stdout;
  }

  function facts() {
    const program = `${probeFunctions("atomic")}probe "$1" "$2" atomic\n`;
    const stdout = succeed(shellProgram(program, [path, join(scratch, "cache")]));
    return parseFacts(stdout.split("\n"));
  }

  const receiving = (arrival: Parameters<typeof receiveWords>[1], archive: Buffer) =>
    [
      receiveProgram({ atomic: true }),
      Buffer.concat([Buffer.from(`${receiveWords(path, arrival)}\n`), archive]),
    ] as const;

  async function send(number: number, a: string, keepDrift = false): Promise<string> {
    const files = [madeFile("a", a), madeFile("d/b", "b")];
    const archive = [
      madeFile("manifest", manifestText(idOf(number), files)),
      ...files.map((file) => ({ ...file, path: `tree/${file.path}` })),
    ];
    const note = JSON.stringify({ number, id: idOf(number), start: null });
    const what = { number, note, keepDrift, place: { shared: ["etc/local"] } };
    const stream = await buffer(makeBundle(archive, "tar").stream);
    return succeed(...receiving({ ...what, ...WHOLE }, stream));
  }

  const build = (number: number) => {
    const release = { number, id: idOf(number), configuration: "a" };
    const failed = JSON.stringify({ number, result: "failed", seconds: null });
    return sh(buildAsideScript(path, release, [], { again: false, failed }));
  };

  const switchTo = (number: number, removed: number[] = [], later = false) => {
    const done = JSON.stringify({ number, result: "ok", seconds: null });
    const release = { number, id: idOf(number) };
    return succeed(switchScript(path, release, { shared: true, removed, done, later }));
  };

  test("a release is made, built and switched to; 'current' is renamed", async () => {
    await send(1, "one");
    expect(facts().aside).toEqual({ state: "made", number: 1, id: idOf(1) });
    expect(build(1).status).toBe(0);
    expect(facts()).toMatchObject({
      aside: { state: "built" },
      current: undefined,
      link: undefined,
    });
    switchTo(1);
    expect(facts()).toMatchObject({
      ...{ aside: undefined, link: 1, directory: `${path}/current`, built: new Set([1]) },
      current: { number: 1, id: idOf(1) },
    });
    await send(2, "two");
    expect(read("current/a")).toBe("one");
    build(2);
    const inode = (name: string) =>
      spawnSync("stat", ["-c", "%i", join(path, name)], { encoding: "utf8" }).stdout;
    const releases2 = inode("releases/2");
    switchTo(2, [1]);
    expect([readlinkSync(join(path, "current")), releases()]).toEqual(["releases/2", ["2"]]);
    expect(inode("releases/2")).toBe(releases2);
    expect(read("current/built")).toBe("two");
    expect(readlinkSync(join(path, "current/etc/local"))).toBe("../../../etc/local");
    expect(read(".hostout/releases.jsonl")).toMatch(/"number":2,"result":"ok","seconds":\d+\}\n$/);
  });

  test("a reader never misses a file while 'current' is switched, hundreds of times", async () => {
    for (const number of [1, 2]) {
      mkdirSync(join(path, `releases/${number}`), { recursive: true });
      writeFileSync(join(path, `releases/${number}/a`), "");
    }
    const point = `${stateFunctions}${currentFunctions}set -e; begin "$1"; sync() { :; }\n`;
    succeed(shellProgram(`${point}point releases/1\n`, [path]));
    const poller = await pollFiles([join(path, "current/a")]);
    const loop = "for i in $(seq 60); do point releases/2; point .; point releases/1; done\n";
    writeFileSync(join(path, "a"), "");
    succeed(shellProgram(`${point}${loop}`, [path]));
    expect((await poller.stop()).missed).toEqual([]);
  });

  test("a build that fails is cleared by the next release, also one that was cut off", async () => {
    await send(1, "one");
    build(1);
    switchTo(1);
    await send(2, "wrong");
    expect(build(2).status).toBe(1);
    expect(facts()).toMatchObject({ aside: { state: "failed", number: 2 }, link: 1 });
    writeFileSync(join(path, ".hostout/aside"), `making 2 ${idOf(2)}\n`);
    await send(3, "three");
    expect(releases()).toEqual(["1", "3"]);
    succeed(cleanupScript({ path, cache: join(scratch, "cache") }, "", [], []));
    expect(facts().aside).toMatchObject({ state: "made", number: 3 });
    expect(build(3).status).toBe(0);
    succeed(cleanupScript({ path, cache: join(scratch, "cache") }, "", [1], []));
    expect([releases(), facts().aside]).toEqual([["1"], undefined]);
  });

  test("one that was switched to before the end of it was noted is a good one", async () => {
    await send(1, "one");
    build(1);
    switchTo(1);
    writeFileSync(join(path, ".hostout/aside"), `built 1 ${idOf(1)}\n`);
    writeFileSync(join(path, ".hostout/current"), "");
    expect(facts().current).toEqual({ number: 1, id: idOf(1) });
    await send(2, "two");
    expect([releases(), readlinkSync(join(path, "current"))]).toEqual([["1", "2"], "releases/1"]);
    expect(read(".hostout/releases.jsonl")).toContain('{"number":1,"result":"ok"}\n');
  });

  test("root's steps after a switch are recorded until they are done", async () => {
    await send(1, "one");
    build(1);
    switchTo(1, [], true);
    expect(facts()).toMatchObject({ link: 1, aside: { state: "built", number: 1 } });
    succeed(settleScript(path, { number: 1 }));
    expect(facts().aside).toBeUndefined();
    // A release that was built before, as in a rollback.
    await send(2, "two");
    build(2);
    switchTo(2);
    switchTo(1, [], true);
    expect(facts()).toMatchObject({ link: 1, aside: { state: "built", number: 1 } });
  });

  test("hand edits are found in the current release, and taken over on request", async () => {
    await send(1, "one");
    build(1);
    switchTo(1);
    writeFileSync(join(path, "current/a"), "by hand");
    rmSync(join(path, "current/d/b"));
    const drift = () =>
      facts()
        .releases!.drift.map(({ what, path: name }) => `${what} ${name}`)
        .sort();
    expect(drift()).toEqual(["changed a", "missing d/b"]);
    await send(2, "two", true);
    build(2);
    switchTo(2);
    expect([read("current/a"), existsSync(join(path, "current/d/b"))]).toEqual(["by hand", false]);
    expect(drift()).toEqual(["changed a", "missing d/b"]);
    const what = { number: 1, keepDrift: false, note: "", place: { shared: [] } };
    rmSync(join(path, "releases/1"), { recursive: true });
    succeed(checkoutScript(path, what));
    expect([read("releases/1/a"), read("releases/1/d/b")]).toEqual(["one", "b"]);
  });

  test.each([
    ["python", "a copy"],
    ["engine-000000000000.mjs", "a link"],
  ])("bin/buildout of %s is in a release as %s", async (engine, kind) => {
    writeFileSync(join(path, ".hostout/engine"), `${engine}\n`);
    // As zc.buildout upgrades itself: it rewrites the script in bin-directory under the name it was started with.
    const program = '#!/bin/sh\n[ "$0" != bin/buildout ] || echo "# later" >> bin/buildout\n';
    writeFileSync(join(path, "bin/buildout"), program, { mode: 0o755 });
    await send(1, "one");
    expect(lstatSync(join(path, "releases/1/bin/buildout")).isSymbolicLink()).toBe(
      kind === "a link",
    );
    expect([build(1).stderr, read("bin/buildout")]).toEqual(["", program]);
    expect(read("releases/1/bin/buildout")).toBe(
      kind === "a link" ? program : `${program}# later\n`,
    );
  });

  test("of the releases' crontab entries, only those of the current release stay", async () => {
    const tab = join(scratch, "tab");
    const stubs = join(scratch, "stubs");
    mkdirSync(stubs);
    const body = `#!/bin/sh\nif [ "$1" = -l ]; then cat '${tab}'; else cat > '${tab}'; fi\n`;
    writeFileSync(join(stubs, "crontab"), body, { mode: 0o755 });
    const mine = "# mine\n* * * * * true\n# Generated by hand\n* * * * * true\n";
    const entry = (identifier: string, end = `# END ${identifier}\n`) =>
      `\n# Generated by ${identifier}\n* * * * * x\n${end}`;
    await send(1, "one");
    build(1);
    const record = (identifier: string) => `[night]\nidentifier = ${identifier}\n`;
    const recipe = "recipe = z3c.recipe.usercrontab\n";
    const names = ["", "/current", "/releases/1", "/releases/22"].map((name) => path + name);
    const others = [`${path}2 [night]`, `${path}/sub [night]`, "/else [night]"].map((one) =>
      entry(one),
    );
    const cut = entry(`${path}/current [cut]`, "");
    writeFileSync(
      tab,
      [mine, ...names.map((name) => entry(`${name} [night]`)), ...others, cut].join(""),
    );
    const current = `${path}/current [night]`;
    writeFileSync(join(path, "releases/1/.installed.cfg"), record(current) + recipe);
    expect(switchTo(1)).toBe("switched\ncrontab night\n");
    expect(readFileSync(tab, "utf8")).toBe([mine, entry(current), ...others, cut].join(""));
    // Until the entry is written, the switch is not all done.
    expect(facts()).toMatchObject({ aside: { state: "built", number: 1 }, link: 1 });
    succeed(settleScript(path, { number: 1 }));
    expect(facts().aside).toBeUndefined();
    await send(2, "two");
    build(2);
    expect(switchTo(2)).toBe("switched\n");
    expect(readFileSync(tab, "utf8")).toBe([mine, ...others, cut].join(""));
    expect(facts().aside).toBeUndefined();
  });

  test("a foreign file at the path of a directory stays, and is an error", async () => {
    mkdirSync(join(path, "releases/1"), { recursive: true });
    writeFileSync(join(path, "releases/1/theirs"), "");
    const files = [madeFile("manifest", manifestText(idOf(1), []))];
    const what = { number: 1, note: "{}", keepDrift: false, place: { shared: [] } };
    const archive = [...files, { ...madeFile("tree/a", ""), path: "tree/x" }];
    const stream = await buffer(makeBundle(archive, "tar").stream);
    const { status, stderr } = sh(...receiving({ ...what, ...WHOLE }, stream));
    expect([status, stderr]).toEqual([1, expect.stringContaining("is there already")]);
    expect(readdirSync(join(path, "releases/1"))).toEqual(["theirs"]);
  });
});

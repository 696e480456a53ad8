import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { parseManifest } from "../../../src/deploy/host/entry.ts";
import { parseFacts, probeFunctions } from "../../../src/deploy/host/probe.ts";
import {
  type Arrival,
  buildScript,
  checkoutScript,
  DAMAGED,
  damagedPaths,
  type Ending,
  migrateScript,
  NOT_NOTED,
  NOT_TOLD,
  parseVerified,
  receiveProgram,
  receiveWords,
  restoreScript,
  verifyScript,
} from "../../../src/deploy/host/release-state.ts";
import { type BundleForm, makeBundle } from "../../../src/deploy/release/bundle.ts";
import { type BundleFile, madeFile } from "../../../src/deploy/release/fileset.ts";
import { compare, entryLine, manifestText } from "../../../src/deploy/release/manifest.ts";
import { shellProgram, underSh } from "../../../src/ssh/commands/shell-program.ts";
import { writeFormerState } from "../../support/former-state.ts";
import { pollFiles } from "../../support/poller.ts";

const folders = { copied: ["bin", "develop-eggs", ".installed.cfg"], linked: ["parts"] };

let scratch: string;
let path: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "hostout-state-"));
  path = join(scratch, "it's a buildout");
  mkdirSync(join(path, ".hostout"), { recursive: true });
  script("bin/buildout", "echo built >> var/log");
  mkdirSync(join(path, "var"));
});

afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function script(name: string, body: string): void {
  mkdirSync(dirname(join(path, name)), { recursive: true });
  writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

let shell: readonly string[] = [];
let form: BundleForm = "tar";

function sh(program: string, input: string | Buffer = "") {
  const [command, ...args] = shell;
  return spawnSync(command!, [...args, "-c", program], { input, encoding: "utf8" });
}

const read = (name: string) => readFileSync(join(path, name), "utf8");
const idOf = (number: number) => number.toString(16).padStart(12, "0");

/** The content of a release: a string is a file, `{ link }` a link, null an empty directory. */
type Content = Record<string, string | { link: string } | null>;

function bundleFiles(content: Content): BundleFile[] {
  return Object.entries(content)
    .map(([name, is]): BundleFile => {
      if (typeof is === "string") return madeFile(name, is);
      if (is === null) {
        return { kind: "directory", path: name, mode: 0o755, hash: "-", size: 0, mtime: 0 };
      }
      const { hash } = madeFile(name, is.link);
      return { kind: "link", path: name, mode: 0o777, hash, size: 0, mtime: 0, link: is.link };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What the host reports about its releases at the beginning of a deployment. */
const inspect = () => facts().releases!;

function facts() {
  const program = `${probeFunctions("releases")}probe "$1" "$2" releases\n`;
  const result = sh(shellProgram(program, [path, join(scratch, "the cache")]));
  expect([result.stderr, result.status]).toEqual(["", 0]);
  return parseFacts(result.stdout.split("\n"));
}

const changes = () =>
  inspect()
    .drift.map(({ what, path }) => `${what} ${path}`)
    .sort();

/** Sends release `number` as the uploadbuildout command does, with a real archive and a real shell. */
async function send(
  number: number,
  content: Content,
  keepDrift = false,
  whole = false,
  { known = facts(), rest }: { known?: ReturnType<typeof facts>; rest?: Ending } = {},
) {
  const files = bundleFiles(content);
  const { releases, asRecorded, checkout, unfinished } = known;
  const base = whole ? undefined : Math.max(0, ...releases!.kept.keys()) || undefined;
  const seen = asRecorded && !unfinished && base !== undefined && checkout?.number === base;
  const before = base === undefined ? "" : read(`.hostout/releases/${base}/manifest`);
  const { added, changed } = compare(files, parseManifest(before), entryLine);
  const missing = [...added, ...changed];
  const archive = [
    madeFile("manifest", manifestText(idOf(number), files)),
    ...missing
      .filter(({ kind }) => kind !== "directory")
      .map((file) => ({ ...file, path: `tree/${file.path}` })),
  ];
  const note = JSON.stringify({ number, id: idOf(number), start: null });
  return receive(
    { number, note, place: { folders }, keepDrift, base, comes: form, seen, rest },
    await buffer(makeBundle(archive, form).stream),
  );
}

const receive = (arrival: Arrival, archive: Buffer) =>
  sh(
    receiveProgram({ atomic: false }),
    Buffer.concat([Buffer.from(`${receiveWords(path, arrival)}\n`), archive]),
  );

async function unpack(number: number, content: Content, keepDrift = false): Promise<string> {
  const result = await send(number, content, keepDrift);
  expect([result.stderr, result.status]).toEqual(["", 0]);
  return result.stdout;
}

const checkOut = (number: number) =>
  sh(checkoutScript(path, { number, keepDrift: false, note: "", place: { folders } }));

const build = (number: number, args: string[] = [], removed: number[] = []) =>
  sh(
    buildScript(path, { number, id: idOf(number), configuration: `h-${number}.cfg` }, args, {
      shared: false,
      removed,
      done: JSON.stringify({ number, result: "ok", seconds: null }),
      failed: JSON.stringify({ number, result: "failed", seconds: null }),
    }),
  );

/** The files in the buildout directory, except the state and those created before each test. */
function tree(): Content {
  const found: Content = {};
  const visit = (folder: string) => {
    const names = readdirSync(join(path, folder));
    if (names.length === 0 && folder !== "") found[folder] = null;
    for (const name of names) {
      const at = folder === "" ? name : `${folder}/${name}`;
      if ([".hostout", "bin", "var", "parts"].includes(at)) continue;
      const stats = lstatSync(join(path, at));
      if (stats.isSymbolicLink()) found[at] = { link: readlinkSync(join(path, at)) };
      else if (stats.isDirectory()) visit(at);
      else found[at] = read(at);
    }
  };
  visit("");
  return found;
}

test.each([[["dash"]], [["bash"]], [["busybox", "sh"]]])(
  "what receives a release does nothing without all of its words, in %s",
  (words) => {
    shell = words;
    const place = { folders: { copied: ["bin"], linked: ["a\nb", "it's"] } };
    const what = { number: 1, note: "{}", place, keepDrift: true };
    const arrival: Arrival = { ...what, base: 1, comes: "tar", seen: true, rest: undefined };
    const given = `${receiveWords("/nowhere", arrival)}\n`;
    for (const length of [0, 1, given.length - 3]) {
      const { status, stderr } = sh(receiveProgram({ atomic: false }), given.slice(0, length));
      expect([length, status, stderr]).toEqual([length, NOT_TOLD, ""]);
    }
    const told = sh(receiveProgram({ atomic: false }), given);
    expect(told.status).not.toBe(NOT_TOLD);
    expect(told.stderr).toContain("/nowhere");
  },
);

test("each program fits into a packet that all servers take", () => {
  const place = { shared: ["var", "etc"] };
  const what = { number: 1, note: "{}", place, keepDrift: true };
  const ending = { shared: true, removed: [1, 2], done: "{}" };
  const release = { number: 1, id: idOf(1), configuration: "web-000000000001.cfg" };
  const programs = {
    receive: receiveProgram({ atomic: false }),
    "receive aside": receiveProgram({ atomic: true }),
    checkout: checkoutScript("/srv/app", what),
    build: buildScript("/srv/app", release, [], { ...ending, failed: "{}" }),
    migrate: migrateScript("/srv/app", "/srv/cache"),
    verify: verifyScript("/srv/app"),
    look: shellProgram(probeFunctions("atomic"), ["/srv/app"]),
  };
  for (const [name, program] of Object.entries(programs)) {
    expect([name, Math.max(underSh(program).length, 30_000)]).toEqual([name, 30_000]);
  }
});

describe.each([
  ["tar", ["dash"]],
  ["tgz", ["busybox", "sh"]],
] as const)("a %s archive, in %s", (kind, words) => {
  beforeEach(() => {
    shell = words;
    form = kind;
  });

  describe("putting a release in place", () => {
    test("adds new files, replaces changed ones and removes old ones", async () => {
      await unpack(1, { "a.cfg": "1", "templates/x y.txt": "old", "gone/deep/z": "z" });
      await unpack(2, { "a.cfg": "2", "templates/x y.txt": "old", "-new": "n", "b\\c": "b" });
      expect(tree()).toEqual({
        "a.cfg": "2",
        "templates/x y.txt": "old",
        "-new": "n",
        "b\\c": "b",
      });
      expect(existsSync(join(path, "gone"))).toBe(false);
      expect(readdirSync(join(path, ".hostout")).sort()).toEqual([
        ...["attempt", "checkout", "releases", "releases.jsonl", "snapshot", "working"],
      ]);
    });

    test("leaves files that no release brought", async () => {
      writeFileSync(join(path, "var/data"), "precious");
      await unpack(1, { "a.cfg": "1" });
      await unpack(2, { "b.cfg": "1" });
      expect(read("var/data")).toBe("precious");
      expect(tree()).toEqual({ "b.cfg": "1" });
    });

    test("replaces a file with a new one, and does not touch an unchanged one", async () => {
      await unpack(1, { "a.cfg": "1", "b.cfg": "1" });
      const inodes = () => ["a.cfg", "b.cfg"].map((name) => statSync(join(path, name)).ino);
      const before = inodes();
      await unpack(2, { "a.cfg": "2", "b.cfg": "1" });
      const after = inodes();
      expect(after[0]).not.toBe(before[0]);
      expect(after[1]).toBe(before[1]);
    });

    test("keeps the mode of a directory that already exists", async () => {
      mkdirSync(join(path, "templates"), { mode: 0o750 });
      await unpack(1, { "templates/x": "1" });
      expect(statSync(join(path, "templates")).mode & 0o7777).toBe(0o750);
    });

    test("puts hundreds of changed files of one directory in place", async () => {
      const content = (text: string) =>
        Object.fromEntries(Array.from({ length: 210 }, (_, n) => [`many/f${n}`, text]));
      await unpack(1, content("1"));
      await unpack(2, content("2"));
      expect(tree()).toEqual(content("2"));
    });

    test.each([
      ["tar", 0.3],
      ["tar", 0.9],
      ["tgz", 0.3],
      ["tgz", 0.9],
      ["tgz", 0.999],
    ] as const)("an archive (%s) of which %d arrives changes nothing", async (sent, share) => {
      await unpack(1, { "a.cfg": "1" });
      const files = [madeFile("manifest", "release x\n"), madeFile("tree/a.cfg", "2".repeat(9999))];
      const archive = await buffer(makeBundle(files, sent).stream);
      const what = { number: 2, note: "{}", place: { folders }, keepDrift: false };
      const arrival: Arrival = { ...what, base: 1, comes: sent, seen: true, rest: undefined };
      const part = archive.subarray(0, archive.length * share);
      expect(receive(arrival, part).status).not.toBe(0);
      expect(tree()).toEqual({ "a.cfg": "1" });
      expect(readdirSync(join(path, ".hostout/releases"))).toEqual(["1"]);
      expect(existsSync(join(path, ".hostout/incoming"))).toBe(false);
    });

    test("whatever was at the path of a new file is kept elsewhere", async () => {
      writeFileSync(join(path, "a.cfg"), "by hand");
      mkdirSync(join(path, "b.cfg"));
      writeFileSync(join(path, "b.cfg/inside"), "by hand");
      expect(await unpack(1, { "a.cfg": "1", "b.cfg": "1" })).toContain("aside a.cfg");
      expect(tree()).toEqual({ "a.cfg": "1", "b.cfg": "1" });
      expect(read(".hostout/replaced/1/a.cfg")).toBe("by hand");
      expect(read(".hostout/replaced/1/b.cfg/inside")).toBe("by hand");
    });
  });

  describe("any kind of file becomes any other", () => {
    const KINDS: Record<string, Content> = {
      nothing: {},
      file: { x: "file" },
      "a link to a file": { x: { link: "other.txt" } },
      "a link to a directory": { x: { link: "other" } },
      "a link to nothing": { x: { link: "nowhere" } },
      "a link to a link": { x: { link: "link" } },
      "a directory": { "x/in": "in", "x/deep/er": "deeper" },
      "a directory with a link": { "x/in": { link: "deep" }, "x/deep/er": "deeper" },
      "an empty directory": { x: null },
    };
    const OTHERS: Content = { "other.txt": "o", "other/in": "untouched", link: { link: "other" } };
    const kinds = Object.keys(KINDS);
    const pairs = kinds.flatMap((from) => kinds.map((to) => ({ from, to, at: `${from}, ${to}` })));
    /** Each pair has a directory of its own. */
    const all = (side: "from" | "to"): Content =>
      Object.fromEntries(
        pairs.flatMap(({ at, [side]: kind }) =>
          Object.entries({ ...OTHERS, ...KINDS[kind] }).map(([name, is]) => [`${at}/${name}`, is]),
        ),
      );

    test("in a deployment, in a rollback, and after a cut", async () => {
      await unpack(1, all("from"));
      expect(tree()).toEqual(all("from"));
      await unpack(2, all("to"));
      expect(tree()).toEqual(all("to"));
      expect(checkOut(1).status).toBe(0);
      expect(tree()).toEqual(all("from"));
      // Interrupted: according to the record, release 2 is being put there, and only half of it is.
      writeFileSync(join(path, ".hostout/checkout.next"), read(".hostout/releases/2/manifest"));
      for (const [index, { at }] of pairs.entries()) {
        if (index % 2 === 0) rmSync(join(path, at, "x"), { recursive: true, force: true });
      }
      expect(checkOut(2).status).toBe(0);
      expect(tree()).toEqual(all("to"));
    });
  });

  describe("links on the host", () => {
    test("a link that is already right is kept when the files below it are removed", async () => {
      const second: Content = {
        at: { link: "dir" },
        "dir/in": "2",
        b: { link: "b.txt" },
        "b.txt": "2",
      };
      await unpack(1, { "at/in": "1", "b/in": "1" });
      await unpack(2, second);
      // A way back to release 1 that was cut off right at its beginning.
      const [head = "", ...entries] = read(".hostout/releases/1/manifest").split("\n");
      writeFileSync(
        join(path, ".hostout/checkout.next"),
        [head, "number 1", ...entries].join("\n"),
      );
      expect(checkOut(2).status).toBe(0);
      expect(tree()).toEqual(second);
    });

    test("a link in the place of a directory is never followed", async () => {
      const outside = join(scratch, "outside");
      mkdirSync(outside);
      writeFileSync(join(outside, "a"), "not ours");
      writeFileSync(join(outside, "b"), "not ours");
      await unpack(1, { "d/a": "1", "d/b": "1", "d/c": "1" });
      rmSync(join(path, "d"), { recursive: true });
      symlinkSync(outside, join(path, "d"));
      expect(changes()).toEqual(["kind d"]);
      await unpack(2, { "d/a": "2", "d/c": "1", "d/e": "2" });
      expect(tree()).toEqual({ "d/a": "2", "d/c": "1", "d/e": "2" });
      rmSync(join(path, "d"), { recursive: true });
      symlinkSync(outside, join(path, "d"));
      await unpack(3, { e: "3" });
      expect(tree()).toEqual({ e: "3" });
      expect(readdirSync(outside).map((name) => readFileSync(join(outside, name), "utf8"))).toEqual(
        ["not ours", "not ours"],
      );
    });

    test("a link in the place of a file is replaced, not written through", async () => {
      const outside = join(scratch, "outside");
      writeFileSync(outside, "1");
      await unpack(1, { a: "1", b: "1" });
      for (const name of ["a", "b"]) {
        rmSync(join(path, name));
        symlinkSync(outside, join(path, name));
      }
      await unpack(2, { a: "2", b: "1" });
      expect(tree()).toEqual({ a: "2", b: "1" });
      expect(readFileSync(outside, "utf8")).toBe("1");
    });
  });

  describe("changes by others", () => {
    beforeEach(async () => {
      await unpack(1, { a: "1", b: "1", "d/c": "1", l: { link: "a" }, e: null });
      writeFileSync(join(path, "a"), "edited");
      rmSync(join(path, "b"));
      rmSync(join(path, "l"));
      symlinkSync("b", join(path, "l"));
    });

    test("are found", () => {
      expect(changes()).toEqual(["changed a", "changed l", "missing b"]);
    });

    test("are overwritten, and kept elsewhere", async () => {
      expect(checkOut(1).stdout).toContain("drift changed a\n");
      expect(tree()).toEqual({ a: "1", b: "1", "d/c": "1", l: { link: "a" }, e: null });
      expect(read(".hostout/replaced/1/a")).toBe("edited");
      expect(changes()).toEqual([]);
    });

    test("stay on request, and are found again", async () => {
      await unpack(2, { a: "2", b: "1", "d/c": "2", l: { link: "a" }, e: null }, true);
      expect(tree()).toEqual({ a: "edited", "d/c": "2", l: { link: "b" }, e: null });
      expect(changes()).toEqual(["changed a", "changed l", "missing b"]);
    });

    test.each([
      ["its first lines", (text: string) => text.split("\n").slice(0, 3).join("\n")],
      ["its last lines", (text: string) => text.split("\n").slice(-3).join("\n")],
      ["a first line that is not its own", (text: string) => `of a b\n${text}`],
      ["nothing", () => ""],
    ])("is found when the snapshot has %s", (_, damage) => {
      const file = join(path, ".hostout/snapshot");
      writeFileSync(file, damage(readFileSync(file, "utf8")));
      expect(changes()).toEqual(["changed a", "changed l", "missing b"]);
    });

    test("are kept elsewhere or found later if they come after the look", async () => {
      await unpack(3, { "a.cfg": "3", "b.cfg": "3", "c.cfg": "3" });
      const known = facts();
      expect(known.asRecorded).toBe(true);
      writeFileSync(join(path, "a.cfg"), "theirs");
      writeFileSync(join(path, "b.cfg"), "theirs");
      writeFileSync(join(path, "d.cfg"), "theirs");
      const content = { "a.cfg": "4", "b.cfg": "3", "d.cfg": "4" };
      const { stdout, status } = await send(4, content, false, false, { known });
      expect(status).toBe(0);
      expect(stdout).toBe("drift changed a.cfg\naside a.cfg\naside d.cfg\n");
      expect(read(".hostout/replaced/4/a.cfg")).toBe("theirs");
      expect(read(".hostout/replaced/4/d.cfg")).toBe("theirs");
      expect(tree()).toEqual({ ...content, "b.cfg": "theirs" });
      expect(changes()).toEqual(["changed b.cfg"]);
    });

    test("do not count if only times differ", () => {
      writeFileSync(join(path, "a"), "1");
      expect(changes()).toEqual(["changed l", "missing b"]);
    });
  });

  describe("a damaged release", () => {
    test("is repaired by sending the file again, in all releases that share it", async () => {
      const same = { keep: "keep", l: { link: "keep" } };
      await unpack(1, { ...same, a: "1" });
      await unpack(2, { ...same, a: "2" });
      writeFileSync(join(path, `.hostout/releases/1/whole.${form}`), "spoilt");
      expect(checkOut(1).status).toBe(DAMAGED);
      const first = await send(3, { ...same, a: "3" });
      expect(first.status).toBe(DAMAGED);
      expect(damagedPaths(first.stdout).sort()).toEqual(["keep", "l"]);
      expect(tree()).toEqual({ ...same, a: "2" });
      expect((await send(3, { ...same, a: "3" }, false, true)).status).toBe(0);
      expect(tree()).toEqual({ ...same, a: "3" });
      for (const name of Object.keys(tree())) rmSync(join(path, name));
      expect(checkOut(2).status).toBe(0);
      expect(tree()).toEqual({ ...same, a: "2" });
      // This one has not been sent again.
      const back = checkOut(1);
      expect([back.status, damagedPaths(back.stdout)]).toEqual([DAMAGED, ["a"]]);
      expect(tree()).toEqual({ ...same, a: "2" });
    });

    test("is detected by its damaged file, and repaired in place", async () => {
      await unpack(1, { keep: "keep", a: "1" });
      await unpack(2, { keep: "keep", a: "1", b: "b", c: "c" });
      await unpack(3, { keep: "keep", a: "3", b: "b", c: "c" });
      const stored = join(path, ".hostout/releases/2/tree/b");
      writeFileSync(stored, "spoilt");
      const next = { keep: "keep", a: "4", b: "b", c: "c" };
      const first = await send(4, next);
      expect([first.status, damagedPaths(first.stdout)]).toEqual([DAMAGED, ["b"]]);
      expect((await send(4, next, false, true)).status).toBe(0);
      expect(readFileSync(stored, "utf8")).toBe("b");
      expect(checkOut(2).status).toBe(0);
      expect(tree()).toEqual({ keep: "keep", a: "1", b: "b", c: "c" });
    });

    test("does not result from editing a file of the buildout directory in place", async () => {
      await unpack(1, { a: "1" });
      writeFileSync(join(path, "a"), "edited in place");
      expect(checkOut(1).status).toBe(0);
      expect(tree()).toEqual({ a: "1" });
    });

    const kinds: Record<string, (at: string) => void> = {
      "a link": (at) => symlinkSync(join(scratch, "elsewhere"), at),
      "not a file": (at) => mkdirSync(at),
      "not a directory": (at) => writeFileSync(at, "x"),
      pipe: (at) => void execFileSync("mkfifo", [at]),
    };
    test.each([
      ...[
        "",
        "/tree",
        "/manifest",
        "/brought",
        "/whole.tar",
        "/whole.tgz",
        "/seen",
        "/snapshot",
        "/directory",
      ].map((name) => [`1${name}`, "a link", "a link"]),
      ...["1", "1/tree"].map((name) => [name, "not a directory", "not a directory"]),
      ...["1/manifest", "1/whole.tgz", "1/snapshot"].map((name) => [
        name,
        "not a file",
        "not a file",
      ]),
      ["1/tree", "pipe", "not a directory"],
      ["1/whole.tgz", "pipe", "not a file"],
    ])(
      "a release with %s that is %s is named, not used and not touched",
      async (name, kind, is) => {
        await unpack(1, { "a.cfg": "1", "same.cfg": "same" });
        await unpack(2, { "a.cfg": "2", "same.cfg": "same" });
        const at = join(path, ".hostout/releases", name);
        const elsewhere = join(scratch, "elsewhere");
        if (existsSync(at)) renameSync(at, elsewhere);
        // The target of a link is damaged like the rest, and is not repaired.
        const damaged = ["same.cfg", "tree/same.cfg"].map((file) => join(elsewhere, file));
        const there = damaged.filter((file) => existsSync(file));
        for (const file of there) writeFileSync(file, "damaged");
        kinds[kind]!(at);

        const { stdout, stderr, status } = sh(verifyScript(path));
        expect([stderr, status]).toEqual(["", 0]);
        expect(parseVerified(stdout).odd).toEqual([{ number: 1, what: `${at} is ${is}` }]);
        expect([...inspect().kept.keys()]).toEqual([2]);
        expect(there.map((file) => readFileSync(file, "utf8"))).toEqual(there.map(() => "damaged"));

        // The files that it shares with release 2 are sent again.
        const next = { "a.cfg": "3", "same.cfg": "same" };
        const first = await send(3, next);
        expect([first.status, damagedPaths(first.stdout)]).toEqual([DAMAGED, ["same.cfg"]]);
        expect((await send(3, next, false, true)).status).toBe(0);
        expect(tree()).toEqual(next);
        rmSync(at, { recursive: true });
        expect(parseVerified(sh(verifyScript(path)).stdout).odd).toEqual([]);
      },
    );

    test("paths in a manifest that lead outside are ignored", async () => {
      await unpack(1, { a: "1" });
      writeFileSync(join(scratch, "victim"), "v");
      const evil = `file 644 ${"0".repeat(64)} ../victim\nrubbish\n`;
      writeFileSync(join(path, ".hostout/checkout"), `${read(".hostout/checkout")}${evil}`);
      await unpack(2, { b: "1" });
      expect(readFileSync(join(scratch, "victim"), "utf8")).toBe("v");
      expect(tree()).toEqual({ b: "1" });
    });
  });

  describe("building a release", () => {
    test("marks it as current when the buildout succeeds, and notes it in the log", async () => {
      await unpack(1, { "a.cfg": "1" });
      writeFileSync(
        join(path, ".hostout/releases.jsonl"),
        `${read(".hostout/releases.jsonl")}torn`,
      );
      expect(build(1).status).toBe(0);
      expect(read(".hostout/current")).toBe(`1 ${idOf(1)}\n`);
      const { history } = inspect();
      expect(history.rubbish).toBe(1);
      const start = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+Z$/);
      expect(history.attempts).toEqual([
        { number: 1, id: idOf(1), start, result: "ok", seconds: expect.any(Number) },
      ]);
    });

    test("is on the disk before it is noted", async () => {
      await unpack(1, { "a.cfg": "1" });
      const log = join(scratch, "synced");
      const release = { number: 1, id: idOf(1), configuration: "h-1.cfg" };
      const program = buildScript(path, release, [], {
        ...{ shared: false, removed: [], done: "", failed: "" },
      });
      const spy = `sync() { printf '%s|%s\\n' "$*" "$(ls .hostout | grep '^current$')" >> '${log}'; }\n`;
      expect(sh(`${spy}${program}`).status).toBe(0);
      // During the build, and after it.
      expect(readFileSync(log, "utf8").split("\n").slice(0, 2)).toEqual(["-f .|", "-f .|"]);
      expect(read(".hostout/current")).toBe(`1 ${idOf(1)}\n`);
    });

    test("removes the given releases", async () => {
      for (let n = 1; n < 4; n++) await unpack(n, { "a.cfg": String(n) });
      expect(build(3, [], [1]).status).toBe(0);
      expect(releases()).toEqual(["2", "3"]);
    });

    const releases = () => readdirSync(join(path, ".hostout/releases")).sort();
    const has = (name: string) => readdirSync(join(path, ".hostout/releases", name, "tree")).sort();

    test("keeps only what others need of a removed release", async () => {
      const all = { x: "x", y: "y", l: { link: "x" }, e: null };
      await unpack(1, all);
      await unpack(2, { ...all, a: "1", b: "1" });
      await unpack(3, { ...all, a: "1", b: "2" });
      await unpack(4, { ...all, a: "1", b: "3" });
      expect(build(4, [], [1, 2]).status).toBe(0);
      expect([...inspect().kept.keys()]).toEqual([3, 4]);
      expect(releases()).toEqual(["1.left", "2.left", "3", "4"]);
      expect(has("2.left")).toEqual(["a"]);
      expect(parseVerified(sh(verifyScript(path)).stdout)).toMatchObject({
        damaged: [],
        mended: [],
      });
      for (const name of ["x", "y", "l", "a", "b"]) rmSync(join(path, name));
      expect(checkOut(3).status).toBe(0);
      expect(tree()).toEqual({ ...all, a: "1", b: "2" });
      // An archive stays complete as long as half of it is needed.
      expect(has("3")).toEqual(["b"]);
      await unpack(5, { x: "x", b: "5" });
      expect(build(5, [], [3, 4]).status).toBe(0);
      expect([releases(), has("1.left")]).toEqual([["1.left", "5"], ["x"]]);
      await unpack(6, { b: "6" });
      expect(build(6, [], [5]).status).toBe(0);
      expect(releases()).toEqual(["6"]);
      expect(parseVerified(sh(verifyScript(path)).stdout)).toMatchObject({
        damaged: [],
        mended: [],
      });
    });

    test("deletes a removed release that brought only empty directories", async () => {
      await unpack(1, { a: "1" });
      await unpack(2, { a: "1", e: null });
      await unpack(3, { a: "1", e: null, b: "b" });
      expect(build(3, [], [2]).status).toBe(0);
      expect(releases()).toEqual(["1", "3"]);
    });

    test("deletes nothing through a link in what a removed release left", async () => {
      await unpack(1, { z: "z" });
      await unpack(2, { z: "z", "d/a": "a", b: "b" });
      await unpack(3, { z: "z", b: "b" });
      const elsewhere = join(scratch, "elsewhere");
      renameSync(join(path, ".hostout/releases/2/tree/d"), elsewhere);
      symlinkSync(elsewhere, join(path, ".hostout/releases/2/tree/d"));
      expect(build(3, [], [2]).status).toBe(0);
      expect(readFileSync(join(elsewhere, "a"), "utf8")).toBe("a");
      expect(checkOut(3).status).toBe(0);
    });

    test("removes a release although a link is in the way of what it leaves", async () => {
      await unpack(1, { a: "1" });
      await unpack(2, { a: "1", b: "2" });
      symlinkSync("nowhere", join(path, ".hostout/releases/1.left"));
      expect(build(2, [], [1]).status).toBe(0);
      expect(releases()).toEqual(["1.0.left", "1.left", "2"]);
      expect(checkOut(2).status).toBe(0);
    });

    test("deletes what nobody needs although the disk is full", async () => {
      await unpack(1, { a: "1" });
      await unpack(2, { b: "2" });
      // The directory for the lists cannot be created.
      const full = `mkdir() { case "$*" in *.sweep*) return 1 ;; esac; command mkdir "$@"; }\n`;
      const release = { number: 2, id: idOf(2), configuration: "h-2.cfg" };
      const program = buildScript(path, release, [], {
        ...{ shared: false, removed: [1], done: "", failed: "" },
      });
      expect(sh(`${full}${program}`).status).toBe(0);
      expect(releases()).toEqual(["2"]);
    });

    test("an archive that cannot be unpacked leaves nothing half unpacked", async () => {
      await unpack(1, { a: "1", b: "1", c: "1" });
      await unpack(2, { a: "1", b: "2" });
      const full = `tar() { case "$*" in *unpacked*) return 1 ;; esac; command tar "$@"; }\n`;
      const release = { number: 2, id: idOf(2), configuration: "h-2.cfg" };
      const program = buildScript(path, release, [], {
        ...{ shared: false, removed: [1], done: "", failed: "" },
      });
      expect(sh(`${full}${program}`).status).toBe(0);
      const left = readdirSync(join(path, ".hostout/releases/1.left")).sort();
      expect(left).toEqual(["manifest", "seen", `whole.${form}`]);
      expect(checkOut(2).status).toBe(0);
    });

    test.each(["the tools of this machine", "those of BusyBox"])(
      "a name may have any backslash, with %s",
      async (tools) => {
        if (tools === "those of BusyBox") {
          const bin = join(scratch, "tools");
          mkdirSync(bin);
          for (const name of ["awk", "tar", "sed", "grep"]) {
            symlinkSync("/bin/busybox", join(bin, name));
          }
          shell = ["env", `PATH=${bin}:${process.env.PATH}`, ...shell];
        }
        const names = { "a\\1": "1", "d/n\\n": "n", "e\\x/back\\": "b", "e\\x/back": "c" };
        await unpack(1, { ...names, keep: "1" });
        await unpack(2, { ...names, keep: "2" });
        expect(tree()).toEqual({ ...names, keep: "2" });
        await unpack(3, { keep: "3" });
        expect(tree()).toEqual({ keep: "3" });
        expect(existsSync(join(path, "d"))).toBe(false);
        expect(checkOut(2).status).toBe(0);
        expect(tree()).toEqual({ ...names, keep: "2" });
      },
    );

    test("an archive without its end is damaged also for BusyBox", async () => {
      const bin = join(scratch, "tools");
      mkdirSync(bin);
      symlinkSync("/bin/busybox", join(bin, "tar"));
      shell = ["env", `PATH=${bin}:${process.env.PATH}`, ...shell];
      await unpack(1, { a: "1".repeat(20_000), b: "b" });
      await unpack(2, { b: "2" });
      const archive = join(path, `.hostout/releases/1/whole.${form}`);
      writeFileSync(archive, readFileSync(archive).subarray(0, form === "tar" ? 9000 : 100));
      expect(checkOut(1).status).toBe(DAMAGED);
      expect(tree()).toEqual({ b: "2" });
    });

    test("a release whose number is used again keeps what others need of it", async () => {
      await unpack(1, { x: "x", a: "1" });
      await unpack(2, { x: "x", a: "2" });
      expect((await send(1, { x: "other" }, false, true)).status).toBe(0);
      expect(releases()).toEqual(["1", "1.left", "2"]);
      expect(checkOut(2).status).toBe(0);
      expect(tree()).toEqual({ x: "x", a: "2" });
    });

    test("hands its arguments to bin/buildout as they are", async () => {
      script("bin/buildout", 'printf "%s|" "$@"');
      await unpack(1, { "a.cfg": "1" });
      expect(build(1, ["install", "it's $HOME"]).stdout).toBe("-c|h-1.cfg|install|it's $HOME|");
    });

    describe("of which a build needs nothing", () => {
      const rest = (number: number, removed: number[] = []) => ({
        ...{ shared: false, removed },
        done: JSON.stringify({ number, result: "ok", seconds: null }),
      });

      beforeEach(async () => {
        await unpack(1, { "a.cfg": "1", "b.css": "1" });
        // As the engine reports it; a link outside leads to a file of the release.
        symlinkSync(join(path, "b.css"), join(scratch, "outside"));
        const report = `printf '%s\\n' "$PWD/a.cfg" "$PWD/h-1.cfg" $MORE > "$HOSTOUT_SETTLED"`;
        writeFileSync(join(path, "bin/buildout"), `#!/bin/sh\n${report}\n`, { mode: 0o755 });
      });

      test("becomes the current one with its files", async () => {
        expect(build(1).status).toBe(0);
        const content = { "a.cfg": "1", "b.css": "2" };
        const { stdout, status } = await send(2, content, false, false, { rest: rest(2, [1]) });
        expect([status, stdout]).toEqual([0, "current\n"]);
        expect(read(".hostout/current")).toBe(`2 ${idOf(2)}\n`);
        expect(facts().settled?.id).toBe(idOf(2));
        expect(releases()).toEqual(["1.left", "2"]);
        expect(inspect().history.attempts.map(({ result }) => result)).toEqual(["ok", "ok"]);
        expect(tree()).toEqual(content);
        expect(changes()).toEqual([]);
        expect(existsSync(join(path, ".hostout/previous"))).toBe(false);
      });

      test("is compared with all paths, in whatever encoding", () => {
        const report = `printf '%s\\n' "$PWD/h-1.cfg" "$(printf 'odd/\\377')" > "$HOSTOUT_SETTLED"`;
        writeFileSync(join(path, "bin/buildout"), `#!/bin/sh\n${report}\n`, { mode: 0o755 });
        shell = ["env", "LC_ALL=C.UTF-8", ...shell];
        expect(build(1).status).toBe(0);
        const settled = readFileSync(join(path, ".hostout/settled"), "latin1");
        expect(settled.split("\n").slice(1)).toEqual(["odd/\u00ff", ""]);
      });

      test("waits for the build if a link outside leads to one of its files", async () => {
        process.env.MORE = join(scratch, "outside");
        onTestFinished(() => void delete process.env.MORE);
        expect(build(1).status).toBe(0);
        expect(facts().settled?.id).toBe(idOf(1));
        const content = { "a.cfg": "1", "b.css": "2" };
        const { stdout, status } = await send(2, content, false, false, { rest: rest(2) });
        expect([status, stdout]).toEqual([0, ""]);
        expect(read(".hostout/current")).toBe(`1 ${idOf(1)}\n`);
        expect(existsSync(join(path, ".hostout/previous"))).toBe(true);
      });

      test("is in place if it cannot become the current one", async () => {
        expect(build(1).status).toBe(0);
        const before = read(".hostout/releases.jsonl");
        mkdirSync(join(path, ".hostout/current.tmp"));
        const content = { "a.cfg": "1", "b.css": "2" };
        const { status } = await send(2, content, false, false, { rest: rest(2) });
        expect(status).toBe(NOT_NOTED);
        expect(tree()).toEqual(content);
        expect(read(".hostout/current")).toBe(`1 ${idOf(1)}\n`);
        expect(read(".hostout/releases.jsonl")).not.toBe(before);
        expect(inspect().history.attempts.at(-1)!.result).not.toBe("ok");
      });
    });

    test("a release that cannot be noted is not reported as done, and is undone later", async () => {
      await unpack(1, { "a.cfg": "1" });
      build(1);
      await unpack(2, { "a.cfg": "2" });
      mkdirSync(join(path, ".hostout/current.tmp"));
      expect(build(2).status).toBe(NOT_NOTED);
      expect(read(".hostout/current")).toBe(`1 ${idOf(1)}\n`);
      rmSync(join(path, ".hostout/current.tmp"), { recursive: true });
      expect(sh(restoreScript(path)).status).toBe(0);
      expect(read("a.cfg")).toBe("1");
    });

    test("a failure puts everything back as it was and keeps the status", async () => {
      script("bin/app", "echo one");
      mkdirSync(join(path, "parts/app"), { recursive: true });
      writeFileSync(join(path, "parts/app/code"), "one");
      writeFileSync(join(path, ".installed.cfg"), "one");
      const first = { "a.cfg": "1", "keep.txt": "k", "b/gone.txt": "b", l: { link: "a.cfg" } };
      await unpack(1, first);
      build(1);
      await unpack(2, { "a.cfg": "2", "keep.txt": "k", "new/file": "n" });
      script(
        "bin/buildout",
        "rm -rf parts/app bin/app keep.txt; echo two > .installed.cfg; mkdir -p parts/other develop-eggs; exit 3",
      );
      const snapshot = read("bin/buildout");
      const result = build(2);
      expect(result.status).toBe(3);
      expect(read(".hostout/current")).toBe(`1 ${idOf(1)}\n`);
      expect(read(".hostout/checkout")).toContain("number 1\n");
      expect(tree()).toEqual({ ...first, ".installed.cfg": "one" });
      expect(read("parts/app/code")).toBe("one");
      expect(existsSync(join(path, "parts/other"))).toBe(false);
      expect(existsSync(join(path, "develop-eggs"))).toBe(false);
      expect(read("bin/app")).toContain("echo one");
      expect(read("bin/buildout")).not.toBe(snapshot);
      expect(existsSync(join(path, ".hostout/previous"))).toBe(false);
      expect(existsSync(join(path, ".hostout/failed/parts/other"))).toBe(true);
      expect(inspect().history.attempts[1]).toMatchObject({ number: 2, result: "failed" });
    });

    test("a program that writes into a script in place does not damage the saved one", async () => {
      script("bin/app", "echo one");
      await unpack(1, { "a.cfg": "1" });
      build(1);
      await unpack(2, { "a.cfg": "2" });
      script("bin/buildout", "echo 'echo two' >> bin/app; exit 1");
      build(2);
      expect(read("bin/app")).not.toContain("two");
    });
  });

  describe("a deployment that was cut off", () => {
    test("is undone, also when undoing it is cut off itself", async () => {
      script("bin/app", "echo one");
      await unpack(1, { "a.cfg": "1" });
      build(1);
      await unpack(2, { "a.cfg": "2", "new.txt": "n" });
      rmSync(join(path, "bin/app"));
      // A first attempt to undo got as far as `bin`.
      const previous = join(path, ".hostout/previous");
      sh(
        `cd '${previous.replaceAll("'", "'\\''")}' && mv kept/bin ../../bin.back && cd ../.. && rm -rf bin && mv bin.back bin`,
      );
      expect(sh(restoreScript(path)).status).toBe(0);
      expect(tree()).toEqual({ "a.cfg": "1" });
      expect(read("bin/app")).toContain("one");
      expect(sh(restoreScript(path)).status).toBe(0);
    });
  });

  test("no program is missing while it is put back", async () => {
    script("bin/app", "echo one");
    await unpack(1, { "a.cfg": "1" });
    build(1);
    const poller = await pollFiles([join(path, "bin/app"), join(path, "bin/buildout")]);
    for (let number = 2; number < 7; number++) {
      await unpack(number, { "a.cfg": String(number) });
      script("bin/made", "echo made");
      expect(sh(restoreScript(path)).status).toBe(0);
      expect(existsSync(join(path, "bin/made"))).toBe(false);
    }
    expect((await poller.stop()).missed).toEqual([]);
    expect(existsSync(join(path, ".hostout/failed/bin/made"))).toBe(true);
  });

  describe("the state of an earlier version", () => {
    const name = "it's a buildout";
    const cache = () => join(scratch, "buildout-cache/deployer");
    const migrate = (before = "") => sh(`${before}${migrateScript(path, cache())}`);
    const content = (page: string): Content => ({
      "files/page.in": page,
      "files/link": { link: "page.in" },
      "files/deep/er/x y.txt": "x\n",
      "files/run.sh": "#!/bin/sh\n",
      "files/secret": "s\n",
    });
    const files = () =>
      Object.fromEntries(Object.entries(tree()).filter(([name]) => name.startsWith("files/")));
    const modes = () =>
      ["run.sh", "secret", "page.in"].map((name) =>
        (statSync(join(path, "files", name)).mode & 0o777).toString(8),
      );
    /** The second release is the current one, and nothing is left of the old state. */
    const expectCurrent = () => {
      expect(read(".hostout/current")).toBe("2 bee6ddcec816\n");
      const { history, kept, drift } = inspect();
      expect(history.attempts.map(({ number, id, result }) => [number, id, result])).toEqual([
        [1, "84d433d4523a", "ok"],
        [2, "bee6ddcec816", "ok"],
      ]);
      expect([[...kept], drift]).toEqual([[[2, "bee6ddcec816"]], []]);
      expect(files()).toEqual(content("two\n"));
      expect(modes()).toEqual(["755", "600", "644"]);
      expect(readdirSync(join(path, ".hostout")).sort()).toEqual([
        ...["checkout", "current", "engine", "engine-41fe90e8de9a.mjs"],
        ...["releases", "releases.jsonl", "working"],
      ]);
      expect(readdirSync(join(cache(), "downloads/dist"))).toEqual([]);
    };

    beforeEach(() => rmSync(path, { recursive: true }));

    test.each(["complete", "interrupted"] as const)(
      "becomes that of today (%s), and what was deployed is a release to go back to",
      async (state) => {
        writeFormerState(state, scratch, name);
        const result = migrate();
        expect([result.stderr, result.status]).toEqual(["", 0]);
        expectCurrent();
        await unpack(3, { "files/page.in": "3" });
        expect(tree()).toMatchObject({ "files/page.in": "3" });
        expect(existsSync(join(path, "files/link"))).toBe(false);
        expect(checkOut(2).status).toBe(0);
        expect(files()).toEqual(content("two\n"));
        expect(modes()).toEqual(["755", "600", "644"]);
      },
    );

    test("hand edits are reported, and restored after a failed build", async () => {
      writeFormerState("complete", scratch, name);
      writeFileSync(join(path, "files/page.in"), "edited");
      expect(migrate().status).toBe(0);
      expect(changes()).toEqual(["changed files/page.in"]);
      await unpack(3, { "files/page.in": "3" });
      script("bin/buildout", "exit 1");
      expect(build(3).status).toBe(1);
      expect(read("files/page.in")).toBe("edited");
    });

    test("is brought up to date wherever it was cut off before", () => {
      for (let cut = 1; ; cut += words.length === 1 ? 1 : 3) {
        rmSync(path, { recursive: true, force: true });
        rmSync(cache(), { recursive: true, force: true });
        writeFormerState("interrupted", scratch, name);
        const stop = `moves=0; mv() { moves=$((moves + 1)); [ $moves -lt ${cut} ] || exit 9; command mv "$@"; }\n`;
        const { status } = migrate(stop);
        expect([0, 9]).toContain(status);
        expect(migrate().status).toBe(0);
        expectCurrent();
        if (status === 0) {
          expect(cut).toBeGreaterThan(5);
          return;
        }
      }
    });
  });
});

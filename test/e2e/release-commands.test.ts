import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestProject } from "../support/deploy-project.ts";
import { eventsIn } from "../support/events-schema.ts";
import { keptArchive } from "../support/kept-archive.ts";
import { PAGE_BUILDOUT, startPageHost } from "../support/page-host.ts";
import type { TestServer } from "../support/servers.ts";
import { picture } from "../support/tree-picture.ts";

const files = {
  "files/page.in": "one\n",
  "files/logo": "\0one",
  "src/pkg/package.json": '{"name": "pkg", "version": "1.0.0", "files": ["index.js"]}\n',
  "src/pkg/index.js": "",
};

let server: TestServer;
let project: TestProject;
let app: string;
let close: (() => Promise<void>) | undefined;

/** Makes `[host1]` with these options in addition to its own. */
async function configure(options: Record<string, string> = {}): Promise<void> {
  const lines = project.hostLines(server, { include: "files", ...options });
  project.write({
    "buildout.cfg": `[buildout]\nparts = host1\ndevelop = src/pkg\n[host1]\n${lines}`,
  });
  expect((await project.buildout()).status).toBe(0);
}

async function deploy(content: Record<string, string>) {
  project.write(content);
  const outcome = await project.hostout("host1", "deploy");
  expect([outcome.stderr.replace(/^Added the .*\n/, ""), outcome.status]).toEqual(["", 0]);
  return outcome;
}

const dists = () =>
  readdirSync(join(server.home, "buildout-cache", server.user, "downloads/dist")).sort();

beforeAll(async () => {
  ({ server, project, app, close } = await startPageHost(files));
  mkdirSync(join(project.directory, "files/empty"));
  symlinkSync("page.in", join(project.directory, "files/link"));
  await configure();
  await deploy({});
  chmodSync(join(project.directory, "files/logo"), 0o755);
  await deploy({
    "files/page.in": "two\n",
    "files/logo": "\0two, and more",
    "src/pkg/index.js": "1",
  });
});

afterAll(() => close?.());

test("diff shows how two releases differ", async () => {
  const { status, stdout, stderr } = await project.hostout("host1", "diff", "1");
  expect([stderr, status]).toEqual(["", 0]);
  expect(stdout).toContain(
    [
      "~ files/logo: mode 644 -> 755",
      "~ files/logo: binary, 4 B -> binary, 14 B",
      "--- a/files/page.in",
      "+++ b/files/page.in",
      "@@ -1 +1 @@",
      "-one",
      "+two",
      "--- a/pinned.cfg",
    ].join("\n"),
  );
  expect(stdout).toMatch(/^-pkg = 1\.0\.0\+h\w{12}\n\+pkg = 1\.0\.0\+h\w{12}$/m);
  expect(stdout).toContain("\n3 files: 3 changed.\n");
  const stat = await project.hostout("host1", "diff", "2", "1", "--diff=stat");
  expect(stat.stdout).toContain("\n~ files/page.in: +1 -1\n");
  expect((await project.hostout("host1", "diff", "2", "2")).stdout).toContain("No differences.\n");
});

test("diff shows what a deployment would change, and does not change the host", async () => {
  project.write({ "files/page.in": "three\n", "files/new": "a\u001b[2Jb" });
  const state = () => [readdirSync(join(app, ".hostout")), statSync(join(app, ".hostout")).mtimeMs];
  const before = state();
  const { stdout } = await project.hostout("--json", "host1", "diff");
  expect(state()[0]).toEqual(before[0]);
  const diff = eventsIn(stdout, "hostout").find(({ type }) => type === "diff")!;
  expect(diff).toMatchObject({ from: 2, detail: "full" });
  expect(diff.differences).toEqual([
    { path: "files/new", after: { kind: "file", mode: "644", bytes: 6 } },
    {
      path: "files/page.in",
      before: { kind: "file", mode: "644", bytes: 4, text: "two\n" },
      after: { kind: "file", mode: "644", bytes: 6, text: "three\n" },
    },
  ]);
  rmSync(join(project.directory, "files/new"));
  project.write({ "files/page.in": "two\n" });
});

test("diff shows no passwords, and nothing of files that are their owner's alone", async () => {
  project.write({ "files/app.ini": "password = canary\nport = 1\n", "files/key": "canary\n" });
  const added = ["app.ini", "key"].map((name) => join(project.directory, "files", name));
  chmodSync(added[1]!, 0o600);
  const { stdout } = await project.hostout("host1", "diff");
  expect(stdout).toContain("+password = ***\n+port = 1\n");
  expect(stdout).toContain("\n+ files/key: private, 7 B\n");
  const json = await project.hostout("--json", "host1", "diff");
  expect(stdout + json.stdout + json.stderr).not.toContain("canary");
  for (const file of added) rmSync(file);
});

test.each([
  [["diff", "7"], 1, "has no release 7."],
  [["diff", "1", "2", "3"], 2, "'diff' takes 2 arguments: '3'."],
  [["diff", "--dif"], 2, "Did you mean '--diff'?"],
  [["diff", "--diff=stats"], 2, "Did you mean 'stat'?"],
  [["diff", "0"], 2, "'diff' needs the number of a release, not '0'."],
  [["cleanup", "--keep", "0"], 2, "'--keep' needs a number from 1, not '0'."],
  [["cleanup", "5"], 2, "'cleanup' takes no arguments: '5'."],
  [["download", "7", "there"], 1, "has no release 7."],
  [["download", "x", "there"], 2, "'download' needs the number of a release, not 'x'."],
  [["download", "1", "src"], 1, "it is not empty."],
])("%j is an error", async (words, status, said) => {
  const outcome = await project.hostout("host1", ...words);
  expect([outcome.status, outcome.stderr]).toEqual([status, expect.stringContaining(said)]);
});

test.each([1, 2])("download fetches release %i", async (number) => {
  const directory = join(project.scratch, `release-${number}`);
  const { status, stderr } = await project.hostout("host1", "download", `${number}`, directory);
  expect([stderr, status]).toEqual(["", 0]);
  const text = ["", "one\n", "two\n"][number];
  expect(readFileSync(join(directory, "files/page.in"), "utf8")).toBe(text);
  expect(readlinkSync(join(directory, "files/link"))).toBe("page.in");
  expect(readdirSync(join(directory, "files/empty"))).toEqual([]);
  expect(statSync(join(directory, "files/logo")).mode & 0o777).toBe(number === 1 ? 0o644 : 0o755);
  expect(existsSync(join(directory, "parts"))).toBe(false);
});

test("download refuses files that differ from the manifest, and paths that lead outside", async () => {
  const directory = join(project.scratch, "refused");
  const stored = join(app, ".hostout/releases/2/tree/files");
  const refuse = async (said: string) => {
    const { status, stderr } = await project.hostout("host1", "download", "2", directory);
    expect([status, stderr]).toEqual([1, expect.stringContaining(said)]);
    expect(existsSync(directory)).toBe(false);
    expect(readdirSync(project.scratch).filter((name) => name.includes("download"))).toEqual([]);
  };
  const text = readFileSync(join(stored, "page.in"));
  writeFileSync(join(stored, "page.in"), "other");
  await refuse("'files/page.in' of release 2 is damaged");
  writeFileSync(join(stored, "page.in"), text);
  const manifest = join(app, ".hostout/releases/2/manifest");
  const lines = readFileSync(manifest, "utf8");
  const hash = "0".repeat(64);
  const more = lines.replace(/entries (\d+)/, (_, count) => `entries ${Number(count) + 1}`);
  writeFileSync(manifest, `${more}file 644 ${hash} files/link/x\nfile 644 ${hash} ../out\n`);
  await refuse("'files/link/x' of release 2 is damaged");
  writeFileSync(manifest, lines.replace(/.*\n$/, ""));
  await refuse("The manifest of release 2 on host1 is damaged.");
  writeFileSync(manifest, lines);
});

test("releases is a table; --json has the same as data", async () => {
  const { stdout } = await project.hostout("host1", "releases");
  expect(stdout).toMatch(/^ {3}RELEASE {2}ID {12}START {17}WHO +COMMIT +TOOK +RESULT$/m);
  expect(stdout).toMatch(/^ {3}1 {8}\w{12} {2}[-\d]{10} [:\d]{8}Z +\S+@\S+ +\d+ s +ok$/m);
  expect(stdout).toMatch(/^\* {2}2 {8}\w{12} .* ok$/m);
  const events = eventsIn((await project.hostout("--json", "host1", "releases")).stdout, "hostout");
  const { value } = events.find(({ type, name }) => type === "result" && name === "releases")!;
  expect(value).toMatchObject([
    { number: 1, current: false, kept: true, result: "ok" },
    { number: 2, current: true, kept: true, result: "ok" },
  ]);
});

test("cleanup removes old releases, and packages that no kept release uses", async () => {
  await deploy({ "files/page.in": "three\n" });
  const [first, second] = dists();
  // In another place, as in another project; each directory has recorded that it uses the cache.
  const elsewhere = join(server.home, "srv/other");
  const users = join(server.home, "buildout-cache", server.user, "directories");
  expect(readdirSync(users).map((name) => readFileSync(join(users, name), "utf8"))).toEqual([
    `${app}\n`,
  ]);
  writeFileSync(join(users, "0123456789abcdef"), `${elsewhere}\n`);
  const beside = join(elsewhere, ".hostout/releases/1");
  mkdirSync(join(beside, "tree"), { recursive: true });
  const hash = "0".repeat(64);
  writeFileSync(join(beside, "manifest"), `release 000000000001\nfile 644 ${hash} pinned.cfg\n`);
  const pin = (name: string) => `pkg = ${name.replace(/^pkg-(.*)\.tgz$/, "$1")}\n`;
  const pins = execFileSync("tar", ["-xOf", keptArchive(app, 1), "tree/pinned.cfg"], {
    encoding: "utf8",
  });
  const old = pins.includes(pin(first!)) ? first! : second!;
  writeFileSync(join(beside, "tree/pinned.cfg"), pin(old));

  const before = picture(server.home);
  const plan = await project.hostout("host1", "cleanup", "--keep", "1", "--plan");
  expect(picture(server.home)).toEqual(before);
  expect(plan.stdout).toMatch(/Would remove release 1 \(\w{12}\)\n.*Would remove release 2 \(/);
  expect(readdirSync(join(app, ".hostout/releases"))).toEqual(["1", "2", "3"]);

  // Another directory with the same cache has a release that names it.
  const one = await project.hostout("host1", "cleanup", "--keep=2");
  expect([one.stderr, one.status]).toEqual(["", 0]);
  expect(readdirSync(join(app, ".hostout/releases"))).toEqual(["1.left", "2", "3"]);
  expect(dists()).toEqual([first, second]);

  rmSync(join(beside, "tree"), { recursive: true });
  const unknown = await project.hostout("host1", "cleanup");
  expect(unknown.stderr).toMatch(/are kept: the releases of .*\/srv\/other cannot be read\./);
  expect(dists()).toEqual([first, second]);

  rmSync(elsewhere, { recursive: true });
  const two = await project.hostout("host1", "cleanup");
  expect(two.stdout).toMatch(new RegExp(`Removed ${old.replaceAll(/[.+]/g, "\\$&")} \\(\\d+ B\\)`));
  expect(dists()).toEqual([first, second].filter((name) => name !== old));
  // A directory that no longer exists uses nothing.
  expect(readdirSync(users)).toHaveLength(1);
  const back = await project.hostout("host1", "rollback");
  expect([back.stderr, back.status]).toEqual(["", 0]);
  expect((await project.hostout("host1", "cleanup")).stdout).toContain(
    "Nothing to remove on host1",
  );
});

test("audit lists who did what, with holds by hand, and counts lines that are not ours", async () => {
  await project.hostout("host1", "lock", "acquire", "-m", "the disk is swapped");
  await project.hostout("host1", "lock", "release");
  const log = join(app, ".hostout/releases.jsonl");
  const lines = readFileSync(log, "utf8");
  writeFileSync(log, `${lines}rubbish\n{"number":"seven"}\n`);
  const { stdout, stderr } = await project.hostout("host1", "audit");
  expect(stdout).toMatch(/^TIME +WHO +WHAT$/m);
  expect(stdout).toMatch(/Z {2}\S+@\S+ +deployed release 1 \(\w{12}\): ok, \d+ s$/m);
  expect(stdout).toMatch(/Z {2}\S+@\S+ +went from release 3 to release 2$/m);
  expect(stdout).toMatch(/Z {2}\S+@\S+ +removed releases 1$/m);
  expect(stdout).toMatch(
    /Z {2}\S+@\S+ +blocked deployments: the disk is swapped\n.*allowed deployments again$/m,
  );
  expect(stderr).toContain("2 lines of the logs were not written by hostout.");
  writeFileSync(log, lines);
});

test("the last line says where the host is, and repeats warnings", async () => {
  const good = await deploy({ "files/page.in": "four\n" });
  expect(good.stdout).toMatch(/\nDone: host1 is at release 4 \(\w{7}\), \d+ s, [\d.]+ k?B\.\n$/);
  await configure({ "post-commands": "exit 3" });
  project.write({ "files/page.in": "five\n" });
  const warned = await project.hostout("host1", "deploy");
  expect(warned.status).toBe(0);
  expect(warned.stdout).toMatch(
    /\nhost1 is at release 5 \(\w{7}\), .*\.\nDone, with 1 warning: exit 3 ended with status 3\.\n$/,
  );
  const events = eventsIn((await project.hostout("--json", "host1", "deploy")).stdout, "hostout");
  expect(events.filter(({ type }) => type === "deployed")).toEqual([
    expect.objectContaining({ host: "host1", number: 5, warnings: 1 }),
  ]);
});

test("with strict-commands a command that fails ends the deployment", async () => {
  await configure({ "post-commands": "exit 3", "strict-commands": "true" });
  const after = await project.hostout("host1", "deploy");
  expect([after.status, after.stderr]).toEqual([
    ...[1, expect.stringContaining("Error: exit 3 ended with status 3.\n")],
  ]);
  expect(after.stdout).not.toMatch(/^Done/m);
  await configure({ "pre-commands": "exit 4", "strict-commands": "true" });
  project.write({ "files/page.in": "six\n" });
  const before = await project.hostout("host1", "deploy");
  expect([before.status, before.stderr]).toEqual([
    ...[1, expect.stringContaining("Error: exit 4 ended with status 4.\n")],
  ]);
  expect(before.stdout).not.toContain("'uploadeggs'");
  expect(readFileSync(join(app, "files/page.in"), "utf8")).toBe("five\n");
});

test("a rollback across a change of the data asks for --data-ok", async () => {
  const data = (text: string) => writeFileSync(join(app, "schema"), text);
  data("v1\n");
  await configure({ "data-version": "cat schema" });
  await deploy({ "files/page.in": "seven\n" });
  await deploy({ "files/page.in": "eight\n" });
  expect(await project.hostout("host1", "rollback")).toMatchObject({ status: 0, stderr: "" });
  data("v2\n");
  await deploy({ "files/page.in": "nine\n" });
  const refused = await project.hostout("host1", "rollback");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(
    /^Error: The data version on host1 is 'v2'; for release \d+ it was 'v1'\.$/m,
  );
  expect(readFileSync(join(app, "files/page.in"), "utf8")).toBe("nine\n");
  const none = await project.hostout("host1", "rollback", "5");
  expect(none.stderr).toContain("for release 5 none was recorded.");
  const back = await project.hostout("host1", "rollback", "--data-ok");
  expect([back.stderr, back.status]).toEqual(["", 0]);
  expect(readFileSync(join(app, "files/page.in"), "utf8")).toBe("seven\n");
});

test("cleanup removes eggs of packages of which every kept release pins another version", async () => {
  const pinned = (version: string) => `${PAGE_BUILDOUT}[versions]\ndep-a = ${version}\n`;
  await deploy({ "prod.cfg": pinned("1.0") });
  await deploy({ "prod.cfg": pinned("2.0") });
  const eggs = join(server.home, "buildout-cache", server.user, "eggs/v5");
  const names = ["dep_a-0.8", "dep_a-0.9", "dep_a-1.0.0", "dep_a-2.0", "never_pinned-1.0"];
  const made = names.map((name) => `${name}-py3.11.egg`);
  for (const name of made) {
    mkdirSync(join(eggs, name), { recursive: true });
    writeFileSync(join(eggs, name, "module.py"), "");
  }
  writeFileSync(join(app, "bin/by-hand"), `#!${eggs}/${made[0]}/module.py\n`);
  const left = () => readdirSync(eggs).sort();
  // Some kept releases do not pin it, so the version that they picked is unknown.
  expect((await project.hostout("host1", "cleanup")).status).toBe(0);
  expect(left()).toEqual(made);
  const plan = await project.hostout("host1", "cleanup", "--keep", "2", "--plan");
  expect(plan.stdout).toContain("Would remove dep_a-0.9-py3.11.egg (");
  expect(left()).toEqual(made);
  expect(await project.hostout("host1", "cleanup", "--keep", "2")).toMatchObject({
    stderr: "",
    status: 0,
  });
  expect(left()).toEqual(made.filter((name) => !name.includes("0.9")));
  expect(await project.hostout("host1", "cleanup", "--keep", "1")).toMatchObject({
    stderr: "",
    status: 0,
  });
  expect(left()).toEqual([made[0], made[3], made[4]]);
});

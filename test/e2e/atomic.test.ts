// `atomic = true` on a real host: releases in directories of their own, and a link that is switched.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { planOf, stepsOf } from "../support/plan-events.ts";
import { pollFiles } from "../support/poller.ts";
import { eventually, startSandboxServer, type TestServer } from "../support/servers.ts";
import { differences, treeOf } from "../support/tree.ts";

let server: TestServer;
let project: TestProject;
let app: string;

const prod = (parts: string) => `[buildout]
parts = page ${parts}
[page]
recipe = collective.recipe.template
output = parts/page/index.html
input = files/page.in
place = \${buildout:directory}
[slow]
recipe = plone.recipe.command
command = touch \${buildout:directory}/begun; while ! test -e \${buildout:directory}/var/go; do sleep 0.05; done
stop-on-error = true
[wrong]
recipe = plone.recipe.command
command = false
stop-on-error = true
`;

async function configure(options: Record<string, string> = {}): Promise<void> {
  const lines = project.hostLines(server, { include: "files", atomic: "true", ...options });
  project.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
  expect((await project.buildout()).status).toBe(0);
}

beforeEach(async () => {
  server = await startSandboxServer();
  app = join(server.home, "app");
  project = new TestProject({ "prod.cfg": prod(""), "files/page.in": "one" });
  await configure();
});

afterEach(async () => {
  project?.remove();
  await server?.close();
});

async function succeed(...words: string[]) {
  const outcome = await project.hostout(...words);
  expect([outcome.status, outcome.stderr.replace(/^Added the .*\n/, "")]).toEqual([0, ""]);
  return outcome;
}

async function deploy(page: string, ...flags: string[]) {
  project.write({ "files/page.in": page });
  return succeed(...flags, "host1", "deploy");
}

const read = (name: string) => readFileSync(join(app, name), "utf8");
const current = () => readlinkSync(join(app, "current"));
const directories = () => readdirSync(join(app, "releases")).sort();
const page = () => [read("current/files/page.in"), read("current/parts/page/index.html")];

test("each release has a directory of its own, and 'current' points to the last one", async () => {
  await deploy("one");
  expect([current(), page()]).toEqual(["releases/1", ["one", "one"]]);
  writeFileSync(join(app, "var/data"), "kept");
  const { stdout } = await deploy("two");
  expect([current(), page()]).toEqual(["releases/2", ["two", "two"]]);
  expect(stdout).toContain(`${app}/current is release 2 now`);
  expect(stdout).toMatch(/^Done: host1 is at release 2 /m);
  expect(read("releases/1/parts/page/index.html")).toBe("one");
  expect(read("releases/2/.installed.cfg")).toContain(`place = ${app}/releases/2\n`);
  expect(readlinkSync(join(app, "releases/2/var"))).toBe("../../var");
  expect(read("current/var/data")).toBe("kept");
  expect(existsSync(join(app, "files"))).toBe(false);
  const where = await succeed("host1", "run", "pwd; bin/buildout --version");
  expect(where.stdout).toContain(`${app}/current\n`);
});

test("a reader of 'current' never misses a file, whatever is deployed", async () => {
  await deploy("0");
  writeFileSync(join(app, "var/data"), "kept");
  const poller = await pollFiles(
    ["files/page.in", "parts/page/index.html", "bin/buildout", "var/data", ".installed.cfg"].map(
      (name) => join(app, "current", name),
    ),
  );
  for (const text of ["1", "2", "3"]) await deploy(text);
  await succeed("host1", "rollback");
  await succeed("host1", "cleanup", "--keep", "1");
  await deploy("4");
  const { missed, rounds } = await poller.stop();
  expect(missed).toEqual([]);
  expect(rounds).toBeGreaterThan(100);
});

test("a build that fails leaves 'current' unchanged; the next deployment removes what is left", async () => {
  await deploy("one");
  const before = treeOf(join(app, "releases/1"));
  project.write({ "prod.cfg": prod("wrong"), "files/page.in": "two" });
  const { status, stderr } = await project.hostout("host1", "deploy");
  expect(status).toBe(1);
  expect(stderr).toMatch(/Release 1 \(\w{12}\) stays current; what failed is in .*\/releases\/2\./);
  expect([current(), directories()]).toEqual(["releases/1", ["1", "2"]]);
  expect(differences(treeOf(join(app, "releases/1")), before)).toEqual([]);
  await succeed("host1", "verify");
  const { stdout } = await succeed("host1", "releases");
  expect(stdout).toMatch(/^\* +1 .* ok$/m);
  expect(stdout).toMatch(/^ +2 .* failed$/m);
  project.write({ "prod.cfg": prod("") });
  await deploy("three");
  expect([current(), directories()]).toEqual(["releases/3", ["1", "3"]]);
});

test("a deployment whose deployer is killed while the host builds does not switch", async () => {
  await deploy("one");
  project.write({ "prod.cfg": prod("slow"), "files/page.in": "two" });
  const { child, outcome } = project.startHostout("host1", "deploy");
  await eventually(() => expect(existsSync(join(app, "releases/2/begun"))).toBe(true));
  child.kill("SIGKILL");
  await outcome;
  writeFileSync(join(app, "var/go"), "");
  // It waits for the build, if that continues.
  const verified = await project.hostout("host1", "verify");
  expect([current(), page()]).toEqual(["releases/1", ["one", "one"]]);
  expect([verified.status, verified.stderr]).toEqual([
    1,
    expect.stringContaining("was interrupted"),
  ]);
  await deploy("two");
  expect([current(), page(), directories()]).toEqual(["releases/3", ["two", "two"], ["1", "3"]]);
});

test("rollback to a release that is built switches, and builds nothing", async () => {
  await deploy("one");
  await deploy("two");
  const before = treeOf(join(app, "releases/1"));
  const { stdout } = await succeed("host1", "rollback", "--reason", "slow");
  expect([current(), page()]).toEqual(["releases/1", ["one", "one"]]);
  expect(stdout).not.toContain("bin/buildout");
  expect(differences(treeOf(join(app, "releases/1")), before)).toEqual([]);
  expect((await succeed("host1", "releases")).stdout).toMatch(/^ +2 .* bad: slow$/m);
  rmSync(join(app, "releases/2"), { recursive: true });
  const again = await succeed("host1", "rollback", "2");
  expect(again.stdout).toContain("bin/buildout -c");
  expect([current(), page()]).toEqual(["releases/2", ["two", "two"]]);
  await deploy("three");
  expect(current()).toBe("releases/3");
});

test("directories of old releases are removed, but never the current one", async () => {
  await configure({ "keep-releases": "2" });
  for (const text of ["one", "two", "three"]) await deploy(text);
  expect(directories()).toEqual(["2", "3"]);
  await succeed("host1", "rollback");
  await succeed("host1", "cleanup", "--keep", "1");
  expect([current(), page()[0], directories()]).toEqual(["releases/2", "two", ["2", "3"]]);
  await deploy("four");
  await succeed("host1", "cleanup", "--keep", "1");
  expect([current(), directories()]).toEqual(["releases/4", ["4"]]);
});

test("the deployment does what its plan says; with nothing to do, it builds nothing", async () => {
  await configure({ "pre-commands": "pwd", "post-commands": `ls ${project.directory}/bin` });
  for (const text of ["one", "two", "two"]) {
    project.write({ "files/page.in": text });
    const plan = planOf((await project.hostout("host1", "plan", "--json")).stdout);
    const { stdout } = await project.hostout("host1", "deploy", "--json");
    expect(stepsOf(stdout)).toEqual(plan.steps);
  }
  expect(current()).toBe("releases/2");
  const { stdout, status } = await project.hostout("host1", "plan", "--detailed-exitcode");
  expect([stdout, status]).toEqual([expect.stringContaining("Nothing to do."), 0]);
  project.write({ "prod.cfg": prod("").replace("output =", "mode = 600\noutput =") });
  const shown = (await project.hostout("host1", "plan", "--detailed-exitcode")).stdout;
  expect(shown).toMatch(/^Parts +~ page \(collective\.recipe\.template\)\n +mode: new, 600$/m);
  expect(shown).toContain(`All parts are installed from scratch, in ${app}/releases/3`);
  expect(shown).toMatch(/^Commands +before: pwd\n +switch: current -> releases\/3\n +after: /m);
  expect(shown).toContain(`after: ls ${app}/current/bin`);
  const saved = join(project.scratch, "plan.json");
  expect((await project.hostout("host1", "plan", "--out", saved)).status).toBe(0);
  expect((await project.hostout("--from", saved, "host1", "deploy")).status).toBe(0);
  expect(current()).toBe("releases/3");
});

test("a host changes from releases in place to atomic ones and back, and keeps its data", async () => {
  await configure({ atomic: "false" });
  await deploy("one");
  writeFileSync(join(app, "var/data"), "kept");
  await configure();
  await deploy("two");
  expect([current(), page(), read("current/var/data")]).toEqual([
    "releases/2",
    ["two", "two"],
    "kept",
  ]);
  expect(read("files/page.in")).toBe("one");
  await succeed("host1", "rollback");
  expect([current(), page()]).toEqual(["releases/1", ["one", "one"]]);
  await deploy("two");
  const poller = await pollFiles([join(app, "current/bin/buildout")]);
  await configure({ atomic: "false" });
  await deploy("three");
  expect((await poller.stop()).missed).toEqual([]);
  expect([current(), page(), read("var/data")]).toEqual([".", ["three", "three"], "kept"]);
  expect(read("parts/page/index.html")).toBe("three");
  await succeed("host1", "rollback", "3");
  expect([current(), page()]).toEqual([".", ["two", "two"]]);
  await configure();
  await deploy("four");
  expect([current(), page()]).toEqual([`releases/${directories().at(-1)}`, ["four", "four"]]);
});

test("a foreign file at the path of releases is an error, and nothing changes", async () => {
  const refused = async (message: string) => {
    const lock = (path: string) => /^\.hostout\/(lock|working)$/.test(path);
    const before = treeOf(app, lock);
    const { status, stderr } = await project.hostout("host1", "deploy");
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(differences(treeOf(app, lock), before)).toEqual([]);
  };
  await deploy("one");
  rmSync(join(app, "current"));
  mkdirSync(join(app, "current"));
  await refused(`${app}/current is not a link.`);
  rmSync(join(app, "current"), { recursive: true });
  symlinkSync("/tmp", join(app, "current"));
  await refused(`${app}/current points elsewhere.`);
  rmSync(join(app, "current"));
  mkdirSync(join(app, "releases/2"));
  writeFileSync(join(app, "releases/2/theirs"), "");
  project.write({ "files/page.in": "two" });
  const { status, stderr } = await project.hostout("host1", "deploy");
  expect([status, stderr]).toEqual([1, expect.stringContaining("releases/2 is there already")]);
  expect(existsSync(join(app, "releases/2/theirs"))).toBe(true);
  rmSync(join(app, "releases/2"), { recursive: true });
  await deploy("three");
  expect(page()).toEqual(["three", "three"]);
});

test("releases share the paths in 'shared'; a release must not contain them", async () => {
  await configure({ shared: "etc/local.cfg media" });
  await succeed("host1", "run", "true");
  mkdirSync(join(app, "etc"), { recursive: true });
  writeFileSync(join(app, "etc/local.cfg"), "local");
  await deploy("one");
  expect(read("current/etc/local.cfg")).toBe("local");
  writeFileSync(join(app, "current/media/picture"), "seen");
  await deploy("two");
  expect([read("current/media/picture"), read("media/picture")]).toEqual(["seen", "seen"]);
  expect(lstatSync(join(app, "current/etc")).isDirectory()).toBe(true);
  await configure({ shared: "files" });
  const { status, stderr } = await project.hostout("host1", "deploy");
  expect([status, stderr]).toEqual([1, expect.stringContaining("releases share 'files'")]);
  project.write({ "var/log": "" });
  await configure({ include: "var" });
  expect((await project.hostout("host1", "plan")).stderr).toContain("releases share 'var'");
  for (const shared of ["../etc", "/etc", "current", "bin", "a//b"]) {
    const lines = project.hostLines(server, { include: "files", atomic: "true", shared });
    project.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
    expect((await project.buildout()).status).toBe(0);
    const refused = await project.hostout("host1", "plan");
    expect(refused.stderr).toContain("cannot be shared by releases");
  }
});

test("sudo-parts are built before the switch, and again after a rollback", async () => {
  const outside = () => read("elsewhere/rooted");
  const rooted = `[rooted]
recipe = collective.recipe.template
output = ${app}/elsewhere/rooted
input = inline: \${buildout:directory}
`;
  project.write({ "prod.cfg": `${prod("")}${rooted}` });
  await configure({ "sudo-parts": "rooted" });
  await deploy("one");
  project.write({ "files/page.in": "two" });
  const plan = planOf((await project.hostout("host1", "plan", "--json")).stdout);
  expect(plan.parts.map(({ action, part }) => [action, part])).toEqual([["update", "page"]]);
  const { stdout } = await project.hostout("host1", "deploy", "--json");
  expect(stepsOf(stdout)).toEqual(plan.steps);
  expect(plan.steps.map(({ step }) => step)).toEqual(["release", "build", "root-build", "switch"]);
  expect(outside()).toBe(`${app}/releases/2`);
  expect((await succeed("host1", "plan", "--detailed-exitcode")).stdout).toContain(
    "Nothing to do.",
  );
  await succeed("host1", "verify");
  const back = await succeed("host1", "rollback");
  expect(back.stdout).toContain("-o install rooted");
  expect([current(), outside()]).toEqual(["releases/1", `${app}/releases/1`]);
  project.write({ "prod.cfg": `${prod("")}${rooted}mode = nonsense\n`, "files/page.in": "three" });
  const failed = await project.hostout("host1", "deploy");
  expect([failed.status, failed.stderr]).toEqual([
    1,
    expect.stringMatching(
      /Release 1 \(\w{12}\) stays current; what failed is in .*\/releases\/3\./,
    ),
  ]);
  expect([current(), page()]).toEqual(["releases/1", ["one", "one"]]);
  expect((await succeed("host1", "releases")).stdout).toMatch(/^ +3 .* failed$/m);
  await succeed("host1", "verify");
  project.write({ "prod.cfg": `${prod("")}${rooted}` });
  await deploy("four");
  expect([current(), outside()]).toEqual(["releases/4", `${app}/releases/4`]);
  expect(directories()).toEqual(["1", "4"]);
});

test("cleanup keeps what the kept releases need; diff and download read stored files", async () => {
  const pin = (version: string) =>
    project.write({ "prod.cfg": `${prod("")}[versions]\ndep-a = ${version}\n` });
  for (const [text, version] of [
    ["one", "1.0"],
    ["two", "2.0"],
    ["three", "3.0"],
  ] as const) {
    pin(version);
    await deploy(text);
  }
  const eggs = join(server.home, "buildout-cache", server.user, "eggs/v5");
  const eggOf = (version: string) => `dep_a-${version}-py3.11.egg`;
  for (const version of ["0.7", "0.8", "0.9", "1.0", "2.0"]) {
    mkdirSync(join(eggs, eggOf(version)), { recursive: true });
  }
  // Whatever they pin, something in their directories was built with these.
  writeFileSync(join(app, "releases/1/bin/tool"), `#!${eggs}/${eggOf("0.9")}/tool\n`);
  writeFileSync(join(app, "releases/2/parts/page/tool.cfg"), `${eggs}/${eggOf("0.8")}\n`);
  const left = () => readdirSync(eggs).sort();
  const plan = await succeed("host1", "cleanup", "--plan");
  expect(plan.stdout.match(/Would remove \S+/g)).toEqual([`Would remove ${eggOf("0.7")}`]);
  await succeed("host1", "cleanup");
  expect(left()).toEqual(["0.8", "0.9", "1.0", "2.0"].map(eggOf));

  expect((await succeed("host1", "diff", "1")).stdout).toMatch(/^-one\n.*\n?\+three$/m);
  expect((await succeed("host1", "diff", "1", "2")).stdout).toMatch(/^-one\n.*\n?\+two$/m);
  const copy = join(project.scratch, "copy");
  await succeed("host1", "download", "2", copy);
  expect(readFileSync(join(copy, "files/page.in"), "utf8")).toBe("two");

  const { stdout } = await succeed("host1", "cleanup", "--keep", "2");
  expect(stdout).toMatch(/Removed release 1 \(\w{12}\)/);
  expect([left(), directories()]).toEqual([["0.8", "2.0"].map(eggOf), ["2", "3"]]);
  await succeed("host1", "rollback");
  expect([current(), page()]).toEqual(["releases/2", ["two", "two"]]);
});

test("hand edits stay in their release, or are copied to the next one", async () => {
  await deploy("one");
  writeFileSync(join(app, "current/files/page.in"), "by hand");
  const verified = await project.hostout("host1", "verify");
  expect(verified.stderr).toContain("'files/page.in' was changed on host1");
  const kept = await project.hostout("--keep-drift", "host1", "deploy");
  expect([kept.status, current()]).toEqual([0, "releases/1"]);
  project.write({ "files/other": "new" });
  expect((await project.hostout("--keep-drift", "host1", "deploy")).status).toBe(0);
  expect([current(), page()]).toEqual(["releases/2", ["by hand", "by hand"]]);
  const { status, stderr } = await project.hostout("host1", "deploy");
  expect([status, stderr]).toEqual([
    0,
    expect.stringContaining("Release 3 does not include the change."),
  ]);
  expect([current(), page()]).toEqual(["releases/3", ["one", "one"]]);
  expect(read("releases/2/files/page.in")).toBe("by hand");
});

test("the steps of a deployment one by one, and a build of a part alone", async () => {
  await succeed("host1", "bootstrap", "uploadeggs", "uploadbuildout");
  expect(existsSync(join(app, "current"))).toBe(false);
  await succeed("host1", "buildout");
  expect([current(), page()]).toEqual(["releases/1", ["one", "one"]]);
  rmSync(join(app, "current/parts/page/index.html"));
  await succeed("host1", "buildout", "install", "page");
  expect([current(), page()]).toEqual(["releases/1", ["one", "one"]]);
});

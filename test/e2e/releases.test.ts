import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { TestProject } from "../support/deploy-project.ts";
import { writeFormerState } from "../support/former-state.ts";
import { keptArchive } from "../support/kept-archive.ts";
import { startPageHost } from "../support/page-host.ts";
import { programsWithoutTar } from "../support/programs.ts";
import type { TestServer } from "../support/servers.ts";

let server: TestServer;
let project: TestProject;
let app: string;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ server, project, app, close } = await startPageHost({ "files/page.in": "one" }));
  const one = project.hostLines(server, { include: "files" });
  const two = { include: "files", path: join(server.home, "app2"), "keep-releases": "1" };
  project.write({
    "buildout.cfg": `[buildout]\nparts = host1 host2 twin\n[host1]\n${one}[twin]\n${one}[host2]\n${project.hostLines(server, two)}`,
  });
  symlinkSync("page.in", join(project.directory, "files/link"));
  expect((await project.buildout()).status).toBe(0);
  for (const text of ["one", "two"]) {
    project.write({ "files/page.in": text });
    expect((await project.hostout("host1", "deploy")).status).toBe(0);
  }
});

afterEach(() => vi.unstubAllEnvs());

afterAll(() => close?.());

const read = (name: string) => readFileSync(join(app, name), "utf8");

test("a link of include stays a link at the second deployment", () => {
  expect(lstatSync(join(app, "files/link")).isSymbolicLink()).toBe(true);
  expect(readlinkSync(join(app, "files/link"))).toBe("page.in");
});

test("a file that was changed on the host is overwritten with a warning, or kept", async () => {
  writeFileSync(join(app, "files/page.in"), "by hand");
  const kept = await project.hostout("--keep-drift", "host1", "deploy");
  expect([kept.status, read("files/page.in")]).toEqual([0, "by hand"]);
  expect(kept.stdout + kept.stderr).toContain("'files/page.in' was changed on host1");
  const { status, stdout, stderr } = await project.hostout("host1", "deploy");
  expect([status, read("files/page.in")]).toEqual([0, "two"]);
  expect(stdout + stderr).toContain("'files/page.in' was changed on host1");
  expect(read(".hostout/replaced/2/files/page.in")).toBe("by hand");
});

test("verify repairs damaged releases from the host's files, and reports the rest", async () => {
  const stored = (number: number) => join(app, `.hostout/releases/${number}/tree/files/page.in`);
  const verify = () => project.hostout("host1", "verify");
  const whole = await verify();
  expect([whole.stderr, whole.status]).toEqual(["", 0]);
  expect(whole.stdout).toContain("complete releases: 2");
  writeFileSync(stored(2), "damaged");
  const mended = await verify();
  expect([mended.stderr, mended.status]).toEqual(["", 0]);
  expect(mended.stdout).toContain("Repaired 'files/page.in'");
  expect(readFileSync(stored(2), "utf8")).toBe("two");
  expect(read("files/page.in")).toBe("two");
  const archive = keptArchive(app, 1);
  const content = readFileSync(archive);
  writeFileSync(archive, "damaged");
  writeFileSync(join(app, "files/page.in"), "by hand");
  const { status, stderr } = await verify();
  expect(status).toBe(1);
  expect(stderr).toContain("'files/page.in' was changed on host1");
  expect(stderr).toContain("'files/page.in' of release 1 is damaged.");
  rmSync(join(dirname(archive), "tree"), { recursive: true });
  writeFileSync(archive, content);
  writeFileSync(join(app, "files/page.in"), "two");
});

test("rollback works without the project's files, and marks the release it leaves as bad", async () => {
  const { status, stderr } = await project.hostout("host1", "rollback", "--reason", "too slow");
  expect([stderr, status]).toEqual(["", 0]);
  expect(read("files/page.in")).toBe("one");
  expect(read("parts/page/index.html")).toBe("one");
  expect(existsSync(join(app, ".hostout/previous"))).toBe(false);
  const { stdout } = await project.hostout("host1", "releases");
  expect(stdout).toMatch(/\* +1 +\w{12} .* ok$/m);
  expect(stdout).toMatch(/ +2 +\w{12} .* bad: too slow$/m);
  const none = await project.hostout("host1", "rollback", "7");
  expect(none.status).toBe(1);
  expect(none.stderr).toContain("host1 has no release '7' to roll back to.");
  const wrong = await project.hostout("host1", "rollback", "--reson", "x");
  expect([wrong.status, wrong.stderr]).toEqual([
    2,
    expect.stringContaining("Did you mean '--reason'?"),
  ]);
});

test("parts with one directory deploy in turn, and roll back to each other's releases", async () => {
  const configurations = () => readdirSync(app).filter((name) => /-\w{12}\.cfg$/.test(name));
  for (const name of ["twin", "host1"]) {
    const { status, stderr } = await project.hostout(name, "deploy");
    expect([stderr, status]).toEqual(["", 0]);
    expect(configurations()).toEqual([expect.stringMatching(`^${name}-`)]);
    expect(read("parts/page/index.html")).toBe("two");
  }
  const back = await project.hostout("host1", "rollback");
  expect([back.stderr, back.status]).toEqual(["", 0]);
  expect(configurations()).toEqual([expect.stringMatching("^twin-")]);
  expect(await project.hostout("twin", "sudobuildout")).toMatchObject({ status: 0, stderr: "" });
  const { status, stderr } = await project.hostout("host1", "sudobuildout");
  expect([status, stderr]).toEqual([1, expect.stringContaining("is not on 127.0.0.1.")]);
});

test("a host without tar gets the files over SFTP, and keeps the configured number of releases", async () => {
  vi.stubEnv("PATH", programsWithoutTar(project.scratch));
  project.write({ "files/run": "#!/bin/sh\n" });
  chmodSync(join(project.directory, "files/run"), 0o755);
  mkdirSync(join(project.directory, "files/empty"));
  const state = join(server.home, "app2/.hostout");
  const arrived = join(server.home, "app2/files");
  for (const text of ["three", "four"]) {
    project.write({ "files/page.in": text });
    const { status, stderr } = await project.hostout("host2", "deploy");
    expect([stderr, status]).toEqual(["", 0]);
    expect(readFileSync(join(arrived, "page.in"), "utf8")).toBe(text);
    expect(statSync(join(arrived, "run")).mode & 0o100).toBe(0o100);
    expect(readdirSync(join(arrived, "empty"))).toEqual([]);
    expect(readlinkSync(join(arrived, "link"))).toBe("page.in");
    expect(existsSync(join(state, "arriving"))).toBe(false);
  }
  expect(readdirSync(join(state, "releases"))).toEqual(["1.left", "2"]);
});

test("a link in the place of the state is refused", async () => {
  const state = join(server.home, "app2/.hostout");
  renameSync(state, join(server.home, "elsewhere"));
  symlinkSync("../elsewhere", state);
  const { status, stderr } = await project.hostout("host2", "deploy");
  expect([status, stderr]).toEqual([1, expect.stringContaining(".hostout is a link.")]);
});

test("the state of an earlier version is converted, and can be rolled back to", async () => {
  const former = await startPageHost({ "files/page.in": "one" });
  const { server: host, project: other } = former;
  try {
    writeFormerState("interrupted", host.home);
    const lines = other.hostLines(host, { include: "files" });
    other.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
    expect((await other.buildout()).status).toBe(0);
    const page = () => readFileSync(join(host.home, "app/files/page.in"), "utf8");
    const { status, stdout, stderr } = await other.hostout("host1", "deploy");
    expect([stderr.replace(/^Added the .*\n/, ""), status, page()]).toEqual(["", 0, "one"]);
    expect(stdout).toContain("from an earlier version");
    expect((await other.hostout("host1", "releases")).stdout).toMatch(/\* +3 +\w{12} .* ok$/m);
    // Its configuration was recorded with a cache in the directory `HOME`.
    mkdirSync(join(host.home, "app/HOME/buildout-cache/deployer"), { recursive: true });
    const back = await other.hostout("host1", "rollback");
    expect([back.stderr, back.status, page()]).toEqual(["", 0, "two\n"]);
  } finally {
    await former.close();
  }
});

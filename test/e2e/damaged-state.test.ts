import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSshdServer, type TestServer, usersMissing } from "../support/servers.ts";

const PROD = `[buildout]
parts = page
[page]
recipe = collective.recipe.template
output = parts/page/index.html
input = files/page.in
`;

describe.skipIf(usersMissing !== undefined)(`a host's state ${usersMissing ?? ""}`, () => {
  let server: TestServer;
  let project: TestProject;
  let app: string;
  let kept: string;

  beforeAll(async () => {
    server = await startSshdServer();
    app = join(server.home, "app");
    kept = join(server.home, "app.tar");
    project = new TestProject({ "prod.cfg": PROD });
    const lines = project.hostLines(server, { include: "files" });
    project.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
    project.write({ "files/page.in": "one" });
    expect((await project.buildout()).status).toBe(0);
    expect((await project.hostout("host1", "deploy")).status).toBe(0);
    project.write({ "files/page.in": "two" });
    expect((await project.hostout("host1", "deploy")).status).toBe(0);
    execFileSync("tar", ["-cpf", kept, "-C", server.home, "app"]);
    project.write({ "files/page.in": "three" });
  });

  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  beforeEach(() => {
    for (const name of ["app", "real"]) {
      rmSync(join(server.home, name), { recursive: true, force: true });
    }
    execFileSync("tar", ["-xpf", kept, "-C", server.home]);
  });

  const state = (name: string) => join(app, ".hostout", name);
  const pages = () =>
    ["files/page.in", "parts/page/index.html"].map((name) => readFileSync(join(app, name), "utf8"));
  const deploy = () => project.hostout("host1", "deploy");

  function replace(name: string, content: string | Buffer): void {
    writeFileSync(state(name), content);
    execFileSync("chown", [server.user, state(name)]);
  }

  test.each([
    ["current", randomBytes(2000)],
    ["current", ""],
    ["current", "999999999 aaaaaaaaaaaa\n"],
    ["checkout", randomBytes(2000)],
    ["checkout", "release aaaaaaaaaaaa\nnumber 1\nfile 644 zz ../../escape\n"],
    ["snapshot", randomBytes(2000)],
    ["attempt", randomBytes(2000)],
    ["engine", randomBytes(2000)],
    ["lock", randomBytes(2000)],
  ])("rubbish in '%s' does not keep the next release out", async (name, content) => {
    replace(name, content);
    const { status, stderr } = await deploy();
    expect([stderr, status, pages()]).toEqual([
      expect.not.stringMatching(/Error/),
      0,
      ["three", "three"],
    ]);
    expect((await project.hostout("host1", "verify")).status).toBe(0);
  });

  test("ten megabytes of rubbish in the log cost no release and no number", async () => {
    const log = readFileSync(state("releases.jsonl"), "utf8");
    replace("releases.jsonl", Buffer.concat([randomBytes(10_000_000), Buffer.from(`\n${log}`)]));
    expect((await deploy()).status).toBe(0);
    const { stdout, stderr } = await project.hostout("host1", "releases");
    expect(stdout).toMatch(/^ +1 .*\n +2 .*\n\* +3 .*ok$/m);
    expect(stderr).toBe("");
    expect(pages()).toEqual(["three", "three"]);
  });

  test("without the log, the releases are still there, and numbers continue", async () => {
    rmSync(state("releases.jsonl"));
    expect((await deploy()).status).toBe(0);
    expect((await project.hostout("host1", "releases")).stdout).toMatch(
      /^ +1 .*\n +2 .*\n\* +3 .*ok$/m,
    );
    const back = await project.hostout("host1", "rollback", "1");
    expect([back.stderr, back.status, pages()]).toEqual(["", 0, ["one", "one"]]);
  });

  test("an empty hold blocks deployments, and the error says how to end it", async () => {
    replace("hold", randomBytes(2000));
    const { status, stderr } = await deploy();
    expect([status, stderr, pages()]).toEqual([
      75,
      expect.stringMatching(/^Error: host1 is held by somebody.*\n.*host1 lock release/),
      ["two", "two"],
    ]);
    expect((await project.hostout("host1", "lock", "release")).status).toBe(0);
    expect([(await deploy()).status, pages()]).toEqual([0, ["three", "three"]]);
  });

  test.each(["deploy", "plan", "verify", "releases", "rollback", "cleanup"])(
    "'%s' names a state that belongs to somebody else, and changes nothing",
    async (command) => {
      const theirs = join(app, ".hostout");
      execFileSync("chown", ["-R", "root:root", theirs]);
      execFileSync("chmod", ["700", theirs]);
      const { status, stderr } = await project.hostout("host1", command);
      expect([status, stderr]).toEqual([1, expect.stringContaining(".hostout")]);
      expect(stderr).toContain("'setowners' fixes that");
      expect(pages()).toEqual(["two", "two"]);
    },
  );

  test.each([
    ["cannot be entered", "750", () => `${server.user} cannot create or write ${app}`],
    [
      "can",
      "755",
      () => `${server.user} may not write ${join(app, ".hostout")}, which belongs to root.`,
    ],
  ])("a directory that belongs to somebody else is named where it %s", async (_, mode, message) => {
    execFileSync("chown", ["-R", "root:root", app]);
    execFileSync("chmod", [mode, app]);
    const { status, stderr } = await deploy();
    expect([status, stderr, pages()]).toEqual([
      1,
      expect.stringContaining(message()),
      ["two", "two"],
    ]);
    expect((await project.hostout("host1", "plan")).stderr).toContain("'setowners' fixes that");
  });

  test.each([
    ["a file", () => writeFileSync(app, "theirs"), "is not a directory"],
    ["a link to nothing", () => symlinkSync("nowhere", app), "is a link to nothing"],
  ])("a path that is %s is refused by name", async (_, make, is) => {
    rmSync(app, { recursive: true });
    make();
    for (const command of ["plan", "deploy"]) {
      const { status, stderr } = await project.hostout("host1", command);
      expect([status, stderr]).toEqual([1, expect.stringContaining(`Error: ${app} ${is}.`)]);
    }
  });

  test.each(["releases/2/tree", "releases/2"])(
    "'verify' names '%s' if that is a link, with what to do; a deployment does without",
    async (name) => {
      renameSync(state(name), join(server.home, "real"));
      symlinkSync(join(server.home, "real"), state(name));
      const [, number] = name.split("/");
      const { status, stderr } = await project.hostout("host1", "verify");
      expect([status, stderr]).toEqual([
        1,
        `Hostout: Warning: ${state(name)} is a link, which no deployment creates: release ${number} is not used. Move it away, and deploy again.\n`,
      ]);
      expect([(await deploy()).status, pages()]).toEqual([0, ["three", "three"]]);
      rmSync(state(name));
      expect((await project.hostout("host1", "verify")).status).toBe(name === "releases/2" ? 0 : 1);
      expect((await project.hostout("host1", "rollback", number!)).status).toBe(1);
    },
  );

  test("a path that is a link to a directory means that directory", async () => {
    renameSync(app, join(server.home, "real"));
    symlinkSync("real", app);
    expect([(await deploy()).status, pages()]).toEqual([0, ["three", "three"]]);
    const back = await project.hostout("host1", "rollback");
    expect([back.stderr, back.status, pages()]).toEqual(["", 0, ["two", "two"]]);
  });

  test("nothing is lost if the disk fills up while files are put in place", async () => {
    const [used = ""] = execFileSync("du", ["-sk", app], { encoding: "utf8" }).split("\t");
    rmSync(app, { recursive: true });
    mkdirSync(app);
    // The release arrives, but cannot be copied to its place.
    const size = `size=${Number(used) + 12_000}k,mode=777`;
    execFileSync("mount", ["-t", "tmpfs", "-o", size, "tmpfs", app]);
    try {
      execFileSync("tar", ["-xpf", kept, "-C", server.home]);
      project.write({ "files/large": Buffer.alloc(8_000_000).toString() });
      const { status, stderr } = await deploy();
      expect([status, stderr]).toEqual([1, expect.stringMatching(/no space left/i)]);
      expect(pages()).toEqual(["two", "two"]);
      rmSync(join(project.directory, "files/large"));
      expect([(await deploy()).stderr, pages()]).toEqual(["", ["three", "three"]]);
    } finally {
      execFileSync("umount", ["-l", app]);
    }
  });
});

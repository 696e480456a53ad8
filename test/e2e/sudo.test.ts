import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import {
  allowSudo,
  scratchFolder,
  startSshdServer,
  type TestServer,
  usersMissing,
} from "../support/servers.ts";

describe.skipIf(usersMissing !== undefined)(`commands as root ${usersMissing ?? ""}`, () => {
  let server: TestServer;
  let project: TestProject;
  let place: string;
  let path: string;

  beforeAll(async () => {
    server = await startSshdServer();
    project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
    // Like /var/buildout: a directory of root, in which the login user cannot create anything.
    place = await scratchFolder();
    chmodSync(place, 0o755);
    path = join(place, "var/app");
    await configure({});
  });

  afterAll(async () => {
    project?.remove();
    await server?.close();
    rmSync(place, { recursive: true, force: true });
  });

  async function configure(options: Record<string, string>): Promise<void> {
    project.writeHost(server, {
      path,
      "no-sudo": "",
      "pre-commands": "id -un > before",
      "post-commands": "id -un > after\nfalse",
      ...options,
    });
    expect((await project.buildout()).status).toBe(0);
  }

  test("without sudo, a path of root's cannot be created, and the error names the user who tried", async () => {
    await allowSudo(server, "ALL=(ALL) !ALL");
    const outcome = await project.hostout("host1", "deploy");
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain("sudo");
    expect(existsSync(path)).toBe(false);
  });

  test("with NOPASSWD the path is made for the user, pre- and post-commands run as root", async () => {
    await allowSudo(server, "ALL=(ALL) NOPASSWD: ALL");
    const outcome = await project.hostout("host1", "deploy");
    expect(outcome.status).toBe(0);
    expect(statSync(path).uid).not.toBe(0);
    expect(readFileSync(join(path, "before"), "utf8")).toBe("root\n");
    expect(readFileSync(join(path, "after"), "utf8")).toBe("root\n");
    expect(outcome.stderr).toContain("false ended with status 1.");
  });

  test("precommands only, or the buildout as root, whose files are then given back", async () => {
    rmSync(join(path, "before"));
    expect((await project.hostout("host1", "precommands")).status).toBe(0);
    expect(readFileSync(join(path, "before"), "utf8")).toBe("root\n");
    const built = await project.hostout("host1", "sudobuildout");
    expect(built.stdout).toMatch(/run: bin\/buildout -c host1-\w+\.cfg\n/);
    expect(built.status).toBe(0);
    expect(statSync(join(path, "bin/buildout")).uid).not.toBe(0);
    project.write({ "prod.cfg": "[buildout]\nparts =\nx = 1\n" });
    const other = await project.hostout("host1", "sudobuildout");
    expect(other.stderr).toContain("is not on 127.0.0.1");
    expect(other.status).toBe(1);
    project.write({ "prod.cfg": "[buildout]\nparts =\n" });
  });

  test("with a password it is taken from a file, and shown nowhere", async () => {
    await allowSudo(server, "ALL=(ALL) ALL");
    const file = join(project.scratch, "sudo password");
    writeFileSync(file, `${server.password}\n`, { mode: 0o600 });
    await configure({ "password-file": file });
    rmSync(join(path, "after"));
    const outcome = await project.hostout("host1", "deploy");
    expect(outcome.status).toBe(0);
    expect(readFileSync(join(path, "after"), "utf8")).toBe("root\n");
    expect(outcome.stdout + outcome.stderr).not.toContain(server.password);
    const said = await project.hostout("host1", "sudo", "id", "-u");
    expect(said.stdout).toContain("[127.0.0.1] out: 0\n");
    expect(said.stdout).toContain(`run: sh -c "cd ${path} && id -u"`);
  });

  test.each([
    ["NOPASSWD: ALL", ""],
    ["ALL", "secret.txt"],
  ])("a part that root builds gets its secrets (%s)", async (rule, passwordFile) => {
    await allowSudo(server, `ALL=(ALL) ${rule}`);
    const secret = `canary ${rule}`;
    project.env.MOTTO = secret;
    project.write({
      "secret.txt": `${server.password}\n`,
      "prod.cfg": `[buildout]
parts =
[rooted]
recipe = collective.recipe.template
input = inline: \${secrets:motto}
output = parts/rooted/motto
[secrets]
motto = env:MOTTO
`,
    });
    chmodSync(join(project.directory, "secret.txt"), 0o600);
    await configure({ "sudo-parts": "rooted", "password-file": passwordFile });
    const { status, stdout, stderr } = await project.hostout("host1", "deploy");
    expect(status, stderr).toBe(0);
    const file = join(path, "parts/rooted/motto");
    expect(readFileSync(file, "utf8")).toContain(secret);
    expect([statSync(file).uid, statSync(file).mode & 0o007]).toEqual([0, 0]);
    expect(stdout + stderr).not.toContain(secret);
    expect(readFileSync(join(path, ".installed.cfg"), "utf8")).not.toContain(secret);
    project.write({ "prod.cfg": "[buildout]\nparts =\n" });
    await configure({});
  });

  test("a release in a directory of its own contains root's parts, and is removed when it is old", async () => {
    await allowSudo(server, "ALL=(ALL) NOPASSWD: ALL");
    const write = (text: string) =>
      project.write({
        "prod.cfg": `[buildout]
parts =
[rooted]
recipe = collective.recipe.template
input = inline: ${text}
output = parts/rooted/text
`,
      });
    await configure({ atomic: "true", "sudo-parts": "rooted", path: join(place, "var/atomic") });
    const releases = join(place, "var/atomic/releases");
    const file = (number: number) => join(releases, `${number}/parts/rooted/text`);
    for (const text of ["one", "two"]) {
      write(text);
      const { status, stderr } = await project.hostout("host1", "deploy");
      expect(status, stderr).toBe(0);
    }
    expect([readFileSync(file(1), "utf8"), readFileSync(file(2), "utf8")]).toEqual(["one", "two"]);
    expect([statSync(file(2)).uid, statSync(join(releases, "2/.installed.cfg")).uid]).toEqual([
      0,
      statSync(releases).uid,
    ]);
    const after = () => readFileSync(join(place, "var/atomic/current/parts/rooted/text"), "utf8");
    expect(after()).toBe("two");
    expect((await project.hostout("host1", "rollback")).status).toBe(0);
    expect(after()).toBe("one");
    write("three");
    expect((await project.hostout("host1", "deploy")).status).toBe(0);
    expect((await project.hostout("host1", "cleanup", "--keep", "1")).stderr).toBe("");
    expect(readdirSync(releases)).toEqual(["3"]);
    await allowSudo(server, "ALL=(ALL) ALL");
    project.write({ "prod.cfg": "[buildout]\nparts =\n" });
    await configure({});
  });

  test("without any password, and with nobody to ask, the error says what to do", async () => {
    await configure({});
    const outcome = await project.hostout("host1", "sudo", "id");
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(/password/);
    expect(outcome.stderr).toMatch(/NOPASSWD|password-file|terminal/);
  });

  test("'no-sudo' forbids the sudo command", async () => {
    await configure({ "no-sudo": "true" });
    const outcome = await project.hostout("host1", "sudo", "id");
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain("no-sudo");
  });
});

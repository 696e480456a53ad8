import { spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";

const USAGE = "cmdline is: bin/hostout host1 [host2...] [all] cmd1 [cmd2...] [arg1 arg2...]\n";

describe("bin/hostout without a host to log in to", () => {
  let project: TestProject;

  beforeAll(async () => {
    project = new TestProject({
      "buildout.cfg": `[buildout]
parts = web db
[common]
user = deploy
post-commands = bin/last
password = s3cret word
[web]
recipe = hostout
extends = common
host = 192.0.2.1
post-commands =
    bin/first
option1 = buildout
[db]
recipe = collective.hostout
extends = web
host = 192.0.2.2
path = /srv/db
`,
    });
    const built = await project.buildout();
    expect(built.status).toBe(0);
  });

  afterAll(() => project.remove());

  test("lists the hosts", async () => {
    const outcome = await project.hostout();
    expect(outcome).toEqual({ status: 0, stdout: "Valid hosts are: db web\n", stderr: USAGE });
  });

  test("lists roles with their hosts, and takes them for hosts", async () => {
    const roles = {
      "buildout.cfg": `[buildout]
parts = web2 web1 db
[web2]
recipe = hostout
host = 192.0.2.1
roles = web eu-1
[web1]
<= web2
roles = web
[db]
<= web2
roles = db
`,
    };
    const own = new TestProject(roles);
    onTestFinished(() => own.remove());
    expect(await own.buildout()).toMatchObject({ status: 0, stderr: "" });
    expect(await own.hostout()).toMatchObject({
      status: 0,
      stdout:
        "Valid hosts are: db web1 web2\nRoles are:\n  @db   : db\n  @eu-1 : web2\n  @web  : web2 web1\n",
    });
    const listed = JSON.parse((await own.hostout("--json")).stdout);
    expect(listed.roles).toEqual({ db: ["db"], "eu-1": ["web2"], web: ["web2", "web1"] });
    expect((await own.hostout("@web,!web1")).stdout).toContain("Valid commands are:");
    const wrong = await own.hostout("@wbe", "deploy");
    expect(wrong).toMatchObject({ status: 2, stdout: "" });
    expect(wrong.stderr).toContain(
      "Error: There is no role 'wbe'.\n  Did you mean '@web'? Roles are: ",
    );
  });

  test("lists the commands of a host with their descriptions", async () => {
    const outcome = await project.hostout("web");
    expect(outcome.status).toBe(0);
    expect(outcome.stderr).toBe(USAGE);
    const lines = outcome.stdout.split("\n");
    expect(lines[0]).toBe("Valid commands are:");
    const listed = lines.slice(1, -1).map((line) => /^ {2}(\S+) *: (.*)$/.exec(line)?.slice(1));
    expect(listed).not.toContain(undefined);
    expect(Object.fromEntries(listed as [string, string][])).toMatchObject({
      bootstrap: "Install python and users needed to run buildout",
      buildout: "Run the buildout on the remote server",
      deploy: "Run predeploy, uploadeggs, uploadbuildout, buildout and then postdeploy",
      postdeploy: "Perform any final plugin tasks",
      predeploy: "Install buildout and its dependencies if needed. Hookpoint for plugins",
      run: "Execute cmd on remote as buildout user",
      sudo: "Execute cmd on remote as root user",
      uploadbuildout: "Upload buildout pinned to local picked versions + uploaded eggs",
      uploadeggs: "Any develop eggs are released as eggs and uploaded to the server",
    });
    expect(lines.slice(1, -1)).toEqual([...lines.slice(1, -1)].sort());
  });

  test("--json makes one line of JSON of a list", async () => {
    const hosts = await project.hostout("--json");
    expect(hosts).toEqual({ status: 0, stdout: '{"hosts":["db","web"],"roles":{}}\n', stderr: "" });
    const { status, stdout, stderr } = await project.hostout("web", "--json");
    expect([status, stderr, stdout.match(/\n/g)]).toEqual([0, "", ["\n"]]);
    expect(JSON.parse(stdout).commands).toContainEqual({
      name: "put_key",
      arguments: "[FILE]",
      description: "Allow your own public key to log in as buildout user",
      source: "collective.hostout",
    });
  });

  test("refuses a misspelled host, command or option and names the nearest", async () => {
    const host = await project.hostout("wbe", "deploy");
    expect(host.status).toBe(2);
    expect(host.stderr).toContain("There is no host 'wbe'.");
    expect(host.stderr).toContain("Did you mean 'web'? Valid hosts are: db web");
    const command = await project.hostout("web", "depoly");
    expect(command.status).toBe(2);
    expect(command.stderr).toContain("Did you mean 'deploy'?");
    const option = await project.hostout("--jsn", "web", "deploy");
    expect(option.status).toBe(2);
    expect(option.stderr).toContain("jsn");
  });

  test("a reader that stops early is not an error, a full disk is one", () => {
    const script = join(project.directory, "bin/hostout");
    const shell = (line: string) =>
      spawnSync("bash", ["-c", line, "bash", process.execPath, script], { encoding: "utf8" });
    const early = shell(`"$1" "$2" web | true; echo "\${PIPESTATUS[0]}"`);
    expect(early).toMatchObject({ stdout: "0\n", stderr: USAGE });
    const full = shell('"$1" "$2" web > /dev/full');
    expect(full.status).toBe(1);
    expect(full.stderr).toContain("Error: Cannot write to standard output: ENOSPC");
    expect(full.stderr).not.toContain("    at ");
  });

  test("--help and --version", async () => {
    const help = await project.hostout("--help");
    expect(help.status).toBe(0);
    for (const word of ["--config", "--json", "--quiet", "--accept-new", "deploy", "Exit status"]) {
      expect(help.stdout).toContain(word);
    }
    const version = await project.hostout("--version");
    const { version: expected } = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
    );
    expect(version).toEqual({ status: 0, stdout: `${expected}\n`, stderr: "" });
  });

  test("extended parts provide defaults; lines of commands are joined, own ones first", () => {
    const text = readFileSync(join(project.directory, "parts/hostout/hostout.cfg"), "utf8");
    const [, db] = /\[db\]\n([^[]*)/.exec(text)!;
    expect(db).toContain("user = deploy\n");
    expect(db).toContain("option1 = buildout\n");
    expect(db).toContain("path = /srv/db\n");
    expect(db).toContain("host = 192.0.2.2\n");
    expect(db).toContain("post-commands = bin/first\n\tbin/last\n");
  });

  test("a password is in no file that others can read, and not in hostout.cfg", () => {
    const read = (name: string) => readFileSync(join(project.directory, name), "utf8");
    expect(read("parts/hostout/hostout.cfg")).not.toContain("s3cret");
    expect(read(".installed.cfg")).not.toContain("s3cret");
    const file = join(project.directory, "parts/hostout/web.password");
    expect(readFileSync(file, "utf8")).toBe("s3cret word\n");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("there is one bin/hostout, whichever parts are added or removed", async () => {
    const cfg = readFileSync(join(project.directory, "buildout.cfg"), "utf8");
    writeFileSync(
      join(project.directory, "buildout.cfg"),
      cfg.replace("parts = web db", "parts = db").replace("extends = web\n", ""),
    );
    expect((await project.buildout()).status).toBe(0);
    expect((await project.hostout()).stdout).toBe("Valid hosts are: db\n");
    writeFileSync(join(project.directory, "buildout.cfg"), cfg);
    expect((await project.buildout()).status).toBe(0);
    expect((await project.hostout()).stdout).toBe("Valid hosts are: db web\n");
  });

  test("each part's versionsfile is written under its name", async () => {
    const cfg = readFileSync(join(project.directory, "buildout.cfg"), "utf8");
    project.write({ "buildout.cfg": cfg.replace("path = /srv/db", "versionsfile = etc/pins.cfg") });
    expect((await project.buildout()).status).toBe(0);
    for (const name of ["etc/pins.cfg", "hostoutversions.cfg"]) {
      expect(readFileSync(join(project.directory, name), "utf8")).toBe("[versions]\n");
    }
    project.write({ "buildout.cfg": cfg });
    expect((await project.buildout()).status).toBe(0);
  });

  test("a second run prints Updating and leaves the versions file unchanged", async () => {
    const file = join(project.directory, "hostoutversions.cfg");
    const before = statSync(file).mtimeMs;
    const outcome = await project.buildout();
    expect(outcome.stdout).toMatch(/Updating (web|db)\.\nUpdating (web|db)\.\n/);
    expect(statSync(file).mtimeMs).toBe(before);
  });
});

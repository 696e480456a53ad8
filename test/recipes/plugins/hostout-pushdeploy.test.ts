import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../../support/deploy-project.ts";
import { type BareHost, hostsMissing, startBareHost } from "../../support/hosts/host.ts";
import { NODE_PACKAGES } from "../../support/hosts/root.ts";
import { eventually, startSandboxServer, type TestServer } from "../../support/servers.ts";

const MINUTES = 60_000;

const FILES = {
  "base.cfg": `[buildout]
parts = hello settings old
develop = src/hello
[hello]
recipe = hostout:node
eggs = hello
[settings]
recipe = collective.recipe.template
input = inline: home is \${buildout:directory}
output = \${buildout:directory}/etc/settings
[old]
recipe = collective.recipe.template
input = inline: #!/bin/sh
output = \${buildout:bin-directory}/old
mode = 755
`,
  "prod.cfg": "[buildout]\nextends = base.cfg\n",
  "static/page.html": "<p>one</p>\n",
  "src/hello/package.json": JSON.stringify({ name: "hello", version: "1.0.0", bin: "hello.js" }),
  "src/hello/hello.js": '#!/usr/bin/env node\nconsole.log("release one");\n',
};

const HAS_RSYNC = ["/usr/bin/rsync", "/usr/local/bin/rsync"].find((file) => existsSync(file));

async function configure(project: TestProject, server: TestServer, options = {}): Promise<void> {
  project.writeHost(server, {
    extends: "hostout.pushdeploy",
    include: "static",
    ...options,
  });
  const built = await project.buildout();
  expect(built.stderr).toBe("");
  expect(built.status).toBe(0);
}

const read = (...path: string[]) => readFileSync(join(...path), "utf8");

/** Every file below a directory with its hash, except for the lock, which says who had it last. */
const contents = (folder: string) =>
  execFileSync(
    "sh",
    [
      "-c",
      "find . | sort; find . -type f ! -path ./.hostout/lock ! -path ./.hostout/working | sort | xargs sha256sum",
    ],
    { cwd: folder, encoding: "utf8" },
  );

describe.skipIf(!HAS_RSYNC)("hostout.pushdeploy with a staging directory of its own", () => {
  let server: TestServer;
  let project: TestProject;
  let app: string;
  let staging: string;

  beforeEach(async () => {
    server = await startSandboxServer();
    app = join(server.home, "app");
    mkdirSync(join(app, "var"), { recursive: true });
    writeFileSync(join(app, "var/data"), "data of the host");
    writeFileSync(join(app, "mine"), "not of the buildout");
    project = new TestProject(FILES);
    staging = join(project.scratch, "staging");
    await configure(project, server, { staging });
  }, MINUTES);

  afterEach(async () => {
    project.remove();
    await server.close();
  });

  async function done(...commands: string[]): Promise<string> {
    const { stdout, stderr, status } = await project.hostout("host1", ...commands);
    expect(stderr.replace(/^Added the .*\n/, "")).toBe("");
    expect(status).toBe(0);
    return stdout;
  }

  async function refused(...commands: string[]): Promise<string> {
    const { stderr, status } = await project.hostout("host1", ...commands);
    expect(status).toBe(1);
    return stderr;
  }

  test(
    "deploy builds here, sends it there and restarts",
    async () => {
      await configure(project, server, { staging, restart: "bin/hello > var/said\ntrue" });
      const stdout = await done("deploy");
      const commands = [...stdout.matchAll(/Running command '(\w+)'/g)].map((match) => match[1]);
      expect(commands).toEqual(["deploy", "stage", "push", "restart"]);
      expect(read(app, "var/said")).toBe("release one\n");
      expect(read(app, "etc/settings")).toBe(`home is ${app}`);
      expect(read(app, "static/page.html")).toBe("<p>one</p>\n");
      expect(read(app, ".installed.cfg")).toContain(`${app}/bin/hello`);
      expect(existsSync(join(app, "buildout-cache/eggs"))).toBe(true);
      expect(read(app, ".hostout/pushes")).toMatch(/^\S+Z \w{12}\n$/);
      // Nothing there depends on where it was built.
      expect(() => execFileSync("grep", ["-r", staging, app])).toThrow();
      const links = execFileSync("find", [app, "-type", "l"], { encoding: "utf8" });
      for (const link of links.split("\n").filter(Boolean)) {
        expect(readlinkSync(link)).not.toContain(staging);
      }
      // Staged files still work here.
      expect(execFileSync(join(staging, "bin/hello"), { encoding: "utf8" })).toBe("release one\n");
    },
    MINUTES,
  );

  test(
    "the next one brings what has changed, removes what has gone, keeps all else",
    async () => {
      await done("deploy");
      project.write({
        "base.cfg": FILES["base.cfg"].replace("settings old", "settings"),
        "src/hello/hello.js": FILES["src/hello/hello.js"].replace("one", "two"),
        "static/new.html": "",
        "base2.cfg": "",
      });
      await configure(project, server, { staging, include: "static/new.html" });
      writeFileSync(join(staging, "var/data"), "data of the copy");
      const kept = lstatSync(join(app, "etc/settings")).ino;
      await done("deploy");
      expect(execFileSync(join(app, "bin/hello"), { encoding: "utf8" })).toBe("release two\n");
      for (const gone of ["bin/old", "static/page.html"]) {
        expect(existsSync(join(app, gone)), gone).toBe(false);
      }
      expect(readdirSync(app).filter((name) => /^host1-\w+\.cfg$/.test(name))).toHaveLength(1);
      expect(lstatSync(join(app, "etc/settings")).ino).toBe(kept);
      expect(read(app, "var/data")).toBe("data of the host");
      expect(read(app, "mine")).toBe("not of the buildout");
    },
    MINUTES,
  );

  test(
    "a failed stage changes nothing on the host, and cannot be pushed",
    async () => {
      await done("deploy");
      const before = contents(app);
      project.write({ "prod.cfg": `${FILES["prod.cfg"]}[hello]\neggs = hello no-such-part-\n` });
      const { status } = await project.hostout("host1", "deploy");
      expect(status).toBe(1);
      expect(contents(app)).toBe(before);
      expect(await refused("push")).toContain(`There is no complete build in ${staging}.`);
      expect(contents(app)).toBe(before);
      project.write({ "prod.cfg": FILES["prod.cfg"] });
      await done("deploy");
    },
    MINUTES,
  );

  test(
    "a push that is cut off leaves the old tree, and the next one repairs it",
    async () => {
      await done("deploy");
      writeFileSync(join(project.directory, "static/big"), randomBytes(4_000_000));
      project.write({ "src/hello/hello.js": FILES["src/hello/hello.js"].replace("one", "two") });
      await done("stage");
      const tools = join(project.scratch, "tools");
      mkdirSync(tools);
      const slow = `#!/bin/sh\nexec ${HAS_RSYNC} --bwlimit=300 "$@"\n`;
      writeFileSync(join(tools, "rsync"), slow, { mode: 0o755 });
      const path = process.env.PATH;
      process.env.PATH = `${tools}:${path}`;
      const running = project.startHostout("host1", "push");
      process.env.PATH = path;
      await eventually(() => {
        const some = readdirSync(join(app, "static")).find((name) => name.startsWith(".big."));
        expect(some).toBeDefined();
      });
      running.child.kill("SIGINT");
      const { status } = await running.outcome;
      expect(status).toBe(130);
      expect(existsSync(join(app, "static/big"))).toBe(false);
      expect(execFileSync(join(app, "bin/hello"), { encoding: "utf8" })).toBe("release one\n");
      await done("push");
      expect(lstatSync(join(app, "static/big")).size).toBe(4_000_000);
      expect(execFileSync(join(app, "bin/hello"), { encoding: "utf8" })).toBe("release two\n");
      expect(execFileSync("find", [app, "-name", ".~tmp~", "-o", "-name", ".big.*"]).length).toBe(
        0,
      );
    },
    MINUTES,
  );

  test(
    "stage-data brings the host's data first",
    async () => {
      await configure(project, server, { staging, "stage-data": "true" });
      writeFileSync(join(app, "var/x.log"), "");
      await done("stage");
      expect(read(staging, "var/data")).toBe("data of the host");
      expect(existsSync(join(staging, "var/x.log"))).toBe(false);
      expect(existsSync(join(app, "bin/hello"))).toBe(false);
    },
    MINUTES,
  );

  test(
    "refuses what would not work on the host",
    async () => {
      await done("stage");
      const program = join(staging, "parts/program");
      mkdirSync(join(staging, "parts"), { recursive: true });
      writeFileSync(program, Buffer.from(`\0ELF ${staging}/lib\0`));
      const bound = await refused("push");
      expect(bound).toContain(`The build in ${staging} does not work elsewhere.`);
      expect(bound).toContain("\n  parts/program\n".trim());
      rmSync(program);
      const script = join(staging, "bin/odd");
      writeFileSync(script, "#!/opt/none/bin/python3 -I\n");
      expect(await refused("push")).toContain("bin/odd: /opt/none/bin/python3");
      rmSync(script);
      expect(existsSync(join(app, "bin/hello"))).toBe(false);
      await done("push");
      expect(existsSync(join(app, "bin/hello"))).toBe(true);
    },
    MINUTES,
  );

  test(
    "refuses directories that are no staging directories",
    async () => {
      await configure(project, server, {});
      expect(await refused("stage")).toContain(`${app} is the host's own directory.`);
      expect(existsSync(join(app, "bin"))).toBe(false);
      await configure(project, server, { staging: "." });
      expect(await refused("stage")).toContain("contains this project itself");
      await configure(project, server, { staging: "prod.cfg/below" });
      expect(await refused("stage")).toContain("Cannot stage here: ");
      await configure(project, server, { staging, "stage-data": "true", data: "../other" });
      expect(await refused("stage")).toContain("'../other' is not below the buildout.");
      await configure(project, server, { staging, restart: "exit 3" });
      expect(await refused("restart")).toContain("'exit 3' ended with status 3 on host1.");
    },
    MINUTES,
  );
});

const missing = hostsMissing ?? (HAS_RSYNC ? undefined : "there is no rsync");

describe.skipIf(missing !== undefined)(
  `hostout.pushdeploy, in the same directory ${missing ?? ""}`,
  () => {
    const path = `/var/buildout/pushed-${process.pid}`;
    let host: BareHost;
    let project: TestProject;

    beforeAll(async () => {
      host = await startBareHost({
        network: "shared",
        sudo: "nopasswd",
        packages: NODE_PACKAGES,
      });
      project = new TestProject(FILES);
      await configure(project, host, {
        path,
        "no-sudo": "",
        "buildout-user": "builder",
        "effective-user": "runner",
        restart: "id -un > var/who\nbin/hello > var/said\nsudo id -un > /root-was-here",
      });
    }, 15 * MINUTES);

    afterAll(async () => {
      rmSync(path, { recursive: true, force: true });
      project?.remove();
      await host?.close();
    });

    test(
      "a bare host gets the tree, its owners, and its application",
      async () => {
        const { status, stdout, stderr } = await project.hostout("host1", "deploy");
        expect(stderr).not.toContain("Error");
        expect(status).toBe(0);
        expect(stdout).toContain(`${path} is not on the host: bootstrapping it first`);
        expect(host.run(`cat ${path}/var/said ${path}/var/who /root-was-here`)).toBe(
          "release one\nrunner\nroot\n",
        );
        const stat = (file: string) => host.run(`stat -c '%U:%G %a' ${path}/${file}`).trim();
        expect(stat("bin/hello")).toBe("builder:buildout 750");
        expect(stat("etc/settings")).toBe("builder:buildout 640");
        expect(stat("var")).toBe("runner:buildout 2770");
        expect(host.run(`find ${path} ! -type l -perm /007`)).toBe("");
        expect(read(path, "etc/settings")).toBe(`home is ${path}`);
      },
      10 * MINUTES,
    );

    test(
      "and again, with what has changed",
      async () => {
        project.write({ "src/hello/hello.js": FILES["src/hello/hello.js"].replace("one", "two") });
        const { status, stderr } = await project.hostout("host1", "deploy");
        expect(stderr).toBe("");
        expect(status).toBe(0);
        expect(host.run(`cat ${path}/var/said`)).toBe("release two\n");
      },
      5 * MINUTES,
    );
  },
);

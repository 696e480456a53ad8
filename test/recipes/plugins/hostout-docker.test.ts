import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../../support/deploy-project.ts";
import { asUser, readSteps, runSteps } from "../../support/dockerfile-steps.ts";
import { type BareHost, hostsMissing, startBareHost } from "../../support/hosts/host.ts";
import { NODE_PACKAGES } from "../../support/hosts/root.ts";

const MINUTES = 60_000;
const PATH = "/var/buildout/web";

const FILES = {
  "base.cfg": `[buildout]
parts = web motd
develop = src/web
[web]
recipe = hostout:node
eggs = web
[motd]
recipe = collective.recipe.template
input = inline: \${secret:text} in \${buildout:directory}
output = \${buildout:directory}/motd
[secret]
recipe = collective.recipe.template
text = welcome
input = inline: none of your business
output = \${buildout:directory}/secret
`,
  "prod.cfg": "[buildout]\nextends = base.cfg\nparts += secret\n",
  "etc/web.json": '{"greeting": "hello"}\n',
  "etc/check.sh": "#!/bin/sh\necho checked\n",
  "src/web/package.json": JSON.stringify({ name: "web", version: "1.0.0", bin: "server.js" }),
  "src/web/server.js": `#!/usr/bin/env node
const { createServer } = require("node:http");
const { readFileSync, writeFileSync } = require("node:fs");
const { greeting } = JSON.parse(readFileSync("etc/web.json", "utf8"));
createServer((_, response) => response.end(greeting + " from " + process.getuid() + "\\n"))
  .listen(process.argv[2], () => writeFileSync("var/started", ""));
`,
};

const OPTIONS = {
  recipe: "hostout",
  host: "nobody.invalid",
  user: "root",
  password: "correct horse",
  path: PATH,
  buildout: "prod.cfg",
  include: "etc",
  extends: "hostout.docker",
  hostimage: "debian:bookworm-slim",
  "buildout-user": "builder",
  "effective-user": "runner",
  "docker-command": "bin/web var/socket",
  "docker-ports": "8080 53/udp",
};

const made: TestProject[] = [];

async function makeProject(options: Record<string, string> = {}): Promise<TestProject> {
  const project = new TestProject(FILES);
  made.push(project);
  chmodSync(join(project.directory, "etc/check.sh"), 0o755);
  await configure(project, options);
  return project;
}

async function configure(
  project: TestProject,
  options: Record<string, string>,
  main = "",
): Promise<void> {
  const lines = Object.entries({ ...OPTIONS, ...options })
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name} = ${value}\n`);
  project.write({
    "buildout.cfg": `[buildout]\nextends = base.cfg\nparts += host1\n${main}[host1]\n${lines.join("")}`,
  });
  const built = await project.buildout();
  expect(built.stderr).toBe("");
  expect(built.status).toBe(0);
}

afterAll(() => {
  for (const project of made) project.remove();
});

const read = (...path: string[]) => readFileSync(join(...path), "utf8");

/** Every file below a directory with its mode and content, as one string. */
const contents = (folder: string) =>
  execFileSync(
    "sh",
    ["-c", "find . ! -type l -printf '%P %m\\n' | sort; find . -type f | sort | xargs sha256sum"],
    { cwd: folder, encoding: "utf8" },
  );

async function written(project: TestProject): Promise<string> {
  const outcome = await project.hostout("host1", "dockerfile");
  expect(outcome.stderr).toBe("");
  expect(outcome.status).toBe(0);
  return read(project.directory, "docker/host1/Dockerfile");
}

describe("hostout.docker", () => {
  let project: TestProject;

  beforeAll(async () => {
    project = await makeProject();
  }, MINUTES);

  test("writes a Dockerfile with a layer for each part", async () => {
    const text = await written(project);
    const [, configuration] = /-c (host1-\w+\.cfg)/.exec(text) ?? [];
    const steps = readSteps(text).map(({ instruction, text }) => `${instruction} ${text}`);
    expect(steps[0]).toBe("FROM debian:bookworm-slim");
    expect(steps[1]).toContain("--no-install-recommends ca-certificates nodejs npm && rm -rf");
    expect(steps.filter((step) => step.includes("bin/buildout"))).toEqual(
      ["web", "motd", "secret"].map(
        (part) => `RUN umask 027 && bin/buildout -c ${configuration} install ${part}`,
      ),
    );
    expect(steps.slice(-3)).toEqual([
      "USER runner",
      "EXPOSE 8080 53/udp",
      `CMD ["${PATH}/bin/web","var/socket"]`,
    ]);
    expect(read(project.directory, "docker/host1/.dockerignore")).toMatch(/\n\*\n!bundle\n$/);
  });

  test("a part with a secret is refused: an image would keep it", async () => {
    const secret = FILES["base.cfg"].replace("text = welcome", "text = ${secrets:text}");
    const other = new TestProject({
      ...FILES,
      "base.cfg": `${secret}[secrets]\ntext = cmd:touch read; echo canary\n`,
    });
    made.push(other);
    await configure(other, {});
    rmSync(join(other.directory, "read"), { force: true });
    const { status, stderr } = await other.hostout("host1", "dockerfile");
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(
        "refers to secrets:text, which is only available to builds on the host.",
      ),
    ]);
    for (const name of ["docker", "read"]) {
      expect(existsSync(join(other.directory, name))).toBe(false);
    }
  });

  test("contains what a deployment would upload, and no password", async () => {
    await written(project);
    const folder = join(project.directory, "docker/host1/bundle");
    const list = contents(folder);
    for (const line of [
      "buildout/base.cfg 640",
      "buildout/prod.cfg 640",
      "buildout/pinned.cfg 640",
      "buildout/etc/web.json 640",
      "buildout/etc/check.sh 750",
      "engine/.hostout/engine.cjs 640",
      "engine/bin/buildout 750",
    ]) {
      expect(list).toContain(`${line}\n`);
    }
    expect(list).toMatch(/^packages\/web-1\.0\.0\S+ 640$/m);
    expect(list).not.toContain("buildout/buildout.cfg");
    const found = () => execFileSync("grep", ["-r", "correct horse", folder]);
    expect(found).toThrow();
  });

  test(
    "the same sources give the same bytes elsewhere and later",
    async () => {
      const other = await makeProject();
      await written(project);
      await written(other);
      const folder = (one: TestProject) => join(one.directory, "docker/host1");
      expect(contents(folder(other))).toBe(contents(folder(project)));
      await written(other);
      expect(contents(folder(other))).toBe(contents(folder(project)));
    },
    MINUTES,
  );

  test(
    "what is gone from the sources goes from the bundle",
    async () => {
      const other = await makeProject();
      await written(other);
      execFileSync("rm", [join(other.directory, "etc/check.sh")]);
      other.write({ "src/web/extra.js": "" });
      await written(other);
      const list = contents(join(other.directory, "docker/host1/bundle"));
      expect(list).not.toContain("check.sh");
      expect(list.match(/^packages\/web-\S+ 640$/gm)).toHaveLength(1);
      expect(list.match(/^buildout\/host1-\S+ 640$/gm)).toHaveLength(1);
    },
    MINUTES,
  );

  test.each([
    ["alpine:3.20", {}, ["apk add --no-cache ca-certificates nodejs npm", "adduser -D -g '' -G"]],
    ["ubuntu", {}, ["ca-certificates nodejs npm", "useradd -m -g"]],
    ["node:22-alpine", {}, ["apk add --no-cache ca-certificates\n"]],
    ["registry.example.com:5000/team/node:22", {}, ["install-recommends ca-certificates && rm"]],
    [
      "python:3.12-slim",
      { "docker-packages": "libxml2 git" },
      ["ca-certificates nodejs npm libxml2 git && rm"],
    ],
    ["team/base@sha256:0123", { hostos: "alpine" }, ["apk add --no-cache ca-certificates nodejs"]],
  ])("starts from %s", async (hostimage, options, expected) => {
    await configure(project, { hostimage, ...options });
    const text = (await written(project)).replace(/ *\\\n\s*/g, " ");
    expect(text).toContain(`FROM ${hostimage}\n`);
    for (const part of expected) expect(text).toContain(part);
  });

  test("engine = python installs the zc.buildout that is pinned", async () => {
    project.write({ "prod.cfg": `${FILES["prod.cfg"]}[versions]\nzc.buildout = 3.0.1\n` });
    await configure(project, { engine: "python", hostimage: "debian" });
    const text = (await written(project)).replace(/ *\\\n\s*/g, " ");
    project.write({ "prod.cfg": FILES["prod.cfg"] });
    expect(text).toContain("ca-certificates python3 python3-venv python3-pip");
    expect(text).toMatch(/RUN umask 027 && python3 -m venv \. && bin\/python -m pip install/);
    expect(text).toContain("zc.buildout==3.0.1");
    expect(text).not.toContain("bundle/engine");
  });

  test("sudo-parts are built by root; nobody runs as root", async () => {
    await configure(project, {
      "sudo-parts": "motd",
      "effective-user": "root",
      "buildout-user": "",
    });
    const steps = readSteps(await written(project)).map(({ instruction, text }) => {
      return `${instruction} ${text.replace(/host1-\w+/, "X")}`;
    });
    const index = steps.indexOf("RUN umask 027 && bin/buildout -c X.cfg install motd");
    expect(steps.indexOf("USER root")).toBe(index - 1);
    expect(steps.filter((step) => step.endsWith("install motd"))).toHaveLength(1);
    expect(steps.filter((step) => step.startsWith("USER")).at(-1)).toBe("USER buildout");
  });

  test.each([
    [{ hostimage: "debain" }, "hostimage: 'debain' is not a known image.", "'debian'"],
    [{ hostimage: "debian bookworm" }, "cannot be the name of an image", ""],
    [{ "docker-ports": "http" }, "host1:docker-ports: 'http' cannot be used.", ""],
    [{ "docker-packages": "git;id" }, "host1:docker-packages: 'git;id' cannot be used.", ""],
    [{ path: "~/web" }, "'~/web' cannot be a directory of an image.", "absolute paths"],
  ])("refuses %j", async (options, message, hint) => {
    await configure(project, options as Record<string, string>);
    const { status, stderr } = await project.hostout("host1", "dockerfile", "wrong");
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(existsSync(join(project.directory, "wrong"))).toBe(false);
  });

  test("overwrites nothing that it has not made", async () => {
    await configure(project, {});
    project.write({ "own/Dockerfile": "FROM scratch\n", "other/bundle/mine": "" });
    for (const folder of ["own", "other"]) {
      const { status, stderr } = await project.hostout("host1", "dockerfile", folder);
      expect(status).toBe(1);
      expect(stderr).toContain("was not created by this command");
    }
    expect(read(project.directory, "own/Dockerfile")).toBe("FROM scratch\n");
  });

  describe("dockerbuild", () => {
    const path = process.env.PATH;
    let bin: string;

    /** A PATH with the shell's tools, but none for images. */
    beforeEach(async () => {
      await configure(project, {});
      bin = join(project.scratch, "tools");
      mkdirSync(bin, { recursive: true });
      for (const tool of ["sh", "node", "cat", "env"]) {
        const file = execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim();
        if (!existsSync(join(bin, tool))) symlinkSync(file, join(bin, tool));
      }
      process.env.PATH = bin;
    });
    afterEach(() => {
      process.env.PATH = path;
    });

    test("reports what is missing", async () => {
      const { status, stderr } = await project.hostout("host1", "dockerbuild");
      expect(status).toBe(1);
      expect(stderr).toContain("There is neither docker nor podman on this machine.");
    });

    test("runs podman if there is no docker, with a tag of the release", async () => {
      writeFileSync(join(bin, "podman"), '#!/bin/sh\necho "built: $*"\n', { mode: 0o755 });
      const { stdout, status } = await project.hostout("host1", "dockerbuild", "img", "--no-cache");
      expect(status).toBe(0);
      const folder = join(project.directory, "img");
      expect(stdout).toMatch(new RegExp(`built: build -t host1:\\w{12} --no-cache ${folder}\\n`));
      expect(stdout).toMatch(/Built the image host1:\w{12}\n/);
    });

    test("keeps the login of an index out of the image and of command lines", async () => {
      const options = { engine: "python", hostimage: "debian" };
      process.env.PATH = `${bin}:${path}`;
      project.write({
        "src/py/setup.py": 'from setuptools import setup\nsetup(name="py", version="1.0")\n',
      });
      const index = "index = http://me:s3cret@127.0.0.1:9/simple\n";
      await configure(project, options, `develop += src/py\n${index}`);
      const docker = `#!/bin/sh
echo "built: $*"
file=$(echo "$*" | sed 's/.*id=hostout-netrc,src=\\([^ ]*\\).*/\\1/')
echo "kit $DOCKER_BUILDKIT file $file mode $(stat -c %a "$file")"
grep -q . "$file" && cat "$file" > secret
`;
      writeFileSync(join(bin, "docker"), docker, { mode: 0o755 });
      const { stdout, stderr, status } = await project.hostout("host1", "dockerbuild");
      expect([stderr, status]).toEqual(["", 0]);
      expect(stdout).not.toContain("s3cret");
      const [, file] = /kit 1 file (\S+) mode 600\n/.exec(stdout) ?? [];
      expect(existsSync(file!)).toBe(false);
      expect(read(project.directory, "secret")).toBe(
        "machine 127.0.0.1 login me password s3cret\n",
      );
      const folder = join(project.directory, "docker/host1");
      const text = read(folder, "Dockerfile").replace(/ *\\\n\s*/g, " ");
      expect(text).toContain(
        "RUN --mount=type=secret,id=hostout-netrc,mode=0444,required=true umask 027 && python3",
      );
      expect(text).toMatch(
        /NETRC=\/run\/secrets\/hostout-netrc bin\/python -m pip install .* --index-url http:\/\/127\.0\.0\.1:9\/simple --find-links /,
      );
      expect(() => execFileSync("grep", ["-r", "s3cret", folder])).toThrow();
    });

    test("fails when the build does", async () => {
      writeFileSync(join(bin, "docker"), "#!/bin/sh\necho no engine >&2; exit 7\n", {
        mode: 0o755,
      });
      const { stderr, status } = await project.hostout("host1", "dockerbuild");
      expect(status).toBe(1);
      expect(stderr).toContain("ended with status 7 on this machine");
    });
  });
});

describe.skipIf(hostsMissing !== undefined)(`the image for debian ${hostsMissing ?? ""}`, () => {
  let host: BareHost;
  let project: TestProject;

  beforeAll(async () => {
    host = await startBareHost({ network: "shared", packages: NODE_PACKAGES });
    project = await makeProject();
  }, 15 * MINUTES);
  afterAll(() => host?.close());

  test(
    "runs the application as the effective user, who cannot change it",
    async () => {
      const text = await written(project);
      const image = await runSteps(host, text, join(project.directory, "docker/host1"));
      expect(image.user).toBe("runner");
      const started = asUser(image.user, image.folder, image.command).replace(
        /^cd \S+ && exec/,
        "",
      );
      host.run(`cd ${image.folder}; (setsid ${started} >/tmp/log 2>&1 &)`);
      const ask = `require("http").get({socketPath:"${PATH}/var/socket",path:"/"},r=>r.pipe(process.stdout))`;
      const answer = host.run(
        `for i in $(seq 50); do [ -S ${PATH}/var/socket ] && break; sleep 0.2; done; cat /tmp/log; node -e '${ask}'`,
      );
      expect(answer).toBe(`hello from ${host.run("id -u runner").trim()}\n`);
      expect(read(host.root, PATH, "motd")).toBe(`welcome in ${PATH}`);
      const cache = "/var/buildout/buildout-cache/builder";
      const places = `${PATH} ${cache} -path ${PATH}/var/'*' -prune -o ! -type l`;
      const find = (what: string) => host.run(`find ${places} ${what} -print`);
      expect(find("-perm /007")).toBe("");
      expect(find("! -group buildout")).toBe("");
      expect(find("-uid 0")).toBe("");
      expect(find("-user runner")).toBe(`${PATH}/var\n`);
      expect(host.attempt(asUser("runner", PATH, ["touch", "bin/web"])).status).not.toBe(0);
      expect(host.attempt(asUser("nobody", "/", ["cat", `${PATH}/motd`])).status).not.toBe(0);
    },
    10 * MINUTES,
  );
});

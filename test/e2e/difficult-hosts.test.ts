import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { cachedZcBuildout } from "../support/hosts/zc-buildout.ts";
import { startPackageIndex } from "../support/index-server.ts";
import { allowSudo, startSshdServer, type TestServer, usersMissing } from "../support/servers.ts";

const page = (greeting: string) => `[buildout]
parts = page
[page]
recipe = collective.recipe.template
output = parts/page/index.html
input = inline: ${greeting}
`;

/** Whole deployments to hosts with an unusual setup. */
describe.skipIf(usersMissing)(`a deployment ${usersMissing ?? ""}`, () => {
  const names = ["bash", "csh", "fish", "umask022", "umask000", "umask077", "homeless", "root"];
  let server: TestServer;
  let project: TestProject;

  beforeAll(async () => {
    server = await startSshdServer();
    project = new TestProject({
      "prod.cfg": page("one"),
      "secret.conf": "secret",
      "fabfile.ts": FABFILE,
    });
    chmodSync(join(project.directory, "secret.conf"), 0o600);
    await describeHosts(project, server, names);
  });
  beforeEach(() => {
    logInWith("/bin/bash");
    project.write({ "prod.cfg": page("one") });
  });
  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  const logInWith = (shell: string, bashrc = "") => {
    execFileSync("usermod", ["--shell", shell, server.user]);
    writeFileSync(join(server.home, ".bashrc"), bashrc);
  };

  /** The first deployment, and one of a change. */
  async function works(name: string) {
    const built = join(server.home, name, "parts/page/index.html");
    for (const greeting of ["one", "two"]) {
      project.write({ "prod.cfg": page(greeting) });
      const outcome = await project.hostout(name, "deploy");
      expect(outcome.stdout + outcome.stderr).toContain("is at release");
      expect(outcome.status).toBe(0);
      expect(readFileSync(built, "utf8")).toBe(greeting);
    }
  }

  /** After `works`: one that fails and is undone. */
  async function fails(name: string) {
    project.write({ "prod.cfg": `${page("three")}mode = wrong\n` });
    expect(await project.hostout(name, "deploy")).toMatchObject({ status: 1 });
    const built = join(server.home, name, "parts/page/index.html");
    expect(readFileSync(built, "utf8")).toBe("two");
  }

  test.each([
    ["bash", "/bin/bash", ".bashrc"],
    ["csh", "/bin/csh", ".cshrc"],
    ["fish", "/usr/bin/fish", ".config/fish/config.fish"],
  ])("works with %s as login shell that prints, and so do commands", async (name, shell, file) => {
    logInWith(shell);
    mkdirSync(dirname(join(server.home, file)), { recursive: true });
    writeFileSync(join(server.home, file), "echo Welcome to the machine; printf 'no newline> '\n");
    await works(name);
    await fails(name);
    const text = `printf '%s\\n' "it's $((1 + 1)) hi! \\\\back" 2>&1\nfor i in a b; do echo $i; done`;
    const { stdout, status } = await project.hostout(name, "run", text);
    expect(stdout.replaceAll("[127.0.0.1] out: ", "")).toContain("it's 2 hi! \\back\na\nb\n");
    expect(status).toBe(0);
    await allowSudo(server, "ALL=(ALL) NOPASSWD: ALL");
    expect((await project.hostout("root", "sudo", "id -un\npwd")).stdout).toContain("out: root\n");
  });

  test("gives files the same modes whatever the umask", async () => {
    const modes = [];
    for (const umask of ["022", "000", "077"]) {
      logInWith("/bin/bash", `umask ${umask}\n`);
      const name = `umask${umask}`;
      await works(name);
      const path = join(server.home, name);
      expect(statSync(join(path, "secret.conf")).mode & 0o777).toBe(0o600);
      const list = execFileSync("find", [path, "-printf", "%m %y %P\\n"], { encoding: "utf8" });
      const others = list.split("\n").filter((line) => /^\d*[1-7] [fd]/.test(line));
      expect(others).toEqual([]);
      const plain = list.replaceAll(name, "NAME").replaceAll(/[0-9a-f]{12,}/g, "ID");
      modes.push(plain.split("\n").sort());
    }
    expect(modes[1]).toEqual(modes[0]);
    expect(modes[2]).toEqual(modes[0]);
  });

  test("works for a user without a home directory", async () => {
    execFileSync("usermod", ["--home", "/no/such/home", server.user]);
    try {
      await works("homeless");
    } finally {
      execFileSync("usermod", ["--home", server.home, server.user]);
    }
  });

  test.each([
    ["tar", "works"],
    ["gzip", "says so"],
    ["sudo", "says so"],
  ])("without %s on the host %s", async (program, outcome) => {
    await allowSudo(server, "ALL=(ALL) NOPASSWD: ALL");
    const bin = join(server.home, "bin");
    mkdirSync(bin);
    execFileSync("cp", ["-rs", "/usr/bin/.", bin]);
    rmSync(join(bin, program));
    logInWith("/bin/bash", `PATH=${bin}\n`);
    try {
      rmSync(join(server.home, "root"), { recursive: true, force: true });
      const { stdout, stderr, status } = await project.hostout("root", "deploy");
      if (outcome === "works") {
        expect(stderr).not.toContain("Error");
        expect(status).toBe(0);
        return;
      }
      expect(stdout + stderr).toMatch(new RegExp(`${program}.*(not found|not installed)`));
      expect(stderr).toMatch(new RegExp(`[Ii]nstall ${program}|${program} is not installed`));
      expect(status).toBe(1);
    } finally {
      rmSync(bin, { recursive: true });
    }
  });

  test("that requires a terminal for sudo is reported", async () => {
    await allowSudo(server, "ALL=(ALL) NOPASSWD: ALL");
    const file = `/etc/sudoers.d/${server.user}`;
    writeFileSync(file, `${readFileSync(file, "utf8")}Defaults:${server.user} requiretty\n`);
    const { stderr, status } = await project.hostout("root", "deploy");
    expect(stderr).toContain("requiretty");
    expect(status).toBe(1);
  });
});

describe.skipIf(usersMissing)(`a deployment to a host ${usersMissing ?? ""}`, () => {
  const MOUNT = 'mount --bind "$1" /mnt; mount -t tmpfs -o mode=1777';
  const BACK = 'mkdir -p "$1"; mount --bind /mnt "$1"';
  const NOEXEC = `${MOUNT},noexec tmp /tmp; ${BACK}`;
  const FULL = `${MOUNT},size=64k tmp /tmp; ${BACK}; cat /dev/zero > /tmp/full 2>&- || :`;

  test.each([
    ["without SFTP", ["Subsystem sftp /bin/false"], undefined],
    ["with /tmp noexec", [], NOEXEC],
    ["with /tmp full", [], FULL],
  ])("%s works, and what cannot work says why", async (name, config, prepare) => {
    const server = await startSshdServer(config, prepare);
    const project = new TestProject({ "prod.cfg": page("one"), "fabfile.ts": FABFILE });
    try {
      await describeHosts(project, server, ["host1", "python", "root"]);
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.stdout + outcome.stderr).toContain("is at release");
      expect(readFileSync(join(server.home, "host1/parts/page/index.html"), "utf8")).toBe("one");
      if (name === "without SFTP") {
        const { stderr } = await project.hostout("host1", "put", "prod.cfg", "sent.cfg");
        expect(stderr).toMatch(/does not offer SFTP.*Subsystem sftp/s);
      } else {
        await allowSudo(server, "ALL=(ALL) NOPASSWD: ALL");
        const { stdout, stderr } = await project.hostout("root", "through_tmp");
        if (prepare === NOEXEC) expect(stdout).toContain("out: sent as root");
        else expect(stderr).toMatch(/No space left on .*\/tmp\//);
        await deploysWithPython(project);
      }
    } finally {
      project.remove();
      await server.close();
    }
  });
});

/** With the real zc.buildout, from an index that [buildout] names. */
async function deploysWithPython(project: TestProject) {
  const wheel = await cachedZcBuildout();
  const index = await startPackageIndex({ extra: [wheel] });
  try {
    const version = /zc_buildout-([^-]+)-/.exec(wheel)![1]!;
    project.write({
      "prod.cfg": `[buildout]\nparts =\nindex = ${index.url}\n[versions]\nzc.buildout = ${version}\n`,
    });
    const cfg = readFileSync(join(project.directory, "buildout.cfg"), "utf8");
    project.write({
      "buildout.cfg": cfg.replace("[buildout]", `[buildout]\nindex = ${index.url}`),
    });
    expect(await project.buildout()).toMatchObject({ stderr: "", status: 0 });
    const { stdout, stderr, status } = await project.hostout("python", "deploy");
    expect(stdout + stderr).toContain("is at release");
    expect(status).toBe(0);
  } finally {
    await index.close();
  }
}

/** A file for root is uploaded to /tmp first. */
const FABFILE = `import { api } from "hostout";
export async function through_tmp() {
  await api.put(Buffer.from("sent as root\\n"), "/root/.hostout-test", { useSudo: true });
  await api.sudo("cat /root/.hostout-test; rm /root/.hostout-test");
}
`;

/** A hostout part for each name, in a directory of that name. */
async function describeHosts(project: TestProject, server: TestServer, names: string[]) {
  const parts = names.map((name) => {
    const path = join(server.home, name);
    const options = {
      path,
      "buildout-cache": join(path, "cache"),
      ...(name === "python" ? { engine: "python" } : {}),
      ...(name === "root" ? { "no-sudo": "", "pre-commands": "true" } : {}),
      fabfiles: "fabfile.ts",
      ...(name.startsWith("umask") ? { include: "secret.conf" } : {}),
    };
    return `[${name}]\n${project.hostLines(server, options)}`;
  });
  project.write({ "buildout.cfg": `[buildout]\nparts = ${names.join(" ")}\n${parts.join("")}` });
  expect(await project.buildout()).toMatchObject({ stderr: "", status: 0 });
}

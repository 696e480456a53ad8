import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { BUILD_PACKAGES } from "../support/hosts/busybox.ts";
import {
  type BareHost,
  type BareHostOptions,
  hostsMissing,
  startBareHost,
} from "../support/hosts/host.ts";

const MINUTES = 60_000;

/** A project that is built like Python, and whose program answers like Python. */
const STAND_IN = {
  configure: `#!/bin/sh
for option; do case $option in --prefix=*) prefix=\${option#--prefix=} ;; esac; done
sed "s|@prefix@|$prefix|" Makefile.in > Makefile
`,
  "Makefile.in": `PREFIX = @prefix@
python3: python.c
\tcc -DPREFIX='"$(PREFIX)"' -o python3 python.c
install: python3
\tmkdir -p "$(PREFIX)/bin"
\tcp python3 "$(PREFIX)/bin/python3"
`,
  "python.c": `#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "-c") == 0) puts("3.9.99 " PREFIX "/bin/python3");
  else puts("Python 3.9.99");
  return 0;
}
`,
};

describe.skipIf(hostsMissing !== undefined)(`Python on a bare host ${hostsMissing ?? ""}`, () => {
  let host: BareHost;
  let project: TestProject;
  let server: Server | undefined;

  beforeEach(() => {
    project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
  });

  afterEach(async () => {
    project.remove();
    server?.close();
    await host?.close();
  });

  async function start(
    options: Partial<BareHostOptions>,
    part: Record<string, string>,
  ): Promise<void> {
    host = await startBareHost({ network: "own", sudo: "nopasswd", ...options });
    const lines = project.hostLines(host, { "no-sudo": "", path: "/var/buildout/app", ...part });
    project.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
    expect((await project.buildout()).stderr).toBe("");
  }

  /** An archive of the replacement, and a server that offers it. */
  async function offerSource(files: Record<string, string>): Promise<string> {
    const folder = join(project.scratch, "Python-3.9.99");
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text, { mode: 0o755 });
    }
    const archive = join(project.scratch, "Python-3.9.99.tgz");
    execFileSync("tar", ["-czf", archive, "-C", project.scratch, "Python-3.9.99"]);
    server = createServer((request, response) => {
      if (request.url === "/3.9.99/Python-3.9.99.tgz") response.end(readFileSync(archive));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/VERSION/Python-VERSION.tgz`;
  }

  test(
    "comes from the system's packages, with what extensions are built with",
    async () => {
      await start({ network: "shared", packages: BUILD_PACKAGES }, { "python-version": "3" });
      const outcome = await project.hostout("host1", "bootstrap_python_debian");
      expect(outcome.stderr.replace(/^Added.*\n/, "")).toBe("");
      expect(outcome.status).toBe(0);
      expect(outcome.stdout).toMatch(/Python 3\.\d+\.\d+ on the host: \/usr\/bin\/python3/);
      host.run("python3 -m venv /tmp/env && /tmp/env/bin/pip --version && gcc --version");
      const again = await project.hostout("host1", "bootstrap");
      expect(again.stdout).not.toContain("bootstrap_python");
    },
    15 * MINUTES,
  );

  test(
    "is built from source if the system's packages cannot be used",
    async () => {
      const source = await offerSource(STAND_IN);
      await start(
        { packages: BUILD_PACKAGES },
        { "python-version": "3.9.99", "python-source": source, "buildout-user": "builder" },
      );
      const users = await project.hostout("host1", "bootstrap_users");
      expect(users.status).toBe(0);
      const outcome = await project.hostout("host1", "bootstrap_python_debian");
      expect(outcome.stderr).toBe("");
      expect(outcome.status).toBe(0);
      expect(outcome.stdout).toContain("packages cannot be used");
      const executable = "/var/buildout/buildout-cache/builder/python/3.9.99/bin/python3";
      expect(outcome.stdout).toContain(`Python 3.9.99 on the host: ${executable}`);
      // Only the files of the lock are left.
      expect(host.run(`stat -c %U ${executable}; ls -A /var/buildout/app/.hostout`)).toBe(
        "builder\nlock\nworking\n",
      );
    },
    15 * MINUTES,
  );

  test(
    "python-path says where it is built; what fails is shown",
    async () => {
      const source = await offerSource({
        ...STAND_IN,
        "python.c": '#error "no such machine"\n',
      });
      await start(
        { packages: BUILD_PACKAGES },
        { "python-version": "3.9", "python-source": source, "python-path": "/srv/python" },
      );
      const vague = await project.hostout("host1", "bootstrap_python");
      expect(vague.status).toBe(1);
      expect(vague.stderr).toContain("The Python 3.9 to build");
      expect(vague.stderr).toContain("python-version = 3.9.9");
      const text = readFileSync(join(project.directory, "buildout.cfg"), "utf8");
      project.write({ "buildout.cfg": text.replace("version = 3.9", "version = 3.9.99") });
      await project.buildout();
      const failed = await project.hostout("host1", "bootstrap_python");
      expect(failed.status).toBe(1);
      expect(failed.stderr).toContain("Python 3.9.99 could not be built");
      expect(failed.stderr).toContain("no such machine");
      project.write({ "buildout.cfg": text.replace("version = 3.9", "version = 3.9.98") });
      await project.buildout();
      const absent = await project.hostout("host1", "bootstrap_python");
      expect(absent.stderr).toMatch(/Cannot get http:\S+Python-3.9.98.tgz: .*404/);
    },
    15 * MINUTES,
  );

  test("a host without compiler and packages is reported by name", async () => {
    await start({}, { "python-version": "3.9.99" });
    const outcome = await project.hostout("host1", "bootstrap_python");
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain("Building Python needs a C compiler and make on");
  });
});

describe.skipIf(hostsMissing !== undefined)(`Python elsewhere ${hostsMissing ?? ""}`, () => {
  let host: BareHost;
  let project: TestProject;

  beforeAll(async () => {
    host = await startBareHost({ network: "own", sudo: "nopasswd" });
    project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
    // Node exists, and is only asked for its version.
    host.run(`printf '#!/bin/sh\necho v20.19.0\n' > /usr/bin/node; chmod 755 /usr/bin/node
ln -s node /usr/bin/npm`);
  });

  afterAll(async () => {
    project?.remove();
    await host?.close();
  });

  test.each([
    ["redhat", "dnf", "-q -y install python3 python3-pip gcc make python3-devel"],
    ["Fedora 40", "dnf", "-q -y install python3 python3-pip gcc make python3-devel"],
    ["centos", "yum", "-q -y install python3 python3-pip gcc make python3-devel"],
    ["alpine", "apk", "add --no-progress python3 py3-pip build-base python3-dev"],
    ["suse", "zypper", "--non-interactive install python3 python3-pip gcc make python3-devel"],
    ["arch", "pacman", "-Sy --noconfirm --needed python python-pip base-devel"],
    ["ubuntu", "apt-get", "-q -o DPkg::Lock::Timeout=120 update"],
    ["slackware", "slackpkg", "-batch=on -default_answer=y install zlib"],
  ])("hostos = %s installs it with %s", async (hostos, tool, expected) => {
    const part = { "no-sudo": "", path: "/var/buildout/app", "python-version": "3", hostos };
    const lines = project.hostLines(host, part);
    project.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
    expect((await project.buildout()).stderr).toBe("");
    host.run(`rm -f /usr/bin/python3 /usr/bin/dnf /usr/bin/yum /tmp/*.log
printf '#!/bin/sh\\nd=$(basename $0); echo "$@" >> /tmp/$d.log
printf "#!/bin/sh\\\\necho 3.12.1 /usr/bin/python3" > /usr/bin/python3; chmod 755 /usr/bin/python3
chmod 644 /tmp/$d.log\n' > /usr/bin/${tool}; chmod 755 /usr/bin/${tool}`);
    const outcome = await project.hostout("host1", "bootstrap");
    expect(host.run(`cat /tmp/${tool}.log`).split("\n")[0]).toBe(expected);
    expect(outcome.stdout).toMatch(
      /Running command 'bootstrap_python_(redhat|alpine|suse|arch|ubuntu|slackware)'/,
    );
  });
});

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { type BareHost, hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { NODE_PACKAGES } from "../support/hosts/root.ts";

const PATH = "/var/buildout/demo";
const MINUTES = 60_000;

/** A server in Node that reports the user who runs it. */
const FILES = {
  "base.cfg": `[buildout]
parts = demo server
develop = src/hello
[demo]
recipe = hostout:node
eggs = hello
[server]
recipe = collective.recipe.template
input = inline:
    #!/bin/sh
    cd \${buildout:directory}
    test -f var/pid && kill "$(cat var/pid)"
    setsid bin/hello var/socket </dev/null >var/log 2>&1 &
    echo $! > var/pid
output = \${buildout:bin-directory}/server
mode = 755
`,
  "prod.cfg": "[buildout]\nextends = base.cfg\n",
  "src/hello/package.json": JSON.stringify({ name: "hello", version: "1.0.0", bin: "server.js" }),
  "src/hello/server.js": `#!/usr/bin/env node
const { createServer } = require("node:http");
const { rmSync } = require("node:fs");
rmSync(process.argv[2], { force: true });
createServer((request, response) => {
  response.end(\`hello from \${process.getuid()} on \${process.version}\\n\`);
}).listen(process.argv[2]);
`,
};

const SUDO_PARTS = `[buildout]
parts = plain
[plain]
recipe = collective.recipe.template
input = inline: by the builder
output = var/made
[rooted]
recipe = collective.recipe.template
input = inline: by root
output = parts/rooted/file
`;

const ASK = `require("http").get({socketPath:"${PATH}/var/socket",path:"/"},r=>r.pipe(process.stdout))
  .on("error",e=>{console.error(e.message);process.exit(1)})`;

describe.skipIf(hostsMissing !== undefined)(`a bare host ${hostsMissing ?? ""}`, () => {
  let host: BareHost;
  let project: TestProject;

  beforeAll(async () => {
    host = await startBareHost({ network: "shared" });
    project = new TestProject(FILES);
    configure({});
    const built = await project.buildout();
    expect(built.stderr).toBe("");
    expect(built.status).toBe(0);
  }, 15 * MINUTES);

  afterAll(async () => {
    project?.remove();
    await host?.close();
  });

  function configure(options: Record<string, string>): void {
    const lines = project.hostLines(host, {
      path: PATH,
      "identity-file": "",
      password: host.password,
      "no-sudo": "",
      "buildout-user": "builder",
      "effective-user": "runner",
      "post-commands": "su -s /bin/sh runner -c bin/server",
      ...options,
    });
    project.write({
      "buildout.cfg": `[buildout]\nextends = base.cfg\nparts += host1\n[host1]\n${lines}`,
    });
  }

  /** The response of the application, requested by the host's own Node. */
  function answer(): string {
    return host.run(
      `for i in 1 2 3 4 5 6 7 8 9 10; do node -e '${ASK}' && exit; sleep 0.5; done; cat ${PATH}/var/log; exit 1`,
    );
  }

  const id = (user: string) => host.run(`id -u ${user}`).trim();
  const as = (user: string, command: string) =>
    host.attempt(`su -s /bin/sh ${user} -c '${command}'`).status;

  test(
    "becomes a running deployment with one command",
    async () => {
      const outcome = await project.hostout("host1", "deploy");
      if (process.env.SHOW) console.log(outcome.stdout, outcome.stderr);
      expect(outcome.stderr).not.toContain("Error");
      expect(outcome.status).toBe(0);
      expect(answer()).toMatch(new RegExp(`^hello from ${id("runner")} on v18\\.`));
      expect(outcome.stdout + outcome.stderr).not.toContain(host.password);
      const commands = [...outcome.stdout.matchAll(/Running command '(\w+)'/g)].map((m) => m[1]);
      expect(commands).toEqual([
        "deploy",
        "predeploy",
        "bootstrap",
        "bootstrap_users",
        "bootstrap_node",
        "bootstrap_buildout",
        "setowners",
        "precommands",
        "uploadeggs",
        "uploadbuildout",
        "buildout",
        "postdeploy",
      ]);
      expect(outcome.stdout).toContain("run: apt-get install nodejs npm\n");
    },
    15 * MINUTES,
  );

  test("made a key of its own, which is the project's alone to read", () => {
    const key = join(project.directory, "host1_key");
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${key}.pub`, "utf8")).toMatch(/^ssh-ed25519 \S+ hostout host1\n$/);
    const there = host.run("cat ~builder/.ssh/authorized_keys");
    expect(there).toBe(readFileSync(`${key}.pub`, "utf8"));
  });

  test("the code belongs to the builder, var to the runner, and others cannot read anything", async () => {
    const stat = (file: string) => host.run(`stat -c '%U:%G %a' ${PATH}/${file}`).trim();
    const cache = "/var/buildout/buildout-cache/builder";
    expect(stat(".")).toBe("builder:buildout 750");
    expect(stat("prod.cfg")).toBe("builder:buildout 640");
    expect(stat("var")).toBe("runner:buildout 2770");
    expect(as("runner", `echo x > ${PATH}/var/data`)).toBe(0);
    expect(as("builder", `echo x >> ${PATH}/var/new`)).toBe(0);
    for (const file of ["bin/server", "bin/buildout", "prod.cfg", "parts", ".", ".hostout"]) {
      expect(as("runner", `test -r ${PATH}/${file}`), file).toBe(0);
      expect(as("runner", `test -w ${PATH}/${file}`), file).not.toBe(0);
    }
    for (const file of ["bin/server", "prod.cfg", "var/data", "var"]) {
      expect(as("nobody", `test -r ${PATH}/${file}`), file).not.toBe(0);
    }
    host.run(`cd ${PATH}; chmod -R a+rwx bin prod.cfg; chown -R admin bin; chmod 600 var/data`);
    host.run(`cd ${PATH}; ln -s /etc/hostname bin/link; touch bin/plain; chmod 606 bin/plain`);
    const outcome = await project.hostout("host1", "setowners");
    expect(outcome.status).toBe(0);
    expect(stat("bin/server")).toBe("builder:buildout 750");
    expect(stat("bin/plain")).toBe("builder:buildout 640");
    expect(stat("var/data")).toBe("runner:buildout 660");
    expect(host.run("stat -c %U /etc/hostname")).toBe("root\n");
    const all = `find ${PATH} ${cache} ! -type l`;
    expect(host.run(`${all} -perm /007`)).toBe("");
    expect(host.run(`${all} ! -path '${PATH}/var*' -perm /020`)).toBe("");
    expect(host.run(`${all} ! -path '${PATH}/var*' ! -user builder`)).toBe("");
    expect(host.run(`${all} ! -group buildout`)).toBe("");
    expect(host.run(`${all} -path '${PATH}/var/*' ! -type s ! -perm -060`)).toBe("");
  });

  test(
    "a second deployment needs neither the password nor the login user",
    async () => {
      configure({ password: "", "post-commands": "", user: "admin" });
      expect((await project.buildout()).status).toBe(0);
      host.run("passwd -l admin; rm -r ~admin/.ssh");
      const same = await project.hostout("host1", "deploy");
      // The test above has left it with this mode.
      expect(same.stderr).toMatch(
        /^Hostout: Warning: 'prod\.cfg' has another mode on host1 [^\n]*\n$/,
      );
      expect(same.status).toBe(0);
      expect(same.stdout.match(/Logging into the following hosts as (.*):/g)).toEqual([
        "Logging into the following hosts as builder:",
      ]);
      const text = FILES["src/hello/server.js"]!.replace("hello from", "news from");
      project.write({ "src/hello/server.js": text });
      const changed = await project.hostout("host1", "deploy");
      expect(changed.status).toBe(0);
      const restarted = await project.hostout("host1", "run", "cat", "bin/hello");
      expect(restarted.status).toBe(0);
      host.run(`su -s /bin/sh runner -c '${PATH}/bin/server'`);
      expect(answer()).toMatch(new RegExp(`^news from ${id("runner")} on v18\\.`));
    },
    15 * MINUTES,
  );
});

describe.skipIf(hostsMissing !== undefined)(
  `a host without a way out ${hostsMissing ?? ""}`,
  () => {
    test(
      "is bootstrapped and deployed through the tunnel alone",
      async () => {
        const host = await startBareHost({ network: "own", packages: NODE_PACKAGES });
        // Requirements stay installed: two packages are sent through the tunnel instead of 378.
        host.run("dpkg --remove --force-depends nodejs npm");
        const project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
        try {
          const lines = project.hostLines(host, {
            path: PATH,
            "identity-file": "",
            password: host.password,
            "no-sudo": "",
            tunnel: "true",
            "buildout-user": "builder",
            "effective-user": "runner",
          });
          project.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
          expect((await project.buildout()).stderr).toBe("");
          const outcome = await project.hostout("host1", "deploy");
          expect(outcome.stderr).not.toContain("Error");
          expect(outcome.status).toBe(0);
          expect(outcome.stdout).toContain("run: apt-get install nodejs npm\n");
          expect(host.run(`node --version; ls ${PATH}/bin`)).toMatch(/^v18\.[\d.]+\nbuildout\n$/);
          // The proxy no longer listens.
          expect(host.run("cat /proc/net/tcp | grep -c ' 0A '")).toBe("1\n");
        } finally {
          project.remove();
          await host.close();
        }
      },
      15 * MINUTES,
    );

    test(
      "gets the deploying machine's own Node and npm",
      async () => {
        const host = await startBareHost({ network: "own", sudo: "nopasswd" });
        const project = new TestProject({ "prod.cfg": SUDO_PARTS });
        try {
          const lines = project.hostLines(host, {
            path: PATH,
            "no-sudo": "",
            "buildout-user": "builder",
            "effective-user": "runner",
            "sudo-parts": "rooted",
          });
          project.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
          expect((await project.buildout()).stderr).toBe("");
          const outcome = await project.hostout("host1", "deploy");
          expect(outcome.stderr).not.toContain("Error");
          expect(outcome.status).toBe(0);
          const name = `node-${process.version}-${process.platform}-${process.arch}`;
          const folder = `/var/buildout/buildout-cache/builder/node/${name}`;
          expect(host.run(`cat ${PATH}/bin/buildout`)).toContain(`${folder}/bin/node`);
          const run = (command: string) =>
            host.run(`su -s /bin/sh runner -c 'PATH=${folder}/bin:$PATH; ${command}'`);
          expect(run("node --version")).toBe(`${process.version}\n`);
          expect(run("npm --version")).toMatch(/^\d+\.\d+\.\d+\n$/);
          // Root's part belongs to root, everything else to the builder again, who can go on alone.
          const owners = host.run(
            `cd ${PATH}; stat -c %U parts/rooted/file .installed.cfg parts bin/buildout`,
          );
          expect(owners).toBe("root\nbuilder\nbuilder\nbuilder\n");
          run(`echo more >> ${PATH}/var/made`);
          expect((await project.hostout("host1", "buildout")).status).toBe(0);
        } finally {
          project.remove();
          await host.close();
        }
      },
      15 * MINUTES,
    );
  },
);

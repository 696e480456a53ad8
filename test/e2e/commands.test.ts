// The built-in commands, one after the other, on each kind of host: the table of docs/support.md.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { type Proof, support } from "../support/deployer.ts";
import { hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

const MINUTES = 60_000;

const FILES = {
  "prod.cfg": `[buildout]
parts = page
[page]
recipe = collective.recipe.template
input = inline: greetings
output = var/page
`,
  "local.txt": "from here\n",
  "media/deep/picture": "a picture\n",
  "fix/fixed.txt": "fixed\n",
  "src/pkg/package.json": '{"name": "pkg", "version": "1.0.0", "files": ["index.js"]}\n',
  "src/pkg/index.js": "",
};

interface Kind {
  kind: "sandbox" | "debian";
  missing: string | undefined;
  start(): Promise<{ server: TestServer; options: Record<string, string> }>;
}

const kinds: Kind[] = [
  {
    kind: "sandbox",
    missing: undefined,
    start: async () => ({ server: await startSandboxServer(), options: {} }),
  },
  {
    kind: "debian",
    missing: hostsMissing,
    async start() {
      const packages = ["nodejs", "npm", "rsync"];
      const server = await startBareHost({ network: "shared", sudo: "nopasswd", packages });
      const users = { "buildout-user": "builder", "effective-user": "runner" };
      return { server, options: { ...users, path: "/var/buildout/app", "no-sudo": "" } };
    },
  },
];

/** In the order in which they run: arguments, expected output, and a shell command in `path`. */
const runs: [command: string, args: string[], said: RegExp, then?: string][] = [
  ["bootstrap", [], /'bootstrap_users'[\s\S]*'bootstrap_node'[\s\S]*'bootstrap_buildout'/],
  ["bootstrap_node", [], /Node v\d+\.\d+\.\d+ on the host/],
  ["bootstrap_buildout", [], /Done\./, "test -x bin/buildout"],
  ["bootscript_list", [], /No buildout starts when|Started when/],
  ["detecthostos", [], /runs .* \(hostos = \w+\)/],
  ["ssh-config", [], /@\S+ port \d+[\s\S]*Port \d+ {2}# option 'host' of \[host1\]/],
  ["predeploy", [], /'precommands'/, "test -e var/before"],
  ["precommands", [], /run: .*touch var\/before/],
  ["uploadeggs", [], /Eggs to transport:\n\tpkg = 1\.0\.0\+h\w+/],
  ["uploadbuildout", [], /Wrote versions to host1-\w+\.cfg/, "test -e local.txt"],
  ["buildout", ["install", "page"], /Installing page\./, "grep greetings var/page"],
  [
    "sudobuildout",
    // All of them are arguments of the host's bin/buildout, which understands -q.
    ["--", "-q", "page:said=two words", "install", "page"],
    /'sudobuildout'(?![\s\S]*(Updating|Installing) page\.)/,
    "grep 'said = two words' .installed.cfg && grep greetings var/page",
  ],
  ["postdeploy", [], /Done\./, "test -e var/after"],
  ["deploy", [], /'postdeploy'/, "grep greetings var/page"],
  ["lock", [], /host1 is not locked/],
  ["plan", [], /Nothing to do\. Nothing was changed\./],
  ["releases", [], /\* +1 +\w{12} .* ok\n/],
  ["verify", [], /host1 matches its release/],
  ["status", [], /host1 {2}well[\s\S]*Release +1 \(/],
  ["logs", ["local.txt"], /out: from here\n/],
  ["setowners", [], /Done\./, "test -w local.txt"],
  ["put", ["local.txt", "copy.txt"], /Uploaded/, "grep 'from here' copy.txt"],
  ["get", ["copy.txt", "back.txt"], /Downloaded/],
  ["putrsync", ["media"], /Uploaded/, "test -f media/deep/picture"],
  ["hotfix", ["fix.tgz", "fixes"], /Unpacked into/, "find fixes | grep fixed.txt"],
  ["run", ["echo", "it runs in $PWD"], /out: it runs in \/.*\/app\n/],
  ["sudo", ["id", "-un"], /out: root\n/],
  ["rollback", ["--reason", "test"], /is at release 1 \(/, "grep 'from here' local.txt"],
  ["diff", ["2", "--diff=stat"], /~ local\.txt: \+1 -1\n/],
  ["cleanup", ["--plan"], /Nothing to remove on host1/],
  ["download", ["1", "release-1"], /Release 1 \(\w{12}\) is in /],
  ["audit", [], /deployed release 1 \(\w{12}\): ok/],
];

/** Steps on the host before the command. */
const before: Readonly<Record<string, (project: TestProject) => Promise<void>>> = {
  async rollback(project) {
    project.write({ "local.txt": "the second release\n" });
    expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0 });
  },
};

/** Skips the test for that reason; in CI it fails. */
function skipWhere(context: TestContext, reason: string | undefined): void {
  if (reason !== undefined && process.env.CI)
    throw new Error(`In CI nothing may be skipped: ${reason}`);
  context.skip(reason !== undefined, reason);
}

describe.each(kinds)("the built-in commands on a $kind host", ({ kind, missing, start }) => {
  describe.skipIf(missing)(missing ?? "that is there", () => {
    let server: TestServer;
    let project: TestProject;

    beforeAll(async () => {
      const started = await start();
      server = started.server;
      project = new TestProject(FILES);
      const lines = project.hostLines(server, {
        include: "local.txt",
        "pre-commands": "mkdir -p var && touch var/before",
        "post-commands": "touch var/after",
        ...started.options,
      });
      project.write({
        "buildout.cfg": `[buildout]\nparts = host1\ndevelop = src/pkg\n[host1]\n${lines}`,
      });
      execFileSync("tar", ["-czf", "fix.tgz", "fix"], { cwd: project.directory });
      expect(await project.buildout()).toMatchObject({ status: 0 });
    }, 15 * MINUTES);

    afterAll(async () => {
      project?.remove();
      await server?.close();
    });

    const lacking = (command: string) =>
      command === "putrsync" && spawnSync("rsync", ["--version"]).error
        ? "rsync is not installed (apt-get install rsync)"
        : undefined;
    const isHere = (proof: Proof | undefined) => proof === "here";
    const here = runs.filter(([command]) => isHere(support[command]?.[kind]));

    test.for(here)("%s", async ([command, args, said, then], context) => {
      skipWhere(context, lacking(command));
      await before[command]?.(project);
      const { status, stdout, stderr } = await project.hostout("host1", command, ...args);
      expect(stderr.replace(/^Added the .*\n/, "")).toBe("");
      expect(stdout).toContain(`Hostout: Running command '${command}' from 'collective.hostout'\n`);
      expect(stdout).toMatch(said);
      expect(status).toBe(0);
      if (then === undefined) return;
      expect(await project.hostout("host1", "run", then)).toMatchObject({ status: 0 });
    });

    test("the fetched file equals the uploaded one", () => {
      expect(readFileSync(join(project.directory, "back.txt"), "utf8")).toBe("from here\n");
    });

    test("are all that the support table lists for this place", () => {
      const said = Object.keys(support).filter((command) => isHere(support[command]?.[kind]));
      expect(here.map(([command]) => command).sort()).toEqual(said.sort());
    });
  });
});

test("the tests in the support table exist, and contain the command", () => {
  for (const [command, row] of Object.entries(support)) {
    const named = [row.sandbox, row.debian].flatMap((proof) =>
      typeof proof === "object" && "by" in proof ? proof.by : [],
    );
    for (const name of [...named, ...(row.also === undefined ? [] : [row.also])]) {
      const file = new URL(`../${name}`, import.meta.url);
      expect(existsSync(file), name).toBe(true);
      expect(readFileSync(file, "utf8"), name).toContain(command.replace(/^bootstrap_python_/, ""));
    }
  }
});

// Runs every example of the document that this package grew out of, and compares its output.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/ssh/sandbox/sandbox.ts";
import { hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { indexMissing, type PackageIndex, startPackageIndex } from "../support/index-server.ts";
import { eventually, freePort, usersMissing } from "../support/servers.ts";
import { matches } from "./compare.ts";
import { documentMissing, type Example, readDocument, type Shown } from "./document.ts";
import { type Substituted, type Substitution, substitutions, tableRow } from "./substitutions.ts";
import { type Known, World, writeHome } from "./world.ts";

const ANSWER = "Powered by collective.hostout!";

const { literals, examples } = documentMissing ? { literals: [], examples: [] } : readDocument();

/** Lines of the document whose examples have run. */
const seen = new Set<number>();
const used = new Set<Substitution>();
const noted = (done: Substituted) => {
  for (const one of done.used) used.add(one);
};

function take<K extends Example["kind"]>(line: number, kind: K): Extract<Example, { kind: K }> {
  const found = examples.find((example) => example.line === line && example.kind === kind);
  if (found === undefined) throw new Error(`There is no ${kind} in line ${line} of the document.`);
  seen.add(line);
  return found as Extract<Example, { kind: K }>;
}
const shown = (line: number): Shown => take(line, "command");

/** The text that the document introduces with these words. */
function literal(introduction: string): string {
  const found = literals.filter((one) => one.introduction.includes(introduction));
  if (found.length !== 1) throw new Error(`${found.length} texts after '${introduction}'.`);
  return found[0]!.text;
}

/** A server that `user` can log in to, in a separate directory. */
async function sandbox(user: string, password: string): Promise<Sandbox> {
  const folder = mkdtempSync(join(tmpdir(), "hostout-transcript-"));
  const server = await startSandbox({ root: join(folder, "home"), user, password });
  return {
    ...server,
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const RECIPE = `class Recipe(object):
    def __init__(self, buildout, name, options):
        options.setdefault("param1", "never seen")
        options.setdefault("param2", "of the recipe")

    def install(self):
        return ()

    update = install
`;

const FABFILE = `from fabric import api


def mycommand():
    "example of command from hostout.myplugin"
    print("param1 = %s, param2 = %s" % (api.env.param1, api.env.param2))
`;

async function makeSdist(
  scratch: string,
  name: string,
  files: Record<string, string>,
): Promise<string> {
  const folder = join(scratch, `${name}-1.0`);
  writeHome(folder, {
    ...files,
    "PKG-INFO": `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
  });
  execFileSync("tar", ["-czf", `${folder}.tar.gz`, "-C", scratch, `${name}-1.0`]);
  return `${folder}.tar.gz`;
}

/** A Python that can be distinguished from others. */
function stranger(name: string): string {
  return `#!/bin/sh\nWHICH='${name}' exec python3 "$@"\n`;
}

describe("a comparison", () => {
  test.each([
    ["a\n...\nc\n", "a\nb\nb\nc\n", true],
    ["a\n...\nc\n", "a\nc\n", true],
    ["...\nc", "c", true],
    ["a ... c", "a b\nb c", true],
    ["a   : b", "a  : b ", true],
    ["a\n...", "b\na\n", false],
    ["a.c", "abc", false],
    ["a\n", "a\nb\n", false],
  ])("of %j with %j: %s", (expected, actual, same) => {
    expect(matches(expected, actual)).toBe(same);
  });
});

describe.skipIf(documentMissing)(`the document's examples ${documentMissing ?? ""}`, () => {
  describe.skipIf(indexMissing)(`Hostout deploy ${indexMissing ?? ""}`, () => {
    let index: PackageIndex;
    let host: Sandbox;
    let world: World;
    const stops: (() => unknown)[] = [];

    /** Settings of a user of either machine: the location of packages, and free ports. */
    function settings(home: string, control: number): void {
      writeHome(home, {
        ".config/pip/pip.conf": `[global]\nindex-url = ${index.url}\n`,
        ".buildout/default.cfg": `[supervisor]\nport = 127.0.0.1:${control}\n[host1]\npassword = secret\nno-sudo = true\n`,
      });
    }

    beforeAll(async () => {
      index = await startPackageIndex();
      host = await sandbox("myusername", "secret");
      world = new World({ home: host.root, port: String(await freePort()) }, noted);
      world.knowsHost("myhost.com", host);
      const control = await freePort();
      settings(world.project.scratch, control);
      settings(host.root, control);
      const fixture = new URL("../../fixtures/seed/src/hellowsgi/setup.py", import.meta.url);
      world.write("src/hellowsgi/setup.py", readFileSync(fileURLToPath(fixture), "utf8"));
      world.write("src/hellowsgi/hellowsgi/__init__.py", literal("worlds simplest wsgi"));
      world.write("base.cfg", literal("called ``base.cfg``"));
      world.write("prod.cfg", literal("Our prod.cfg"));
    });

    afterAll(async () => {
      for (const stop of stops) await stop();
      await host?.close();
      await index?.close();
      world?.remove();
    });

    const answers = () =>
      eventually(async () => {
        const answer = await fetch(`http://127.0.0.1:${world.values.port}/`);
        expect(await answer.text()).toBe(ANSWER);
      });

    test("line 111: bootstrap and build", async () => {
      await world.shows(shown(111));
      await world.shows(shown(112));
    });

    test("line 116: bin/paster serve", async () => {
      const paster = world.start(`exec ${shown(116).command}`);
      try {
        await answers();
      } finally {
        paster.child.kill();
        await paster.outcome;
      }
    });

    test("line 161: bin/buildout", async () => {
      // The document's host1 was there before, demo was not.
      const before = "[buildout]\nparts = host1\n[host1]\nrecipe = collective.hostout\n";
      world.write("before.cfg", before);
      expect(await world.run("bin/buildout -c before.cfg")).toMatchObject({ status: 0 });
      world.write("buildout.cfg", literal("3rd buildout file, called ``buildout.cfg``"));
      await world.shows(shown(161));
    });

    test("lines 184 and 224: bin/hostout host1 deploy", async () => {
      const control = join(host.root, "demo/bin/supervisorctl");
      stops.push(() => existsSync(control) && world.project.run(control, ["shutdown"]).outcome);
      shown(184); // The same command as in line 224, before it is explained.
      await world.shows(shown(224));
      await answers();
    });
  });

  const root = "root";

  describe.each([
    {
      kind: "sandbox",
      missing: undefined,
      noSudo: usersMissing,
      async start() {
        const host = await sandbox(root, root);
        const path = join(host.root, "host1");
        mkdirSync(path);
        return { host: host as Known, path, close: () => host.close() };
      },
    },
    {
      kind: "Debian",
      missing: hostsMissing,
      noSudo: undefined,
      async start() {
        const host = await startBareHost({ network: "shared", sshd: ["PermitRootLogin yes"] });
        host.run("echo root:root | chpasswd; mkdir /var/host1");
        return { host: host as Known, path: "/var/host1", close: () => host.close() };
      },
    },
  ])("with host1 as $kind host", ({ missing, noSudo, start }) => {
    describe.skipIf(missing)(missing ?? "that is there", () => {
      let world: World;
      let close: () => Promise<void>;

      beforeAll(async () => {
        const { host, path, close: stop } = await start();
        close = stop;
        world = new World({ path, port: String(host.port) }, noted);
        world.knowsHost(host.host, host);
        for (const line of [408, 423]) {
          const { name, text } = take(line, "file");
          world.write(name, text);
        }
        expect(await world.run("buildout bootstrap")).toMatchObject({ status: 0 });
      });

      afterAll(async () => {
        await close?.();
        world?.remove();
      });

      test("line 443: bin/buildout -N makes bin/hostout", () => world.shows(shown(443)));
      test("line 448: bin/hostout lists the hosts", () => world.shows(shown(448)));
      test("line 254: bin/hostout host1 lists the commands", () => world.shows(shown(254)));
      test("line 273: bin/hostout host1 run", async () => {
        expect(await world.shows(shown(273))).toContain(`] out: ${world.values.path}\n`);
      });
      test.skipIf(noSudo)(`line 283: bin/hostout host1 sudo ${noSudo ?? ""}`, async () => {
        expect(await world.shows(shown(283))).toContain("localhost");
      });
      test("line 464: a command of fabfile.py", async () => {
        expect(await world.shows(shown(464))).toContain("] out: buildout is cool\n");
      });
    });
  });

  describe.skipIf(indexMissing)(`Making a hostout plugin ${indexMissing ?? ""}`, () => {
    let index: PackageIndex;
    let world: World;

    beforeAll(async () => {
      world = new World({}, noted);
      // The entry points of the document, in the package that its buildout is to download.
      const { text } = take(489, "statement");
      const sdist = await makeSdist(world.project.scratch, "hostout.myplugin", {
        "setup.py": `from setuptools import setup\nsetup(name="hostout.myplugin", version="1.0", packages=["hostout.myplugin"],\n${text})\n`,
        "hostout/myplugin/__init__.py": RECIPE,
        "hostout/myplugin/fabfile.py": FABFILE,
      });
      index = await startPackageIndex({ extra: [sdist] });
      writeHome(world.project.scratch, {
        ".config/pip/pip.conf": `[global]\nindex-url = ${index.url}\n`,
      });
      const { name, text: cfg } = take(495, "file");
      world.write(name, cfg);
      expect(await world.run("buildout bootstrap")).toMatchObject({ status: 0 });
    });

    afterAll(async () => {
      await index?.close();
      world?.remove();
    });

    test("line 506: bin/buildout downloads it", () => world.shows(shown(506)));
    test("line 508: bin/hostout host1 lists its command", () => world.shows(shown(508)));
    test("its recipe and its command work together", async () => {
      expect(await world.run("bin/hostout host1 mycommand")).toMatchObject({
        status: 0,
        output: expect.stringContaining("param1 = blah, param2 = of the recipe\n"),
      });
    });
  });

  describe("Using hostout with another Python", () => {
    let world: World;

    beforeEach(async () => {
      world = new World({ port: "22" }, noted);
      // A command that prints the Python it runs in.
      const which = `import os\ndef which():\n    print("it is %s" % os.environ.get("WHICH"))\n`;
      world.write("which.py", which);
      writeHome(world.project.scratch, {
        ".buildout/default.cfg": "[host1]\nfabfiles = which.py\n",
      });
    });

    afterEach(() => world.remove());

    async function built({ name, text }: { name: string; text: string }): Promise<void> {
      world.write(name, text);
      expect(await world.run("buildout bootstrap")).toMatchObject({ status: 0 });
      const { status, output } = await world.run("bin/buildout");
      expect(status, output).toBe(0);
    }

    test("line 572: one that is there", async () => {
      world.values.python = join(world.project.scratch, "python");
      writeFileSync(world.values.python, stranger("the one of [python26]"), { mode: 0o755 });
      await built(take(572, "file"));
      const { output } = await world.run("bin/hostout host1 which");
      expect(output).toContain("it is the one of [python26]\n");
    });

    test("line 591: one that the buildout makes", async () => {
      const folder = join(world.project.scratch, "Python-2.6.1");
      writeHome(folder, {
        configure: `#!/bin/sh\necho "all:\n\ninstall:\n\tmkdir -p \${1#--prefix=}/bin; cp python \${1#--prefix=}/bin/python2.6" > Makefile\necho "$@" > arguments\n`,
        python: stranger("made from source"),
      });
      for (const name of ["configure", "python"]) chmodSync(join(folder, name), 0o755);
      const archive = `${folder}.tgz`;
      execFileSync("tar", ["-czf", archive, "-C", world.project.scratch, "Python-2.6.1"]);
      world.values.archive = `file://${archive}`;
      await built(take(591, "file"));
      const { output } = await world.run("bin/hostout host1 which");
      expect(output).toContain("it is made from source\n");
    });
  });

  const skipped = indexMissing ?? (hostsMissing && usersMissing);
  test.skipIf(skipped)("are all run, and every substitution is needed", () => {
    expect(examples.map(({ line }) => line).filter((line) => !seen.has(line))).toEqual([]);
    expect(substitutions.filter((one) => !used.has(one))).toEqual([]);
  });

  test("differ from the document only as docs/differences.md says", () => {
    const file = new URL("../../docs/differences.md", import.meta.url);
    const chapter = /\n## The examples of the old document\n([\s\S]*?)(?=\n## |$)/.exec(
      readFileSync(fileURLToPath(file), "utf8"),
    )?.[1];
    const rows = chapter?.split("\n").filter((line) => line.startsWith("| "));
    expect(rows?.slice(2)).toEqual(substitutions.map(tableRow));
  });
});

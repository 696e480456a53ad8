import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { PythonDistribution } from "../../../src/distributions/python/python-distribution.ts";
import { indexMissing } from "../../support/index-server.ts";
import { supervisorProject as projectWith } from "../../support/supervisor-part.ts";
import { unpackWheels } from "../../support/unpacked-wheels.ts";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

describe.skipIf(indexMissing !== undefined)(
  `with Debian's supervisor ${indexMissing ?? ""}`,
  () => {
    let folder: string;
    let distributions: PythonDistribution[];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "hostout-supervisor-"));
      distributions = await unpackWheels(["supervisor", "setuptools"], folder);
    });

    afterAll(() => rm(folder, { recursive: true, force: true }));

    const supervisorProject = (options: string) => projectWith(options, distributions);

    test("the part has its configuration and scripts, which are removed with it", async () => {
      const p = supervisorProject("user = joe\npassword = hidden\n");
      const { text } = await p.run();
      expect(text).toBe(
        "Installing supervisor.\n" +
          "Generated script '/p/bin/supervisord'.\n" +
          // No longer a script of supervisor 4.
          "Could not generate script 'memmon' as it is not defined in the egg entry points.\n" +
          "Generated script '/p/bin/supervisorctl'.\n",
      );
      const conf = p.path("parts/supervisor/supervisord.conf");
      expect(p.read("bin/supervisord")).toContain(
        `import sys; sys.argv.extend(["-c","${conf}"])\n`,
      );
      expect(p.read("bin/supervisorctl")).toContain(`sys.argv[1:1] = ["-c", "${conf}"]\n`);
      expect(p.read("bin/supervisorctl")).toContain(
        "sys.exit(supervisor.supervisorctl.main(sys.argv[1:]))",
      );
      expect([p.has("var/log"), statSync(conf).mode & 0o007]).toEqual([true, 0]);
      expect(p.read(".installed.cfg")).not.toContain("hidden");
      expect((await p.run()).text).toMatch(/^Updating supervisor\.\n.*memmon.*\n$/);
      p.write("buildout.cfg", "[buildout]\nparts =\n");
      await p.run();
      expect([p.has("bin/supervisord"), existsSync(conf), p.has("var/log")]).toEqual([
        false,
        false,
        true,
      ]);
    });

    test("an update keeps hand edits, unless the password changed", async () => {
      const p = supervisorProject("password = one\n");
      await p.run();
      const conf = "parts/supervisor/supervisord.conf";
      p.write(conf, `${p.read(conf)}# by hand\n`);
      await p.run();
      expect(p.read(conf)).toContain("# by hand");
      await p.run({ assignments: ["supervisor:password=two"] });
      expect(p.read(conf)).toContain("password = two\n");
    });

    test("supervisord runs the programs", async () => {
      const port = await freePort();
      const p = supervisorProject(`port = 127.0.0.1:${port}
user = joe
password = pw
programs =
    10 talker (startsecs=0 environment=WORD="said") /bin/sh [-c 'echo $WORD in $PWD; exec sleep 600'] \${buildout:directory} true
    20 other (autostart=false) /bin/sleep [600]
groups = 5 all talker,other
`);
      await p.run();
      const run = (name: string, ...args: string[]) =>
        execa(p.path(`bin/${name}`), args, { reject: false, env: { LC_ALL: "C" }, cwd: "/" });
      const started = await run("supervisord");
      onTestFinished(async () => {
        await run("supervisorctl", "shutdown");
        await vi.waitFor(() => expect(p.has("var/supervisord.pid")).toBe(false), 120_000);
      });
      expect([started.exitCode, started.stderr]).toEqual([0, expect.not.stringContaining("Error")]);
      await vi.waitFor(
        async () => {
          const { stdout } = await run("supervisorctl", "status");
          expect(stdout).toMatch(/all:talker\s+RUNNING/);
          expect(stdout).toMatch(/all:other\s+STOPPED/);
        },
        { timeout: 120_000, interval: 200 },
      );
      const { stdout } = await run("supervisorctl", "maintail");
      expect(stdout).toContain("spawned: 'talker'");
      const log = (await execa("ls", [p.path("var/log")])).stdout
        .split("\n")
        .find((name) => name.startsWith("talker-stdout"))!;
      expect(readFileSync(p.path(`var/log/${log}`), "utf8")).toBe(`said in ${p.directory}\n`);
    });
  },
);

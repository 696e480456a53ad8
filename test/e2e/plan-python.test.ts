/** Plans and atomic releases for a host that runs the real zc.buildout. */
import { readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { hostsMissing } from "../support/hosts/host.ts";
import { cachedZcBuildout } from "../support/hosts/zc-buildout.ts";
import { indexMissing, type PackageIndex, startPackageIndex } from "../support/index-server.ts";
import { partsBuilt, partsPlanned, planOf, stepsOf } from "../support/plan-events.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";
import { picture } from "../support/tree-picture.ts";

const MINUTES = 60_000;
const missing = hostsMissing ?? indexMissing;

const RECIPE = {
  "src/hello/setup.py": `from setuptools import setup
setup(
    name="hello", version="1.0", packages=["hello"],
    entry_points={"zc.buildout": ["default = hello:Recipe"]},
)
`,
  "src/hello/hello/__init__.py": `class Recipe:
    def __init__(self, buildout, name, options):
        options["place"] = buildout["buildout"]["directory"] + "/" + name
        options.get("port"), options.get("base")

    def install(self):
        return ()

    update = install
`,
};

/** Root builds the part `three`, as far as the user of the tests is root. */
const ATOMIC = { engine: "python", atomic: "true", "sudo-parts": "three" };

describe.skipIf(missing !== undefined)(`a plan of engine = python ${missing ?? ""}`, () => {
  let index: PackageIndex;
  let server: TestServer;
  let project: TestProject;
  let version: string;

  beforeAll(async () => {
    const wheel = await cachedZcBuildout();
    version = /zc_buildout-([^-]+)-/.exec(wheel)![1]!;
    index = await startPackageIndex({ extra: [wheel] });
    server = await startSandboxServer();
    project = new TestProject(RECIPE);
    const lines = project.hostLines(server, { engine: "python" });
    const path = join(server.home, "atomic");
    const others = project.hostLines(server, { ...ATOMIC, path });
    project.write({
      "base.cfg": `[buildout]\nparts =\ndevelop = src/hello\nindex = ${index.url}\n[versions]\nzc.buildout = ${version}\n`,
      "buildout.cfg": `[buildout]\nextends = base.cfg\nparts = host1 host2\n[host1]\n${lines}[host2]\n${others}`,
    });
    writeProduction("one two", "8080");
    expect((await project.buildout()).stderr).toBe("");
  }, 10 * MINUTES);

  afterAll(async () => {
    project?.remove();
    await server?.close();
    await index?.close();
  });

  function writeProduction(parts: string, port: string): void {
    const sections = ["one", "two", "three"].map((name) => `[${name}]\nrecipe = hello\n`);
    project.write({
      "prod.cfg": `[buildout]\nextends = base.cfg\nparts = ${parts}\n${sections.join("")}base = \${one:place}\nport = ${port}\n`,
    });
  }

  test(
    "comes from the record of the host, and is what zc.buildout does",
    async () => {
      const rounds = [
        ["one two", "8080"],
        ["one two", "8080"],
        ["two three", "8080"],
        ["three", "8081"],
      ] as const;
      for (const [round, [parts, port]] of rounds.entries()) {
        writeProduction(parts, port);
        const before = picture(server.home);
        const planned = await project.hostout("host1", "plan", "--json");
        expect(planned.status, planned.stdout + planned.stderr).toBe(0);
        const after = picture(server.home);
        if (round > 0) expect(after).toEqual(before);
        const plan = planOf(planned.stdout);
        expect(plan.changes).toBe(round !== 1);
        const { stdout } = await project.hostout("host1", "deploy", "--json");
        expect(stepsOf(stdout)).toEqual(plan.steps);
        expect(partsPlanned(plan), parts).toEqual(partsBuilt(stdout));
      }
      const { stdout } = await project.hostout("host1", "plan");
      expect(stdout).toContain("Nothing to do.");
    },
    10 * MINUTES,
  );

  test(
    "builds releases in directories of their own, and goes back to one",
    async () => {
      const app = join(server.home, "atomic");
      const record = () => readFileSync(join(app, "current/.installed.cfg"), "utf8");
      const deploy = async (parts: string, port: string) => {
        writeProduction(parts, port);
        const plan = planOf((await project.hostout("host2", "plan", "--json")).stdout);
        const { stdout, stderr } = await project.hostout("host2", "deploy", "--json");
        expect(stepsOf(stdout), stderr + stdout).toEqual(plan.steps);
        return plan;
      };
      await deploy("one two", "8080");
      expect(readlinkSync(join(app, "current"))).toBe("releases/1");
      expect(record()).toContain(`place = ${app}/releases/1/one\n`);
      const second = await deploy("two", "8081");
      expect(second.parts).toEqual([
        { action: "uninstall", part: "one", recipe: "hello" },
        { action: "update", part: "two", recipe: "hello" },
      ]);
      expect(second.changes).toBe(true);
      expect(readlinkSync(join(app, "current"))).toBe("releases/2");
      expect(record()).toMatch(/^installed_develop_eggs/m);
      const again = await deploy("two", "8081");
      expect([again.steps, again.changes]).toEqual([[], false]);
      expect(await project.hostout("host2", "verify")).toMatchObject({ status: 0, stderr: "" });
      expect((await project.hostout("host2", "diff")).stdout).toContain("port");
      for (const isBuilt of [true, false]) {
        if (!isBuilt) rmSync(join(app, "releases/2"), { recursive: true });
        const to = isBuilt ? "1" : "2";
        const { status, stdout, stderr } = await project.hostout("host2", "rollback", to);
        expect([status, stderr]).toEqual([0, ""]);
        expect(stdout.includes("-o\n")).toBe(!isBuilt);
        expect(stdout).toContain("-o install three\n");
        expect(readlinkSync(join(app, "current"))).toBe(`releases/${to}`);
      }
      expect(record()).toContain("[three]");
      expect((await project.hostout("host2", "cleanup", "--keep", "1")).status).toBe(0);
      expect(readdirSync(join(app, "releases"))).toEqual(["2"]);
    },
    10 * MINUTES,
  );
});

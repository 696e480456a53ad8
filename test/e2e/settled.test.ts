import {
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { PAGE_FILES } from "../support/page-files.ts";
import { servers, type TestServer } from "../support/servers.ts";

const UPDATING = "[127.0.0.1] out: Updating page.";
const INSTALLING = "[127.0.0.1] out: Installing page.";
const LEFT_OUT = "The buildout's inputs have not changed since its last run";

describe.each(servers.map((server) => [server.name, server] as const))("on %s", (_name, kind) => {
  describe.skipIf(kind.missing !== undefined)(`an unchanged host ${kind.missing ?? ""}`, () => {
    let server: TestServer;
    let project: TestProject;
    let app: string;

    /** The output of a deployment. */
    async function deploy(options: Record<string, string> = {}, ...words: string[]) {
      project.writeHost(server, { include: "templates", ...options });
      await project.buildout();
      const outcome = await project.hostout("host1", ...words, "deploy");
      expect(outcome.stderr).toBe("");
      expect(outcome.status).toBe(0);
      return outcome.stdout;
    }

    beforeAll(async () => {
      server = await kind.start();
      app = join(server.home, "app");
      project = new TestProject(PAGE_FILES);
      project.writeHost(server, { include: "templates" });
      await project.buildout();
      await project.hostout("host1", "deploy");
    });

    afterAll(async () => {
      project?.remove();
      await server?.close();
    });

    test("runs no buildout, and the deployment reports that", async () => {
      const out = await deploy();
      expect(out).toContain(LEFT_OUT);
      expect(out).not.toContain("] out: ");
      expect(out).toMatch(/\nDone: host1 is at release 1 /);
    });

    test("has a plan without a step, too", async () => {
      const { stdout } = await project.hostout("--json", "host1", "deploy");
      expect(stdout).not.toContain('"type":"step"');
      const plan = await project.hostout("--json", "host1", "plan");
      const found = plan.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
        .find(({ type }) => type === "plan");
      expect(found.steps).toEqual([]);
      expect(found.changes).toBe(false);
    });

    test("restores what somebody has removed from a part", async () => {
      rmSync(join(app, "parts/page/index.html"));
      expect(await deploy()).toContain(INSTALLING);
      expect(await deploy()).toContain(LEFT_OUT);
    });

    test("restores what somebody has changed in a part", async () => {
      writeFileSync(join(app, "parts/page/index.html"), "other");
      expect(await deploy()).toContain(UPDATING);
      expect(await deploy()).toContain(LEFT_OUT);
    });

    test("runs the buildout if its configuration on the host has been touched", async () => {
      const { status } = await project.hostout("host1", "run", "touch prod.cfg");
      expect(status).toBe(0);
      expect(await deploy()).toContain(UPDATING);
    });

    test("runs the buildout after commands that may have changed something", async () => {
      expect(await deploy({ "pre-commands": "true" })).toContain(UPDATING);
      expect(await deploy({})).toContain(LEFT_OUT);
      expect(await deploy({}, "verify")).toContain(UPDATING);
      project.write({
        "fabfile.py": "from fabric import api\ndef predeploy():\n    api.env.superfun()\n",
      });
      expect(await deploy({ fabfiles: "fabfile.py" })).toContain(UPDATING);
    });

    /** The steps of the plan for a change of the project's files. */
    async function change(files: Record<string, string>): Promise<string[]> {
      project.write(files);
      const { stdout } = await project.hostout("--json", "host1", "plan");
      const events = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      const { steps } = events.find(({ type }) => type === "plan");
      return steps.map(({ step }: { step: string }) => step);
    }

    test("runs no buildout after a change that no part looks at, as planned", async () => {
      const include = "templates\nstatic";
      project.write({ "static/old.css": "", "static/style.css": "p {}\n" });
      await deploy({ include });
      rmSync(join(project.directory, "static/old.css"));
      const steps = await change({ "static/style.css": "p { top: 0 }\n", "static/new.css": "" });
      expect(steps).toEqual(["release"]);
      const out = await deploy({ include });
      expect(out).toContain(LEFT_OUT);
      expect(out).not.toContain("] out: ");
      expect(readdirSync(join(app, "static")).sort()).toEqual(["new.css", "style.css"]);
      expect(readFileSync(join(app, "static/style.css"), "utf8")).toBe("p { top: 0 }\n");
      expect(await deploy({ include })).toContain(LEFT_OUT);
      const { stdout: list } = await project.hostout("host1", "releases");
      expect(list.match(/ ok$/gm)!.length).toBeGreaterThan(1);

      const { status } = await project.hostout("host1", "rollback");
      expect(status).toBe(0);
      expect(readdirSync(join(app, "static")).sort()).toEqual(["old.css", "style.css"]);
      await deploy({ include });
    });

    test("runs the buildout after a change that a part looks at, as planned", async () => {
      const include = "templates\nstatic";
      const steps = await change({ "templates/page.in": "<b>${greeting}</b>\n" });
      expect(steps).toEqual(["release", "build"]);
      expect(await deploy({ include })).toContain(UPDATING);
      expect(readFileSync(join(app, "parts/page/index.html"), "utf8")).toBe("<b>hello</b>\n");
    });

    test("runs the buildout after a change that a part looks at through a link", async () => {
      const include = "templates\nstatic";
      const file = join(project.directory, "templates/page.in");
      rmSync(file);
      project.write({ "static/page.in": "<i>${greeting}</i>\n" });
      symlinkSync("../static/page.in", file);
      expect(await deploy({ include })).toContain(UPDATING);
      const steps = await change({ "static/page.in": "<u>${greeting}</u>\n" });
      expect(steps).toEqual(["release", "build"]);
      expect(await deploy({ include })).toContain(UPDATING);
      expect(readFileSync(join(app, "parts/page/index.html"), "utf8")).toBe("<u>hello</u>\n");

      // The host alone knows what a link outside of the buildout leads to.
      const outside = join(server.home, "page.in");
      symlinkSync(join(app, "static/page.in"), outside);
      const base = PAGE_FILES["base.cfg"].replace("templates/page.in", outside);
      project.write({ "base.cfg": base });
      await deploy({ include });
      project.write({ "static/page.in": "<s>${greeting}</s>\n" });
      expect(await deploy({ include })).toContain(UPDATING);
      expect(readFileSync(join(app, "parts/page/index.html"), "utf8")).toBe("<s>hello</s>\n");
      rmSync(file);
      project.write(PAGE_FILES);
      await deploy();
    });

    test("runs a buildout that somebody asks for", async () => {
      const { stdout } = await project.hostout("host1", "buildout");
      expect(stdout).toContain(UPDATING);
    });

    test("runs the buildout after a change beside a recipe, even one that stays on the host", async () => {
      const recipe = "export default { install: () => [], update() {}, settled: () => [] };\n";
      const cfg = (file: string) =>
        `${PAGE_FILES["base.cfg"].replace("parts = page", "parts = page own")}[own]\nrecipe = ${file}\n`;
      project.write({
        "tools/own.mjs": recipe,
        "tools/lib/x.mjs": "",
        "base.cfg": cfg("./tools/own.mjs"),
      });
      let include = "templates\ntools";
      await deploy({ include });
      expect(await deploy({ include })).toContain(LEFT_OUT);
      writeFileSync(join(app, "tools/lib/x.mjs"), "other");
      project.writeHost(server, { include });
      await project.buildout();
      const { stdout } = await project.hostout("--keep-drift", "host1", "deploy");
      expect(stdout).toContain(UPDATING);

      writeFileSync(join(app, "tools/lib/x.mjs"), "");
      project.write({ "own.mjs": recipe, "base.cfg": cfg("./own.mjs") });
      include += "\nown.mjs";
      await deploy({ include });
      expect(await deploy({ include })).toContain(LEFT_OUT);
      const steps = await change({ "tools/lib/x.mjs": "new" });
      expect(steps).toEqual(["release", "build"]);
      project.write(PAGE_FILES);
      await deploy();
    });

    test("runs the buildout when releases no longer have directories of their own", async () => {
      await deploy({ atomic: "true" });
      expect(readlinkSync(join(app, "current"))).toMatch(/^releases\//);
      expect(await deploy()).toContain(UPDATING);
      expect(readlinkSync(join(app, "current"))).toBe(".");
      expect(await deploy()).toContain(LEFT_OUT);
    });

    test("runs a buildout whose recipes depend on more than they can name", async () => {
      const cfg = `${PAGE_FILES["base.cfg"].replace("parts = page", "parts = page ask")}
[ask]
recipe = plone.recipe.command
command = true
update-command = echo asked
`;
      project.write({ "base.cfg": cfg });
      await deploy();
      expect(await deploy()).toContain("out: asked");
    });
  });
});

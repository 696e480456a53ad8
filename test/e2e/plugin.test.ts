import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

const PLUGIN = {
  "package.json": JSON.stringify({
    name: "hostout-greet",
    version: "1.0.0",
    type: "module",
    hostout: {
      fabfile: "./fabfile.js",
      options: { greeting: "hello", "post-commands": "echo from the plugin" },
    },
  }),
  "fabfile.js": `import { api, task } from "hostout";
export const greet = task("example of command from hostout-greet", () =>
  api.run("echo " + api.env.greeting));
export const show = () => api.note("plugin");
`,
};

function install(project: TestProject, folder: string): void {
  for (const [name, text] of Object.entries(PLUGIN)) {
    mkdirSync(join(project.directory, folder), { recursive: true });
    writeFileSync(join(project.directory, folder, name), text);
  }
}

describe("plugins", () => {
  let server: TestServer;
  let project: TestProject;

  beforeAll(async () => {
    server = await startSandboxServer();
    project = new TestProject({
      "prod.cfg": "[buildout]\nparts =\n",
      "fabfile.ts": `import { api } from "hostout";
export const show = async () => { api.note("own"); await api.super(); };
`,
    });
  });

  afterAll(async () => {
    project.remove();
    await server.close();
  });

  const configure = (extend: string, more = "", buildout = "") => {
    const lines = project.hostLines(server, { extends: extend, fabfiles: "fabfile.ts" });
    project.write({
      "buildout.cfg": `[buildout]\nparts = host1\n${buildout}[host1]\n${lines}${more}`,
    });
  };

  test.each([
    ["an installed npm package", "node_modules/hostout-greet", ""],
    ["a develop package", "src/greet", "develop = src/greet\n"],
  ])("come from %s: commands and options", async (_, folder, buildout) => {
    install(project, folder);
    configure("hostout-greet", "", buildout);
    const built = await project.buildout();
    expect(built.stderr).toBe("");
    expect((await project.hostout("host1")).stdout).toMatch(
      /^ {2}greet +: example of command from hostout-greet$/m,
    );
    const greeted = await project.hostout("host1", "greet");
    expect(greeted.stdout).toContain("Running command 'greet' from 'hostout-greet'");
    expect(greeted.stdout).toContain("out: hello");
    configure("hostout-greet", "greeting = good day\n", buildout);
    await project.buildout();
    expect((await project.hostout("host1", "greet")).stdout).toContain("out: good day");
  });

  test("the part's own fabfile is above the plugin's commands", async () => {
    install(project, "node_modules/hostout-greet");
    configure("hostout-greet");
    await project.buildout();
    const { stdout } = await project.hostout("host1", "show");
    expect(stdout).toMatch(/Hostout: own\nHostout: plugin\n/);
  });

  test("are inherited with an extended part, too", async () => {
    install(project, "node_modules/hostout-greet");
    configure("base", "[base]\nextends = hostout-greet\nrecipe = hostout\n");
    expect((await project.buildout()).stderr).toBe("");
    expect((await project.hostout("host1", "greet")).stdout).toContain("out: hello");
  });

  test("a name that is neither part nor plugin is reported with the nearest one", async () => {
    configure("bsae", "[base]\nrecipe = hostout\n");
    const { status, stderr } = await project.buildout();
    expect(status).toBe(1);
    expect(stderr).toContain("host1 extends 'bsae', which is neither a part nor a plugin.");
    expect(stderr).toContain("Did you mean 'base'?");
  });

  test("those of the original that are built in are reported as such", async () => {
    configure("hostout.ubuntu");
    const built = await project.buildout();
    expect([built.status, built.stderr]).toEqual([0, ""]);
    expect(built.stdout).toContain(
      "'extends = hostout.ubuntu' has no effect: 'bootstrap' prepares any system.",
    );
    expect((await project.hostout("host1")).stdout).toContain("deploy");
  });
});

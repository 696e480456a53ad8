// A long wait for a registry, on the host, is shown before the registry responds.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

let server: TestServer;
/** Accepts requests and never responds. */
let registry: Server;
let project: TestProject;

beforeAll(async () => {
  server = await startSandboxServer();
  registry = createServer(() => {});
  await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  project = new TestProject({
    ".npmrc": `registry=${address}/\n`,
    "npm.cfg": "[buildout]\nparts = app\n[app]\nrecipe = hostout:node\neggs = waited-for\n",
    "pip.cfg": `[buildout]
parts = app
index = ${address}/simple
[app]
recipe = zc.recipe.egg
eggs = waited-for
`,
  });
  const part = (tool: string) =>
    `[${tool}]\n${project.hostLines(server, {
      buildout: `${tool}.cfg`,
      include: ".npmrc",
      path: `${server.home}/${tool}`,
    })}`;
  project.write({ "buildout.cfg": `[buildout]\nparts = npm pip\n${part("npm")}${part("pip")}` });
  expect(await project.buildout()).toMatchObject({ status: 0 });
});

afterAll(async () => {
  project?.remove();
  registry?.closeAllConnections();
  registry?.close();
  await server?.close();
});

test.each(["npm", "pip"])(
  "while %s waits on the host, the output says what it is waiting for",
  async (tool) => {
    const asked = once(registry, "request");
    const running = project.startHostout(tool, "deploy");
    const ended = running.outcome.then(({ stdout, stderr }) => {
      throw new Error(`It never asked: ${stdout}${stderr}`);
    });
    await Promise.race([asked, ended]);
    await running.said("out: Installing app.\n");
    registry.closeAllConnections();
    running.child.kill("SIGINT");
    await running.outcome;
  },
);

// Hosts share the files that were read here, unless something in between may have changed them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

const FABFILE = `
import { writeFileSync } from "node:fs";
import { api } from "hostout/fabfile";

export async function name() {
  writeFileSync("files/name", api.env.path);
}
export async function deploy() {
  writeFileSync("files/before", api.env.path);
  await api.super();
}
`;

const NAMES = ["web1", "web2"];
let server: TestServer;
let project: TestProject;

beforeAll(async () => {
  server = await startSandboxServer();
  project = new TestProject({
    "prod.cfg": "[buildout]\nparts =\n",
    "files/name": "nobody",
    "files/before": "nobody",
    "fabfile.ts": FABFILE,
  });
});

afterAll(async () => {
  project?.remove();
  await server?.close();
});

const path = (name: string) => join(server.home, name);
const has = (name: string, file: string) => readFileSync(join(path(name), file), "utf8");

async function configure(options: Record<string, string>): Promise<void> {
  const parts = NAMES.map((name) => {
    const own = { include: "files", path: path(name), ...options };
    return `[${name}]\n${project.hostLines(server, own)}`;
  });
  project.write({ "buildout.cfg": `[buildout]\nparts = ${NAMES.join(" ")}\n${parts.join("")}` });
  expect((await project.buildout()).status).toBe(0);
}

async function succeed(...words: string[]): Promise<void> {
  const { status, stdout, stderr } = await project.hostout(...words);
  expect(status, stdout + stderr).toBe(0);
}

test("each host gets what a fabfile writes for it, before or within a deployment", async () => {
  await configure({ fabfiles: "fabfile.ts" });
  await succeed("all", "name", "deploy");
  for (const name of NAMES) {
    expect([has(name, "files/name"), has(name, "files/before")]).toEqual([path(name), path(name)]);
  }
});

test("a deployment has the files of the day, whatever an earlier one has read", async () => {
  await configure({});
  project.write({ "files/name": "everybody" });
  await succeed("all", "deploy");
  writeFileSync(join(project.directory, "files/name"), "somebody else");
  await succeed("all", "deploy");
  for (const name of NAMES) expect(has(name, "files/name")).toBe("somebody else");
});

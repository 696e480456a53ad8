// The text that a deployment in a GitHub Actions job adds to the summary of that job.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

let server: TestServer;
let project: TestProject;
let file: string;

beforeAll(async () => {
  server = await startSandboxServer();
  project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
  project.env.TOKEN = "correct-horse-battery";
  const host = (name: string) => {
    const path = join(server.home, name);
    const command = "sh -c 'echo ${secrets:token} >&2; exit 3'";
    const more = {
      path,
      "strict-commands": "true",
      "pre-commands": name === "web2" ? command : "",
      ...(name.startsWith("new") && {
        "accept-new": "false",
        "known-hosts": join(project.scratch, "none_known"),
      }),
    };
    return `[${name}]\n${project.hostLines(server, more)}`;
  };
  const names = ["web1", "web2", "new1", "new2"];
  project.write({
    "buildout.cfg": `[buildout]\nparts = ${names.join(" ")}\n${names.map(host).join("")}[secrets]\ntoken = env:TOKEN\n`,
  });
  expect(await project.buildout()).toMatchObject({ status: 0, stderr: "" });
  file = join(project.scratch, "summary");
  project.env.GITHUB_STEP_SUMMARY = file;
});

afterAll(async () => {
  project?.remove();
  await server?.close();
});

test("a plan, then the results of the hosts, are appended to the summary", async () => {
  writeFileSync(file, "# Tests\n");
  const { stdout } = await project.hostout("web1", "plan", "--format", "markdown");
  expect(readFileSync(file, "utf8")).toBe(`# Tests\n\n${stdout}`);
  const { status } = await project.hostout("-P", "web1", "web2", "deploy");
  expect(status).toBe(1);
  const text = readFileSync(file, "utf8").slice(`# Tests\n\n${stdout}`.length);
  expect(text).toMatch(/^\n## hostout deploy\n\n\| Host /);
  expect(text).toMatch(/^\| web1 \| done \| release 1 \([0-9a-f]{7}\) \| \d+ s \| {2}\|$/m);
  expect(text).toMatch(/^\| web2 \| failed \| {2}\| \d+ s \| .+ \|$/m);
  expect(text).not.toContain("correct-horse-battery");
  expect(text.endsWith("\n1 of 2 hosts done, 1 failed.\n")).toBe(true);
});

test("questions that nobody can answer", async () => {
  writeFileSync(file, "");
  const { status } = await project.hostout("-P", "new1", "new2", "deploy");
  expect(status).toBe(1);
  expect(readFileSync(file, "utf8")).toMatch(
    /^## hostout deploy\n\nThe host key of 127\.0\.0\.1 port \d+ is not known: ssh-ed25519 SHA256.*\n$/,
  );
});

test("a command that changes nothing adds nothing", async () => {
  writeFileSync(file, "");
  expect((await project.hostout("web1", "run", "true")).status).toBe(0);
  expect(readFileSync(file, "utf8")).toBe("");
});

test("a file that cannot be written is a warning", async () => {
  mkdirSync(join(project.scratch, "folder"));
  project.env.GITHUB_STEP_SUMMARY = join(project.scratch, "folder");
  const { status, stderr } = await project.hostout("web1", "deploy");
  expect(status).toBe(0);
  expect(stderr).toMatch(/^Warning: Cannot write the job summary to .*\n$/);
});

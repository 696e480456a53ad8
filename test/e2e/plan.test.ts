import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

const files = {
  "prod.cfg": `[buildout]
parts = page
[page]
recipe = collective.recipe.template
output = parts/page/index.html
input = files/page.in
port = 8080
`,
  "files/page.in": "one\n",
  "files/old.txt": "old\n",
};

let server: TestServer;
let project: TestProject;

beforeAll(async () => {
  server = await startSandboxServer();
  project = new TestProject(files);
  project.write({
    "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${project.hostLines(server, {
      include: "files",
      "pre-commands": "true",
      "post-commands": "echo done",
    })}`,
  });
  expect((await project.buildout()).status).toBe(0);
});

afterAll(async () => {
  project?.remove();
  await server?.close();
});

/** Everything below a directory: kind, mode, size, times and content. */
function picture(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .concat(".")
    .sort()
    .map((name) => {
      const path = join(directory, name);
      const { mode, size, mtimeMs, ctimeMs } = lstatSync(path);
      const content = lstatSync(path).isSymbolicLink()
        ? readlinkSync(path)
        : statSync(path).isFile()
          ? createHash("sha256").update(readFileSync(path)).digest("hex")
          : "";
      return [name, mode, size, mtimeMs, ctimeMs, content].join(" ");
    });
}

const plan = (...args: string[]) => project.hostout("host1", "plan", ...args);

test("before the first deployment everything is to be installed", async () => {
  const { status, stdout } = await project.hostout("host1", "deploy", "--plan");
  expect(stdout).toContain("host1  nothing deployed  ->  ");
  expect(stdout).toMatch(/^Host +(?:= Node .*\n +)?\+ the buildout engine \(engine-\w+\.mjs\)$/m);
  expect(stdout).toMatch(/^Files +\+ files\/old\.txt\n +\+ files\/page\.in\n +\+ prod\.cfg$/m);
  expect(stdout).toMatch(/^Parts +\+ page \(collective\.recipe\.template\)$/m);
  expect(stdout).toMatch(/^Commands +before: true\n +after: echo done$/m);
  expect(stdout).toMatch(/^0 packages, 0 versions, 3 files, 1 part; .* Nothing was changed\.$/m);
  expect(status).toBe(0);
  expect(readdirSync(server.home)).toEqual([]);
});

test("a plan of what is deployed already has nothing to do", async () => {
  expect((await project.hostout("host1", "deploy")).status).toBe(0);
  const { status, stdout } = await plan("--detailed-exitcode");
  expect(stdout).toMatch(/^Parts += page$/m);
  expect(stdout).toContain("Nothing to do. Nothing was changed.");
  expect(status).toBe(0);
});

test("a plan shows files, parts and hand edits, and leaves the host as it is", async () => {
  project.write({
    "files/page.in": "two\n",
    "files/new.in": "new\n",
    "prod.cfg": `[buildout]
parts = page other
[page]
recipe = collective.recipe.template
output = parts/page/index.html
input = files/page.in
port = 8081
[other]
recipe = collective.recipe.template
input = files/new.in
output = parts/page/other.html
`,
  });
  rmSync(join(project.directory, "files/old.txt"));
  const before = picture(server.home);
  const temporary = () => readdirSync(tmpdir()).filter((name) => name.startsWith("hostout-plan."));
  const { status, stdout, stderr } = await plan("--detailed-exitcode");
  expect(stderr).toBe("");
  expect(stdout.slice(stdout.indexOf("Files"))).toBe(`Files      + files/new.in
           - files/old.txt
           ~ files/page.in
           ~ prod.cfg
           @@ files/new.in @@
           @@ -0,0 +1 @@
           +new
           @@ files/page.in @@
           @@ -1 +1 @@
           -one
           +two
           @@ prod.cfg @@
           @@ -1,7 +1,11 @@
            [buildout]
           -parts = page
           +parts = page other
            [page]
            recipe = collective.recipe.template
            output = parts/page/index.html
            input = files/page.in
           -port = 8080
           +port = 8081
           +[other]
           +recipe = collective.recipe.template
           +input = files/new.in
           +output = parts/page/other.html
Parts      ~ page (collective.recipe.template)
               port: 8080 -> 8081
           + other (collective.recipe.template)
Commands   before: true
           after: echo done
0 packages, 0 versions, 4 files, 2 parts; ${/\d+ B/.exec(stdout)?.[0]} to send; sudo: no. Nothing was changed.
Done.
`);
  expect(status).toBe(2);
  expect(picture(server.home)).toEqual(before);
  expect(temporary()).toEqual([]);
});

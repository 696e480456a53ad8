import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VERSION } from "../../src/program/version.ts";
import type { TestProject } from "../support/deploy-project.ts";
import { PAGE_BUILDOUT, startPageHost } from "../support/page-host.ts";
import { stepsOf } from "../support/plan-events.ts";
import { eventually, type TestServer } from "../support/servers.ts";
import { picture } from "../support/tree-picture.ts";

const files = {
  "prod.cfg": `${PAGE_BUILDOUT}port = 8080\n`,
  "files/page.in": "one\n",
  "files/old.txt": "old\n",
};

let server: TestServer;
let project: TestProject;
let app: string;
let close: (() => Promise<void>) | undefined;

/** buildout.cfg with one host, and more options of it. */
function writeConfiguration(options: Record<string, string>, more = ""): void {
  const lines = project.hostLines(server, {
    include: "files",
    "pre-commands": "true",
    "post-commands": "echo done",
    ...options,
  });
  project.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}${more}` });
}

beforeAll(async () => {
  ({ server, project, app, close } = await startPageHost(files));
  writeConfiguration({});
  expect((await project.buildout()).status).toBe(0);
});

afterAll(() => close?.());

const plan = (...args: string[]) => project.hostout("host1", "plan", ...args);

test("before the first deployment everything is to be installed", async () => {
  const { status, stdout } = await project.hostout("host1", "deploy", "--plan");
  expect(stdout).toContain("host1  nothing deployed  ->  ");
  expect(stdout).toMatch(/^Host +(?:= Node .*\n +)?\+ the buildout engine \(engine-\w+\.cjs\)$/m);
  expect(stdout).toMatch(/^Files +\+ files\/old\.txt\n +\+ files\/page\.in\n +\+ prod\.cfg$/m);
  expect(stdout).toMatch(/^Parts +\+ page \(collective\.recipe\.template\)$/m);
  expect(stdout).toMatch(/^Commands +before: true\n +after: echo done$/m);
  expect(stdout).toMatch(/^0 packages, 0 versions, 3 files, 1 part; .* Nothing was changed\.$/m);
  expect(status).toBe(0);
  expect(readdirSync(server.home)).toEqual([]);
});

test("a plan for a release that is deployed already has nothing to do", async () => {
  expect((await project.hostout("host1", "deploy")).status).toBe(0);
  const { status, stdout } = await plan("--detailed-exitcode");
  expect(stdout).toMatch(/^Parts += page$/m);
  expect(stdout).toContain("Nothing to do. Nothing was changed.");
  expect(status).toBe(0);
});

test("a plan shows files, parts and hand edits, and does not change the host", async () => {
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
0 packages, 0 versions, 4 files, 2 parts; ${/[\d.]+ k?B/.exec(stdout)?.[0]} to send; sudo: no. Nothing was changed.
Done.
`);
  expect(status).toBe(2);
  expect(picture(server.home)).toEqual(before);
  // Processes of other tests end with their plans.
  const left = readdirSync(tmpdir()).filter((name) => name.startsWith("hostout-plan."));
  await eventually(() => {
    expect(left.filter((name) => existsSync(join(tmpdir(), name)))).toEqual([]);
  });
});

test("documents: markdown for people, JSON for programs, events", async () => {
  const markdown = await plan("--format", "markdown");
  expect(markdown.stdout).toMatch(/^## host1\n\nrelease 1 \(/);
  expect(markdown.stdout).toContain(
    "<details><summary>files/page.in</summary>\n\n```diff\n@@ -1 +1 @@\n-one\n+two\n```\n\n</details>",
  );
  expect(markdown.stdout).toMatch(/\*\*0 packages, 0 versions, 4 files, 2 parts; .*\*\*\n$/);
  const { stdout } = await plan("--format=json", "--diff=no");
  const [only] = JSON.parse(stdout) as [{ host: string; files: { path: string; diff?: string }[] }];
  expect(only.host).toBe("host1");
  expect(only.files.map(({ path, diff }) => [path, diff])).toEqual(
    ["files/new.in", "files/old.txt", "files/page.in", "prod.cfg"].map((path) => [path, undefined]),
  );
  const stat = await plan("--diff=stat");
  expect(stat.stdout).toMatch(/~ prod\.cfg \(\+6 -2\)$/m);
  expect(stat.stdout).not.toContain("@@");
});

test("a saved plan is followed, or refused if something has changed since", async () => {
  const file = join(project.scratch, "plan.json");
  const save = () => plan("--out", file);
  const follow = () => project.hostout("host1", "deploy", "--from", file);
  const refused = async (message: string | RegExp) => {
    const before = picture(app);
    const { status, stderr } = await follow();
    expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
    // The lock is taken and released.
    const own = /^(?:\.hostout(?:\/lock|\/working)?) /;
    const rest = (lines: string[]) => lines.filter((line) => !own.test(line));
    expect(rest(picture(app))).toEqual(rest(before));
  };
  expect((await save()).status).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  project.write({ "files/page.in": "three\n" });
  await refused(
    /host1 would get release \w+, but the plan has \w+: files of the project have changed\./,
  );
  project.write({ "files/page.in": "two\n" });
  writeFileSync(join(app, "files/page.in"), "by hand\n");
  await refused("host1 has files that were changed by hand since the plan was made.");
  await save();
  writeFileSync(join(app, "files/page.in"), "by hand again\n");
  await refused("host1 has files that were changed by hand since the plan was made.");
  await save();
  const { steps } = JSON.parse(readFileSync(file, "utf8")).hosts.host1;
  const { status, stdout } = await project.hostout("host1", "deploy", "--from", file, "--json");
  expect(status).toBe(0);
  expect(stepsOf(stdout)).toEqual(steps);
  expect(readFileSync(join(app, "files/page.in"), "utf8")).toBe("two\n");
  await refused("host1 is at release 2, but the plan was made at 1.");
  await save();
  writeConfiguration({ "post-commands": "echo other" });
  expect((await project.buildout()).status).toBe(0);
  await refused("host1 has different options than when the plan was made.");
  writeConfiguration({});
  expect((await project.buildout()).status).toBe(0);
});

test("a file of --from that is not a plan for this host is refused", async () => {
  const file = join(project.scratch, "other.json");
  const follow = async (text: string) => {
    writeFileSync(file, text);
    const { status, stderr } = await project.hostout("host1", "deploy", "--from", file);
    expect(status).toBe(1);
    return stderr;
  };
  expect(await follow("{")).toContain(`${file} is not a plan.`);
  expect(await follow("[]")).toContain(`${file} is not a plan.`);
  const made = (plan: object) => JSON.stringify({ plan: 2, tool: VERSION, ...plan });
  expect(await follow('{"plan": 1, "hosts": {}}')).toContain(
    `of another version of hostout; this is version ${VERSION}.`,
  );
  expect(await follow(made({ tool: "2.0.0", hosts: {} }))).toContain("a plan of version 2.0.0 of ");
  expect(await follow(made({ hosts: {} }))).toContain("no plan for host1, only for no host");
  expect(await follow(made({ hosts: { host1: {} } }))).toContain("is not a plan.");
  expect((await plan("--out", file)).status).toBe(0);
  const saved = readFileSync(file, "utf8");
  expect(await follow(saved.replace(JSON.stringify(app), '"/elsewhere"'))).toContain(
    "The plan is for /elsewhere on ",
  );
  for (const other of [join(project.scratch, "none"), "/dev/zero", project.scratch]) {
    const { status, stderr } = await project.hostout("host1", "deploy", "--from", other);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`Cannot read ${other}: `)]);
  }
});

test("options of plans require a plan", async () => {
  const usage = async (...words: string[]) => {
    const { status, stdout, stderr } = await project.hostout("host1", ...words);
    expect([status, stdout]).toEqual([2, ""]);
    return stderr;
  };
  expect(await usage("releases", "--plan")).toContain("'releases' has no option '--plan'.");
  expect(await usage("predeploy", "deploy", "--plan")).toContain(
    "'--plan' works only with 'deploy'.",
  );
  expect(await usage("deploy", "--out", "x")).toContain("'--out' works only with 'deploy --plan'.");
  expect(await usage("plan", "--from", "x")).toContain("'--from' works only with 'deploy'");
  expect(await usage("plan", "--diff=ful")).toContain("Did you mean 'full'?");
  const both = await plan("--format=json", "--json");
  expect([both.status, both.stdout]).toEqual([
    2,
    expect.stringContaining("cannot be used together"),
  ]);
});

test("hand edits on the host are shown as they are", async () => {
  project.write({ "files/a": "a\n", "files/b": "b\n", "files/c": "c\n" });
  expect((await project.hostout("host1", "deploy")).status).toBe(0);
  writeFileSync(join(app, "files/a"), "A\n");
  rmSync(join(app, "files/b"));
  rmSync(join(app, "files/c"));
  symlinkSync("a", join(app, "files/c"));
  const { stdout } = await plan();
  expect(stdout).toContain(`
Files      ! files/a was changed on the host
           ! files/b was removed on the host
           ! files/c was replaced by another kind of file on the host
           @@ files/a @@
           @@ -1 +1 @@
           -A
           +a
`);
  expect((await plan("--keep-drift")).stdout).toContain(
    "! files/a was changed on the host and is kept",
  );
  expect((await project.hostout("host1", "deploy")).status).toBe(0);
});

test("no secret is in a plan", async () => {
  const secrets = [
    "canary-option",
    "canary-index",
    "canary-private",
    "canary-value",
    "canary-command",
  ];
  project.env.CANARY = "canary-value";
  project.env.CANARY_COMMAND = "canary-command";
  writeConfiguration(
    { "post-commands": "echo ${secrets:command}" },
    "[secrets]\ncommand = env:CANARY_COMMAND\n",
  );
  project.write({
    "prod.cfg": `[buildout]
parts = page
[secrets]
key = env:CANARY
[page]
recipe = collective.recipe.template
output = parts/page/index.html
input = files/page.in
password = canary-option
key = \${secrets:key}
index = https://ann:canary-index@example.org/
`,
    "files/private": "canary-private\n",
  });
  chmodSync(join(project.directory, "files/private"), 0o600);
  expect((await project.buildout()).status).toBe(0);
  const file = join(project.scratch, "secret.json");
  const outputs = [
    await plan("--out", file),
    await plan("--json"),
    await plan("--format=markdown"),
    await plan("--format=json"),
    await project.hostout("host1", "deploy", "--from", file),
    await plan(),
  ].map(({ status, stdout, stderr }) => `${status}\n${stdout}${stderr}`);
  expect(outputs.map((text) => text[0])).toEqual(["0", "0", "0", "0", "0", "0"]);
  for (const secret of secrets) {
    for (const text of [...outputs, readFileSync(file, "utf8")]) expect(text).not.toContain(secret);
  }
  expect(outputs[0]).toContain("+ files/private (private, 15 B)");
  expect(outputs[0]).toContain("+password = ***");
  expect(outputs[0]).toContain("after: echo ***");
  expect(outputs[5]).toContain("Nothing to do.");
});

test("fabfile commands that replace steps are named, and do not run", async () => {
  project.write({
    "fabfile.mjs": `export function predeploy() { console.log("mine"); }
export function plan() { console.log("mine"); }
`,
  });
  writeConfiguration({ fabfiles: "fabfile.mjs" });
  expect((await project.buildout()).status).toBe(0);
  const { stdout } = await project.hostout("host1", "deploy", "--plan");
  expect(stdout).toContain("'predeploy' is overridden by fabfile.mjs; its effects are unknown");
  expect(stdout).not.toContain("mine");
});

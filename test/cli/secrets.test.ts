import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { pythonProject } from "../support/bridge-project.ts";
import { command, environment, project } from "../support/command-project.ts";

const CANARY = { env: 'canary-"env"-1', file: "canary/file&2", cmd: "canary-cmd-3" };

const SECRETS = `[secrets]
db = env:DB_PASSWORD
token = file:token.txt
key = cmd:cat key.txt
unneeded = cmd:touch ran; exit 1
plain = not a secret
`;

const CONFIGURATION = `[buildout]
parts = conf template
[conf]
recipe = ./conf.mjs
dsn = postgres://app:\${secrets:db}@localhost/app
token = \${secrets:token}
[template]
recipe = collective.recipe.template
input = site.in
output = site.conf
${SECRETS}`;

const RECIPE = `import { writeFileSync } from "node:fs";
export default {
  description: "Writes its options.",
  install(part) {
    part.log.info("dsn is " + part.options.get("dsn"));
    writeFileSync("conf.txt", part.options.get("dsn") + part.options.get("token"));
    return ["conf.txt"];
  },
};
`;

function buildout(p: ReturnType<typeof project>, args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd: p.directory,
    env: { ...environment(p.directory), DB_PASSWORD: CANARY.env, ...env },
    encoding: "utf8",
  });
  return { status, out: p.plain(stdout), all: p.plain(stdout + stderr) };
}

function secretProject() {
  return project({
    "buildout.cfg": CONFIGURATION,
    "conf.mjs": RECIPE,
    "site.in": "key ${secrets:key}, ${secrets:plain}\n",
    "token.txt": `${CANARY.file}\n`,
    "key.txt": `${CANARY.cmd}\n`,
  });
}

const mode = (file: string) => statSync(file).mode & 0o777;
const canaries = [...Object.values(CANARY), JSON.stringify(CANARY.env).slice(1, -1)];
const leaks = (text: string) => canaries.filter((canary) => text.includes(canary));

test("secrets reach the files that need them and nothing else", () => {
  const p = secretProject();
  const { status, all } = buildout(p, ["-vv"]);
  expect(status, all).toBe(0);
  expect(all).toContain("conf: dsn is postgres://app:***@localhost/app\n");
  expect(p.read("conf.txt")).toBe(`postgres://app:${CANARY.env}@localhost/app${CANARY.file}`);
  expect(p.read("site.conf")).toBe(`key ${CANARY.cmd}, not a secret\n`);
  expect([mode(p.path("conf.txt")), mode(p.path("site.conf"))]).toEqual([0o600, 0o600]);
  expect(p.has("ran")).toBe(false);
  const shown = [all, p.read(".installed.cfg")];
  for (const args of [
    ["--json"],
    ["-vvD"],
    ["install", "--plan"],
    ["install", "--plan", "--json"],
    ["config"],
    ["annotate"],
    ["query", "secrets:db"],
  ]) {
    shown.push(buildout(p, args, { DB_PASSWORD: CANARY.env }).all);
  }
  expect(shown.flatMap(leaks)).toEqual([]);
  expect(mode(p.path(".installed.cfg.key"))).toBe(0o600);
});

test("a part is reinstalled when a secret that it holds has another value", () => {
  const p = secretProject();
  buildout(p, []);
  const again = buildout(p, []).out;
  expect(again).toContain("Updating conf.\n");
  expect(again).not.toContain("Uninstalling");
  const env = { DB_PASSWORD: "another-canary" };
  const plan = buildout(p, ["install", "--plan"], env);
  expect(plan.all).toContain("conf");
  expect(plan.all).not.toContain("another-canary");
  expect(buildout(p, [], env).out).toContain("Uninstalling conf.\nInstalling conf.\n");
  expect(p.read("conf.txt")).toContain("another-canary");
});

test("a secret without a value is an error that names its place", () => {
  const p = secretProject();
  const failed = (configuration: string, env: Record<string, string> = {}) => {
    p.write(
      "buildout.cfg",
      "[buildout]\nparts = conf\n[conf]\nrecipe = ./conf.mjs\ndsn = ${secrets:x}\n" +
        `[secrets]\nx = ${configuration}\n`,
    );
    const { status, all } = buildout(p, [], env);
    expect(status).toBe(1);
    expect(all).toContain("buildout.cfg:7");
    return all;
  };
  expect(failed("env:NOWHERE")).toContain("there is no environment variable NOWHERE.");
  expect(failed("env:EMPTY", { EMPTY: "" })).toContain("it is empty.");
  expect(failed("env:SHORT", { SHORT: "abc" })).toContain("it has fewer than 4 characters.");
  expect(failed("file:nowhere")).toContain("cannot read /p/nowhere");
  expect(failed("cmd:exit 3")).toContain("'exit 3' ended with status 3.");
});

test("giving others access to a file with a secret is worth a warning", () => {
  const p = secretProject();
  p.write("buildout.cfg", CONFIGURATION.replace("output =", "mode = 644\noutput ="));
  expect(buildout(p, []).all).toContain(
    "/p/site.conf contains a secret and is readable by everyone.",
  );
  expect(mode(p.path("site.conf"))).toBe(0o644);
});

const PYTHON_RECIPE = `import os
import subprocess


class Recipe:
    def __init__(self, buildout, name, options):
        self.options = options
        self.direct = buildout["secrets"]["direct"]

    def install(self):
        with open("python.txt", "w") as file:
            file.write(self.options["mode"] + " " + self.direct)
        subprocess.check_call(["touch", "child.txt"])
        return ["python.txt", "child.txt"]

    update = install
`;

test("a recipe in Python gets them, too, and its files are as private", async () => {
  const p = pythonProject(
    ["folders"],
    "parts = one two\n[one]\nrecipe = demo.recipe.folders\nmode = ${secrets:mode}\n" +
      "[two]\nrecipe = collective.recipe.template\ninline = ${buildout:directory}\noutput = two.txt\n" +
      "[secrets]\nmode = env:CANARY_1\ndirect = env:CANARY_2\n",
    { CANARY_1: "canary-one", CANARY_2: "canary-two" },
  );
  p.write("src/folders/demo_recipe_folders.py", PYTHON_RECIPE);
  const { status, out, err } = await p.buildout("-vv");
  expect(status, out + err).toBe(0);
  expect(p.read("python.txt")).toBe("canary-one canary-two");
  const modes = ["python.txt", "child.txt", "two.txt"].map((name) => mode(p.path(name)));
  expect(modes).toEqual([0o600, 0o600, 0o666 & ~process.umask()]);
  for (const text of [out, err, p.read(".installed.cfg")]) expect(text).not.toMatch(/canary-/);
});

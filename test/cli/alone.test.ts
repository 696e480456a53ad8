/** One buildout at a time in a directory, as its users see it: processes. */
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { command, environment, project } from "../support/command-project.ts";
import { type Running, start } from "../support/running.ts";

/** Waits while the file `wait` exists. */
const SLOW = `import { existsSync } from "node:fs";
export default {
  description: "waits",
  async install(part) {
    part.log.info("begun");
    while (existsSync("wait")) await new Promise((done) => setTimeout(done, 10));
    return [];
  },
  update() {},
};`;
/** Runs a buildout itself, in the directory that `in` names. */
const INNER = `import { spawnSync } from "node:child_process";
export default {
  description: "runs a buildout",
  install(part) {
    const options = ["install", "inner"];
    const { status, stdout, stderr } = spawnSync(process.execPath, [process.argv[1], ...options], {
      cwd: part.options.get("in"),
      encoding: "utf8",
    });
    part.log.info("inner ended with " + status + "\\n" + stdout + stderr);
    return [];
  },
  update() {},
};`;
const FILES = {
  "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = ./slow.mjs\n",
  "slow.mjs": SLOW,
  wait: "",
};

function begin(p: ReturnType<typeof project>, ...options: string[]): Running {
  const env = environment(p.directory);
  return start(process.execPath, [command, ...options], { cwd: p.directory, env });
}

/** A buildout at work in the project, which ends with the file `wait`. */
async function working(p: ReturnType<typeof project>): Promise<Running> {
  const first = begin(p);
  await first.said("begun");
  return first;
}

test("a second one says what it is waiting for, and runs when that has ended", async () => {
  const p = project(FILES);
  const first = await working(p);
  const second = begin(p);
  const waits = new Promise<string>((resolve) => {
    let text = "";
    for (const stream of [second.child.stdout!, second.child.stderr!]) {
      stream.on("data", (data) => {
        text += data;
        if (text.includes("waiting for it to end")) resolve(p.plain(text));
      });
    }
  });
  expect(await waits).toMatch(
    new RegExp(
      `Another buildout is running in '/p' \\(pid ${first.child.pid}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\); waiting for it to end\\.`,
    ),
  );
  rmSync(p.path("wait"));
  expect((await first.outcome).status).toBe(0);
  const { status, stdout } = await second.outcome;
  expect(status).toBe(0);
  expect(stdout).toContain("Updating a.\n");
});

test("with --lock-wait it gives up, says who is running, and disturbs nothing", async () => {
  const p = project(FILES);
  const first = await working(p);
  const { status, stderr } = await begin(p, "--lock-wait=0").outcome;
  expect(status).toBe(1);
  expect(p.plain(stderr)).toContain(
    `Error: Another buildout is running in '/p' (pid ${first.child.pid}, since `,
  );
  rmSync(p.path("wait"));
  expect((await first.outcome).status).toBe(0);
  expect(p.buildout().out).toBe("Updating a.\n");
});

test("with --json the wait is an event", async () => {
  const p = project(FILES);
  const first = await working(p);
  const { stdout } = await begin(p, "--json", "--lock-wait=0").outcome;
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events).toContainEqual(
    expect.objectContaining({ type: "buildout-running", pid: first.child.pid }),
  );
  rmSync(p.path("wait"));
  expect((await first.outcome).status).toBe(0);
});

test("a killed one keeps nobody waiting", async () => {
  const p = project(FILES);
  const first = await working(p);
  first.child.kill("SIGKILL");
  await first.outcome;
  rmSync(p.path("wait"));
  expect(p.buildout("--lock-wait=0")).toMatchObject({ status: 0, err: "" });
});

test.each(["same", "other"])("a recipe may run a buildout in the %s directory", async (which) => {
  const inner = "[inner]\nrecipe = plone.recipe.command\ncommand = true\n";
  const p = project({
    "outer.mjs": INNER,
    "other/buildout.cfg": `[buildout]\nparts = inner\n${inner}`,
  });
  const place = which === "same" ? p.directory : p.path("other");
  p.write(
    "buildout.cfg",
    `[buildout]\nparts = outer\n[outer]\nrecipe = ./outer.mjs\nin = ${place}\n${inner}`,
  );
  const { status, stdout, stderr } = await begin(p).outcome;
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toContain("inner ended with 0");
  expect(stdout).toContain("Installing inner.");
});

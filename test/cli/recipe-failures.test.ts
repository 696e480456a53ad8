import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { command, environment, project } from "../support/command-project.ts";

/** A buildout whose part `a` is made by a recipe with this `install` function. */
const withRecipe = (install: string) =>
  project({
    "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = ./tools/own.ts\n",
    "tools/own.ts": `import { mkdirSync, writeFileSync } from "node:fs";
export default {
  description: "",
  ${install}
};
`,
  });

const made = 'mkdirSync("parts/a"); part.created("parts/a");';

describe("a recipe in TypeScript", () => {
  test("that throws is reported with the line, without a stack; what it made is removed", () => {
    const p = withRecipe(`install(part) { ${made} throw new TypeError("no good"); }`);
    const { status, err } = p.buildout();
    expect([status, err]).toEqual([
      1,
      "While:\n  Installing a.\n" +
        "Error: The recipe ./tools/own.ts of part a failed: TypeError: no good\n" +
        "  at tools/own.ts:4\n  Add -D to see the stack.\n",
    ]);
    expect(p.has("parts/a")).toBe(false);
    expect(p.buildout("-D").err).toMatch(/Caused by: TypeError: no good\n {4}at /);
  });

  test("that announced a path and did not make it is reported, as by zc.buildout", () => {
    const p = withRecipe(`install(part) { part.created("parts/a"); throw new Error("no good"); }`);
    expect(p.buildout().out + p.buildout().err).toContain("Couldn't clean up 'parts/a'.\n");
  });

  test.each([
    ["42", "install() returned 42 (number); it must return a path or a list of paths."],
    ["[1]", "install() returned 1 (number) among its paths; each must be a string."],
    ["({})", "install() returned something (object); it must return a path or a list of paths."],
  ])("that returns %s is reported, and what it made goes", (returned, message) => {
    const p = withRecipe(`async install(part) { ${made} return ${returned}; }`);
    const { status, err } = p.buildout();
    expect(status).toBe(1);
    expect(err).toContain(`The recipe ./tools/own.ts of part a failed: TypeError: ${message}\n`);
    expect(p.has("parts/a")).toBe(false);
  });

  test("that waits for nothing is reported, and the next run starts from the beginning", () => {
    const p = withRecipe(`async install(part) { ${made} await new Promise(() => {}); }`);
    for (let run = 0; run < 2; run++) {
      const { status, err } = p.buildout();
      expect(status).toBe(1);
      expect(err).toContain(
        "Error: The recipe ./tools/own.ts of part a waits for something that never happens",
      );
      expect(p.has("parts/a")).toBe(false);
    }
  });

  test("that never returns ends with Ctrl-C, and what it made is removed", async () => {
    const p = withRecipe(`async install(part) {
      ${made} writeFileSync("started", "");
      await new Promise((done) => setTimeout(done, 1e9));
    }`);
    const child = spawn(process.execPath, [command], {
      cwd: p.directory,
      env: environment(p.directory),
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await vi.waitUntil(() => existsSync(p.path("started")), { timeout: 120_000 });
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(p.has("parts/a")).toBe(false);
  });
});

test("what a killed recipe made is removed by the next run", async () => {
  const p = withRecipe(`install(part) { ${made} writeFileSync("started", ""); for (;;); }`);
  const child = spawn(process.execPath, [command], {
    cwd: p.directory,
    env: environment(p.directory),
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  await vi.waitUntil(() => existsSync(p.path("started")), { timeout: 120_000 });
  child.kill("SIGQUIT");
  expect(await ended).toBe("SIGQUIT");
  expect(p.has("parts/a")).toBe(true);
  expect(p.buildout("buildout:parts=").status).toBe(0);
  expect(p.has("parts/a")).toBe(false);
});

test.runIf(process.platform === "linux")("a directory that cannot be created is an error", () => {
  const p = project({ "buildout.cfg": "[buildout]\nparts =\neggs-directory = /proc/eggs\n" });
  const { status, stderr } = spawnSync(process.execPath, [command], {
    cwd: p.directory,
    env: environment(p.directory),
    encoding: "utf8",
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("Couldn't create directory '/proc/eggs");
});

/** The cost of a buildout with recipes in Python when there is nothing to do. */
import { expect, test } from "vitest";
import { pythonProject } from "../support/bridge-project.ts";
import { PYTHON } from "../support/python-workspace.ts";

/** Notes each program that the engine starts, one a line. */
const NOTE = `
const processes = require("node:child_process");
for (const name of ["spawn", "spawnSync", "execFile", "execFileSync", "exec", "execSync"]) {
  const start = processes[name];
  processes[name] = (program, ...more) => {
    const words = Array.isArray(more[0]) ? more[0] : [];
    require("node:fs").appendFileSync(process.env.STARTED, JSON.stringify([program, ...words]) + "\\n");
    return start(program, ...more);
  };
}
require("node:module").syncBuiltinESMExports();
`;

test("one Python is started, for all of them, and no pip", async () => {
  const parts = ["one", "two", "three"];
  const sections = parts.map((name) => `[${name}]\nrecipe = demo.recipe.folders\n`);
  const env: Record<string, string> = {};
  const head = `parts = ${parts.join(" ")}\nexecutable = ${PYTHON}\n`;
  const p = pythonProject(["folders"], `${head}${sections.join("")}`, env);
  p.write("note.cjs", NOTE);
  Object.assign(env, { NODE_OPTIONS: `-r ${p.path("note.cjs")}`, STARTED: p.path("started") });
  const started = () => p.read("started").split("\n").slice(0, -1);
  expect((await p.buildout()).err).toBe("");
  expect(started().length).toBeGreaterThan(1);
  p.write("started", "");
  const { status, out } = await p.buildout();
  expect([status, out]).toEqual([0, parts.map((name) => `Updating ${name}.\n`).join("")]);
  expect(started()).toEqual([expect.stringContaining(`["${PYTHON}","-u","-c",`)]);
});

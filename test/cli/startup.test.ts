import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { command, environment, project, root } from "../support/command-project.ts";
import { PYTHON } from "../support/python-workspace.ts";

const LIST = `process.on("exit", () => {
  const { moduleLoadList } = process;
  process.stderr.write(JSON.stringify(moduleLoadList.filter((name) => name.startsWith("NativeModule "))));
});`;

const TEMPLATE =
  "[buildout]\nparts = a\n[a]\nrecipe = collective.recipe.template\n" +
  "output = ${buildout:parts-directory}/a.txt\ninline = text\n";

test("a run with nothing to do loads none of Node's large modules", () => {
  const p = project({
    "buildout.cfg": TEMPLATE,
    "list.cjs": LIST,
  });
  expect(p.buildout().status).toBe(0);
  const { stderr } = spawnSync(process.execPath, ["-r", p.path("list.cjs"), command], {
    cwd: p.directory,
    env: environment(p.directory),
    encoding: "utf8",
  });
  const loaded = JSON.parse(stderr) as string[];
  expect(loaded).toContain("NativeModule fs");
  // The lock of the directory is a listening socket, but node:net would load these to listen (6 ms).
  const forListening = ["child_process", "cluster", "dgram"];
  for (const name of [...forListening, "crypto", "http", "https", "perf_hooks", "tls", "zlib"]) {
    expect(loaded).not.toContain(`NativeModule ${name}`);
  }
});

const ORDER = `const vm = require("node:vm");
const children = require("node:child_process");
const { basename } = require("node:path");
const { Script } = vm;
const { spawn } = children;
const order = [];
vm.Script = class extends Script {
  constructor(text, options) {
    super(text, options);
    order.push(basename(options.filename));
  }
};
children.spawn = (...args) => {
  order.push("Python");
  return spawn(...args);
};
process.on("exit", () => process.stderr.write(JSON.stringify(order)));`;

test("Python starts before the modules that talk to it are loaded", () => {
  const p = project({
    "buildout.cfg":
      `[buildout]\nnative-recipes = false\nparts = a\nexecutable = ${PYTHON}\n` +
      "[a]\nrecipe = zc.recipe.egg\neggs =\n",
    "order.cjs": ORDER,
  });
  expect(p.buildout()).toMatchObject({ status: 0, err: "" });
  const { stderr } = spawnSync(process.execPath, ["-r", p.path("order.cjs"), command], {
    cwd: p.directory,
    env: environment(p.directory),
    encoding: "utf8",
  });
  const order = JSON.parse(stderr) as string[];
  expect(order).toEqual(["buildout.js", "Python", "buildout.rest.js"]);
});

/** A copy of the commands without compiled code, in which they record what they ran. */
function copiedCommands() {
  const p = project({ "buildout.cfg": TEMPLATE });
  const folder = p.path("hostout");
  const isCode = (path: string) => basename(path) !== ".compiled";
  for (const name of ["bin", "dist/cli", "dist/programs", "package.json"]) {
    cpSync(join(root, name), join(folder, name), { recursive: true, filter: isCode });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const compiled = join(folder, "dist/programs/.compiled");
  return {
    ...p,
    run: (...args: string[]) => p.runProgram(join(folder, "bin/buildout"), ...args),
    compiled: () => readdirSync(compiled).map((name) => name.replace(/-.*/, "")),
    file: () => join(compiled, readdirSync(compiled)[0]!),
  };
}

const modulesOf = (code: Buffer) =>
  code.toString("latin1", 0, code.indexOf("\n")).split("\0").slice(3);

test("a run of one template loads no more of our modules than it needs", () => {
  const p = copiedCommands();
  expect(p.run()).toMatchObject({ status: 0, err: "" });
  const modules = modulesOf(readFileSync(p.file()));
  const bytes = modules.reduce((sum, file) => sum + statSync(join(root, file)).size, 0);
  // Without `withDirectImports` (build/direct-imports.mjs) it is 179 modules and 638 kB.
  expect(modules).toContain("src/buildout/run/install.ts");
  expect(modules).toContain("recipes/template/index.ts");
  expect(modules.length).toBeLessThanOrEqual(125);
  expect(bytes).toBeLessThan(460_000);
  // All of them are in the core of the program, which is little more than that.
  expect(p.compiled()).toEqual(["buildout"]);
  const size = (name: string) => statSync(join(root, "dist/programs", name)).size;
  expect(size("buildout.js")).toBeLessThan(0.5 * size("buildout.rest.js"));
});

test("compiled code is kept until a run needs more of it or cannot use it", () => {
  const p = copiedCommands();
  const run = (...args: string[]) => {
    expect(p.run(...args)).toMatchObject({ status: 0, err: "" });
    return readFileSync(p.file());
  };
  run();
  const kept = run();
  expect(run().equals(kept)).toBe(true);
  const more = run("buildout:parts=b", "b:recipe=z3c.recipe.mkdir", "b:paths=made");
  expect(modulesOf(more)).toEqual(expect.arrayContaining(modulesOf(kept)));
  expect(modulesOf(more).length).toBeGreaterThan(modulesOf(kept).length);
  writeFileSync(p.file(), more.subarray(0, more.indexOf("\n") + 1 + 100));
  expect(run().length).toBeGreaterThan(kept.length / 2);
});

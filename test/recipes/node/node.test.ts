import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { execaSync } from "execa";
import { describe, expect, test } from "vitest";
import recipe from "../../../recipes/node/index.ts";
import { releaseNodePackage } from "../../../src/distributions/release/node-release.ts";
import { developed } from "../../support/packages.ts";
import { timeOf } from "../../support/peer.ts";
import { makePart, type TestPartRequest } from "../../support/recipe-part.ts";
import { scratch, writeFiles as write } from "../../support/scratch.ts";

/** A directory with the packages `tool` (ES module) and `old` (CommonJS), each with a command. */
function sources() {
  const directory = path.join(scratch(), "it's a buildout");
  mkdirSync(directory);
  const print = "process.argv.slice(2).join('|')";
  write(directory, {
    "src/tool/package.json": {
      name: "tool",
      version: "1.0.0",
      type: "module",
      exports: "./lib/index.js",
      bin: { tool: "bin/tool.js", "tool-pid": "bin/pid.js" },
      dependencies: { "escape-html": "^1.0.0", old: "^2.0.0" },
    },
    "src/tool/lib/index.js": 'import escape from "escape-html"; export default escape;',
    "src/tool/bin/tool.js": `import escape from "../lib/index.js"; import old from "old";
      console.log(escape("<esm>"), old, ${print});`,
    "src/tool/bin/pid.js": `process.on("SIGTERM", () => { console.log("bye"); process.exit(7); });
      setInterval(() => {}, 1000);
      console.log(process.pid);`,
    "src/old/package.json": {
      name: "old",
      version: "2.0.0",
      main: "main.js",
      bin: "command",
      dependencies: { ms: "2.1.2" },
    },
    "src/old/main.js": 'module.exports = require("ms")(60000);',
    "src/old/command": `#!/usr/bin/env node\nconsole.log("cjs", require("./main"), ${print});`,
  });
  return { directory, developPackages: ["tool", "old"].map((name) => source(directory, name)) };
}

const source = (directory: string, name: string) =>
  developed(path.join(directory, "src", name), name, name === "old" ? "2.0.0" : "1.0.0");

/** Installs a part as the engine would. */
async function install(options: Record<string, string>, more: TestPartRequest = {}) {
  const { directory, developPackages } = sources();
  const made = await makePart(recipe, {
    options,
    directory,
    ...more,
    buildout: { developPackages, ...more.buildout },
  });
  const installed = (await recipe.install(made.part as never)) as string[];
  const run = (script: string, ...args: string[]) =>
    execaSync(path.join(made.directory, "bin", script), args, { cwd: "/" }).stdout;
  return { ...made, installed, run };
}

describe("scripts", () => {
  test("run the commands of develop packages, ES modules and CommonJS, from anywhere", async () => {
    const { run, directory, lines, installed, created } = await install({ eggs: "tool\nold" });
    expect(run("tool", "a b", "$c")).toBe("&lt;esm&gt; 1m a b|$c");
    expect(run("old", "x")).toBe("cjs 1m x");
    write(directory, { "src/old/main.js": 'module.exports = "edited";' });
    expect(run("tool")).toBe("&lt;esm&gt; edited ");
    expect(lines).toEqual([
      "info: Getting npm packages: tool, old.",
      ...["tool", "tool-pid", "old"].map((n) => `info: Generated script '${directory}/bin/${n}'.`),
    ]);
    expect(installed).toEqual([
      path.join(directory, "parts/demo"),
      path.join(directory, "parts/demo/node_modules"),
      ...["tool", "tool-pid", "old"].map((name) => path.join(directory, "bin", name)),
    ]);
    expect(created).toEqual(installed);
  });

  test("become the program: same process id, signals and exit status reach it", async () => {
    const { directory } = await install({ eggs: "tool" });
    const child = spawn(path.join(directory, "bin/tool-pid"), { stdio: ["ignore", "pipe", 2] });
    let output = "";
    for await (const chunk of child.stdout!) {
      if (output === "") child.kill("SIGTERM");
      output += chunk;
    }
    expect(output).toBe(`${child.pid}\nbye\n`);
    expect(child.exitCode ?? (await new Promise((done) => child.on("exit", done)))).toBe(7);
  });

  test("can be chosen and renamed; a name that no package has is a warning", async () => {
    const { directory, lines, run } = await install({
      eggs: "tool",
      scripts: "tool=my-tool nothing",
    });
    expect(run("my-tool")).toContain("esm");
    expect(existsSync(path.join(directory, "bin/tool"))).toBe(false);
    expect(lines).toContain(
      "warning: Could not generate script 'nothing' as it is not defined in the egg entry points.",
    );
  });

  test("are not written with an empty option, and those of dependencies are on request", async () => {
    const none = await install({ eggs: "tool", scripts: "" });
    expect(existsSync(path.join(none.directory, "bin"))).toBe(false);
    const all = await install({ eggs: "tool", "dependent-scripts": "true" });
    expect(all.run("old")).toBe("cjs 1m ");
  });

  test("put the part's arguments before the caller's", async () => {
    const { run } = await install({ eggs: "old", arguments: "--config\n/a path/x.ini" });
    expect(run("old", "more")).toBe("cjs 1m --config|/a path/x.ini|more");
  });

  test("run commands that are no JavaScript as they are", async () => {
    const { directory, developPackages } = sources();
    write(directory, {
      "src/old/command": '#!/bin/sh\necho "sh $1"\n',
    });
    chmodSync(path.join(directory, "src/old/command"), 0o755);
    const { run } = await install({ eggs: "old" }, { directory, buildout: { developPackages } });
    expect(run("old", "x")).toBe("sh x");
  });

  test("run the node that is named", async () => {
    const { directory, developPackages } = sources();
    write(directory, { "my-node": `#!/bin/sh\necho "my node"\nexec ${process.execPath} "$@"\n` });
    chmodSync(path.join(directory, "my-node"), 0o755);
    const { run } = await install(
      { eggs: "old", node: "my-node" },
      { directory, buildout: { developPackages } },
    );
    expect(run("old")).toBe("my node\ncjs 1m ");
  });
});

describe("an interpreter", () => {
  test("finds the part's packages in a file, in -e and on standard input", async () => {
    const { directory, run, lines } = await install({ eggs: "tool", interpreter: "node-demo" });
    expect(lines).toContain(`info: Generated interpreter '${directory}/bin/node-demo'.`);
    const home = write(scratch(), {
      "a.mjs": 'import escape from "tool"; console.log(escape("<"), process.argv[2]);',
      "b.cjs": 'console.log(require("old"), process.argv[2]);',
      "c.mjs": 'import "./missing.mjs";',
    });
    expect(run("node-demo", path.join(home, "a.mjs"), "x")).toBe("&lt; x");
    expect(run("node-demo", path.join(home, "b.cjs"), "x")).toBe("1m x");
    expect(run("node-demo", "-p", 'require("old")')).toBe("1m");
    const code = 'import old from "old"; console.log(old)';
    expect(run("node-demo", "--input-type=module", "-e", code)).toBe("1m");
    const script = path.join(directory, "bin/node-demo");
    const repl = execaSync(script, ["-i"], { cwd: "/", input: 'require("old")\n' });
    expect(repl.stdout).toContain("'1m'");
    expect(() => run("node-demo", path.join(home, "c.mjs"))).toThrow(/Cannot find module/);
  });
});

describe("an update", () => {
  test("with nothing to do is quick, silent and writes nothing", async () => {
    const { part, lines, directory, installed } = await install({ eggs: "tool", interpreter: "i" });
    const script = path.join(directory, "bin/tool");
    const before = statSync(script).ino;
    lines.length = 0;
    const start = performance.now();
    expect(await recipe.update?.(part as never)).toEqual(installed.slice(1));
    expect(performance.now() - start).toBeLessThan(timeOf("npm", "--version"));
    expect(lines).toEqual([]);
    expect(statSync(script).ino).toBe(before);
  });

  test("follows the packages under development and repairs its scripts", async () => {
    const { part, directory, run } = await install({ eggs: "tool" });
    const file = path.join(directory, "src/tool/package.json");
    const manifest = JSON.parse(readFileSync(file, "utf8"));
    manifest.bin.second = "bin/tool.js";
    write(directory, { "src/tool/package.json": manifest, "bin/tool": "broken" });
    await recipe.update?.(part as never);
    expect(run("second")).toContain("esm");
    expect(run("tool")).toContain("esm");
  });
});

test("the part's name is its package if none is named; `location` is set early", async () => {
  const { run, part, directory } = await install({}, { name: "old" });
  expect(run("old")).toBe("cjs 1m ");
  expect(part.options.get("location")).toBe(path.join(directory, "parts/old"));
  expect((await recipe.distributions!(part as never)).map((d) => `${d.name} ${d.version}`)).toEqual(
    ["ms 2.1.2", "old 2.0.0"],
  );
});

test("allow-picked-versions = false refuses packages without a pin", async () => {
  const sections = { buildout: { "allow-picked-versions": "false" } };
  await expect(install({ eggs: "old" }, { sections })).rejects.toMatchObject({
    code: "unpinned-version",
    message: expect.stringContaining("ms = 2.1.2, required by old 2.0.0"),
  });
});

test("on a host the same part runs from uploaded releases", async () => {
  const { developPackages } = sources();
  const downloadCache = scratch();
  const dist = path.join(downloadCache, "dist");
  const releases = await Promise.all(developPackages.map((item) => releaseNodePackage(item, dist)));
  const versions = new Map(releases.map(({ name, version }) => [name, version]));
  const host = { developPackages: [], downloadCache, versions };
  const { run } = await install({ eggs: "tool" }, { directory: scratch(), buildout: host });
  expect(run("tool", "x")).toBe("&lt;esm&gt; 1m x");
});

import { execFileSync } from "node:child_process";
import { existsSync, realpathSync, renameSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import gpNode from "../../../recipes/gp-node/index.ts";
import { writeArchive } from "../../support/archives.ts";
import { project } from "../../support/engine-project.ts";

const npmCli = path.resolve(
  path.dirname(realpathSync(execFileSync("which", ["npm"], { encoding: "utf8" }).trim())),
  "npm-cli.js",
);

/** A buildout next to a distribution of node 9.9.9, which actually is the running node. */
function part(options: string) {
  const p = project(
    {
      "buildout.cfg": `[buildout]
parts = web
[web]
recipe = gp.recipe.node
binary-url = \${buildout:directory}/node-v{v}-{p}-{a}.tar.gz
version = 9.9.9
${options}
`,
      "tool/package.json": JSON.stringify({
        name: "tool",
        version: "1.0.0",
        bin: { tool: "tool.js", shell: "shell.sh" },
      }),
      "tool/tool.js":
        "#!/usr/bin/env node\nconsole.log(process.env.MARK, process.argv.slice(2), process.env.NODE_PATH)\n",
      "tool/shell.sh": '#!/bin/sh\necho "$1 from sh"\n',
    },
    { "gp.recipe.node": gpNode },
  );
  const name = `node-v9.9.9-${process.platform}-${process.arch}`;
  writeArchive(p.path(`${name}.tar.gz`), [
    {
      name: `${name}/bin/node`,
      data: `#!/bin/sh\nMARK=downloaded exec '${process.execPath}' "$@"\n`,
      mode: 0o755,
    },
    {
      name: `${name}/bin/npm`,
      data: `#!/usr/bin/env node\nrequire(${JSON.stringify(npmCli)})\n`,
      mode: 0o755,
    },
  ]);
  const run = (script: string, ...args: string[]) =>
    execFileSync(p.path(`bin/${script}`), args, { encoding: "utf8", cwd: "/" });
  return { ...p, script: run, name };
}

describe("node", () => {
  test("is downloaded once, and its commands are written", async () => {
    const p = part("");
    expect((await p.run()).text).toBe(
      `Installing web.\nweb: Using binary distribution at /p/${p.name}.tar.gz\n` +
        "Generated script '/p/bin/node'.\nGenerated script '/p/bin/npm'.\n",
    );
    expect(p.script("node", "-p", "process.env.MARK")).toBe("downloaded\n");
    expect(p.has(`parts/buildout-node/${p.name}/bin/node`)).toBe(true);
    expect((await p.run()).text).toBe("Updating web.\n");
  });

  test("can be an existing one", async () => {
    const p = part("binary = mine/bin/node");
    expect((await p.run()).error).toMatchObject({ code: "missing-file", location: { line: 7 } });
    await p.run({ assignments: ["web:binary="] });
    renameSync(p.path(`parts/buildout-node/${p.name}`), p.path("mine"));
    expect((await p.run()).error).toBeUndefined();
    expect(p.script("node", "-p", "process.env.MARK")).toBe("downloaded\n");
  });

  test("is not in just any archive", async () => {
    const p = part("url = ${buildout:directory}/x.tgz");
    writeArchive(p.path("x.tgz"), [{ name: "node-v1/configure", data: "x" }]);
    expect((await p.run()).error).toMatchObject({
      code: "no-node",
      location: { line: 7 },
      hint: expect.stringContaining("zc.recipe.cmmi"),
    });
  });
});

describe("packages", () => {
  test("are installed with their commands", async () => {
    const p = part("npms = ./tool\nnode-path = more");
    expect((await p.run()).error).toBeUndefined();
    expect(p.script("tool", "a b")).toBe(
      `downloaded [ 'a b' ] ${p.path("parts/web/lib/node_modules")}:${p.path("more")}\n`,
    );
    expect(p.script("shell", "hello")).toBe("hello from sh\n");
    p.write("buildout.cfg", "[buildout]\nparts =\n");
    await p.run();
    expect(p.has("bin/tool")).toBe(false);
  });

  test("can be moved with the buildout", async () => {
    const p = part("npms = ./tool\nscripts = tool\nrelative-paths = true");
    await p.run();
    expect(p.has("bin/shell")).toBe(false);
    const moved = `${p.directory} moved`;
    renameSync(p.directory, moved);
    try {
      const said = execFileSync(path.join(moved, "bin/tool"), ["x"], { encoding: "utf8" });
      expect(said).toContain(`downloaded [ 'x' ] ${moved}/parts/web/lib/node_modules`);
    } finally {
      renameSync(moved, p.directory);
    }
    expect(existsSync(moved)).toBe(false);
  });

  test("that lack such a command are an error that names the others", async () => {
    const p = part("npms = ./tool\nscripts = tol");
    const { error } = await p.run();
    expect(error).toMatchObject({ code: "missing-script", location: { line: 8 } });
    expect(error?.message).toMatch(
      /^Script\(s\) 'tol' not found in .*\nYou may have a typo in your buildout config.\nAvailable scripts are: 'node', 'npm', 'shell', 'tool'$/,
    );
    expect(error?.hint).toBe("Did you mean 'tool'?");
  });

  test("that npm cannot install are an error with its output", async () => {
    const { error } = await part("npms = ./no-such-folder").run();
    expect(error).toMatchObject({
      code: "npm-failed",
      message: "npm could not install ./no-such-folder.",
      output: expect.stringContaining("ENOENT"),
    });
  });
});

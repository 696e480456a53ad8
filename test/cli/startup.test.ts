import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { command, environment, project, root } from "../support/command-project.ts";

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
  // A listening socket is the lock of the directory: node:net loads child_process for it (4 ms).
  for (const name of ["crypto", "http", "https", "tls", "zlib"]) {
    expect(loaded).not.toContain(`NativeModule ${name}`);
  }
});

/** Writes the address of each module that is loaded to the file LOADED. */
const HOOKS = `
  import { appendFileSync } from "node:fs";
  export function load(url, context, next) {
    appendFileSync(process.env.LOADED, url + "\\n");
    return next(url, context);
  }
`;
const data = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
const REGISTER = data(`
  import { register } from "node:module";
  register(${JSON.stringify(data(HOOKS))});
`);

test("a run of one template loads no more of our modules than it needs", () => {
  const p = project({ "buildout.cfg": TEMPLATE });
  const { status, stderr } = spawnSync(process.execPath, ["--import", REGISTER, command], {
    cwd: p.directory,
    env: { ...environment(p.directory), LOADED: p.path("loaded") },
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  const urls = readFileSync(p.path("loaded"), "utf8").trim().split("\n");
  const files = urls.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
  const ours = new Set(files.filter((file) => file.startsWith(`${root}dist/`)));
  const bytes = [...ours].reduce((sum, file) => sum + statSync(file).size, 0);
  // Without the plugin `directImports` (build/direct-imports.mjs) it is 50 modules and 347 kB.
  expect(ours.size).toBeGreaterThan(10);
  expect(ours.size).toBeLessThanOrEqual(45);
  // 4 kB are for lost output, a working directory that is gone, secrets that were sent, the steps of
  // a plan, versions of native recipes, the lock that all versions of Node share, the directory
  // that a plan is for, and what chunks import that programs share.
  expect(bytes).toBeLessThan(315_400);
});

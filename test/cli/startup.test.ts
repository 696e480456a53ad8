import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { command, environment, project } from "../support/command-project.ts";

const LIST = `process.on("exit", () => {
  const { moduleLoadList } = process;
  process.stderr.write(JSON.stringify(moduleLoadList.filter((name) => name.startsWith("NativeModule "))));
});`;

test("a run with nothing to do loads none of Node's large modules", () => {
  const p = project({
    "buildout.cfg":
      "[buildout]\nparts = a\n[a]\nrecipe = collective.recipe.template\n" +
      "output = ${buildout:parts-directory}/a.txt\ninline = text\n",
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
  for (const name of ["crypto", "child_process", "http", "https", "tls", "zlib"]) {
    expect(loaded).not.toContain(`NativeModule ${name}`);
  }
});

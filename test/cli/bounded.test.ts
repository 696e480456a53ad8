/** Values that multiply each other end every command with an error, in little memory and time. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { command, environment } from "../support/command-project.ts";
import { scratchFiles } from "../support/scratch.ts";

test.each([
  ["a run", []],
  ["config", ["config"]],
  ["lint", ["lint"]],
  ["-v annotate", ["-v", "annotate"]],
  ["-v query", ["-v", "query", "a:x30"]],
])("%s", (_, args) => {
  const laughs = Array.from({ length: 30 }, (_, n) => `x${n + 1} = ${`\${:x${n}} `.repeat(10)}`);
  const files = scratchFiles({
    "buildout.cfg": `[buildout]\nparts = a\n[a]\nrecipe = z3c.recipe.mkdir\nx0 = lol\n${laughs.join("\n")}\n`,
  });
  const run = spawnSync(process.execPath, ["--max-old-space-size=128", command, ...args], {
    cwd: files.directory,
    env: environment(files.directory),
    encoding: "utf8",
    timeout: 120_000,
  });
  expect([run.signal, run.stdout + run.stderr]).toEqual([
    null,
    expect.not.stringMatching(/\n +at \S+ \(/),
  ]);
  // These show values as they are written.
  if (/annotate|query/.test(args.join())) expect(run.status).toBe(0);
  else {
    expect(run.status).toBe(1);
    expect(run.stdout + run.stderr).toContain("References expand to more than 67108864 ");
  }
});

/** A suite of doctests that did not run never counts as one without differences. */
import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { scratchFiles } from "../../support/scratch.ts";
import { recipeExamples } from "./recipe-examples.ts";
import type { Found } from "./table.ts";

/** The results for zc.recipe.cmmi, and the problems, if this program replaces the Python. */
function run(program: string): { found: Found[]; wrong: string[] } {
  const files = scratchFiles({ "recipes/zc.recipe.cmmi/setup.py": "", python: program });
  chmodSync(files.path("python"), 0o755);
  const wrong: string[] = [];
  const engines = ["theirs", "ours"] as const;
  const [recipes, python] = [files.path("recipes"), files.path("python")];
  return { found: recipeExamples(recipes, python, engines, () => true, wrong), wrong };
}

const example = (engine: number, given: object) => {
  const where = { document: "README", line: 1, touches: true, how: null, want: "", got: "" };
  return JSON.stringify({ ...where, engine, settled: "a", ...given });
};
const prints = (...lines: string[]) => `#!/bin/sh\ncat <<'END'\n${lines.join("\n")}\nEND\n`;

test.each([
  ["cannot start", "#!/bin/sh\necho told >&2\nexit 3\n", "did not run to their end: told"],
  ["is killed", "#!/bin/sh\nkill -9 $$\n", "did not run to their end: "],
  ["says nothing", "#!/bin/sh\n", "have nothing to compare."],
  ["starts no buildout", prints(example(1, { touches: false })), "have nothing to compare."],
])("one that %s is an error of the run", (_, program, reason) => {
  expect(run(program)).toEqual({
    found: [],
    wrong: [`The doctests of zc.recipe.cmmi ${reason}`],
  });
});

test.each([
  ["the same", "a", true],
  ["something else", "b", false],
])("one that the original answers with %s is compared", (_, settled, alike) => {
  const { found, wrong } = run(prints(example(0, { settled }), example(1, {})));
  expect(wrong).toEqual([]);
  expect(found).toMatchObject([{ where: "zc.recipe.cmmi/README:1", alike }]);
});

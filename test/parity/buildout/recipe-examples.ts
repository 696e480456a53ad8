/** The doctests of public recipes, run by `recipe_doctests.py` through this engine's native recipes. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Example } from "./examples.ts";
import { type Found, shortForm } from "./table.ts";

/**
 * Source tree -> the module with its test suite. Without documents that run a buildout, and so not listed:
 * plone.recipe.command and mr.developer (unit tests of their own classes), gp.recipe.node (unit tests that
 * download node), and collective.recipe.supervisor (no examples).
 */
const SUITES: Readonly<Record<string, string>> = {
  "zc.recipe.cmmi": "zc.recipe.cmmi.tests",
  "hexagonit.recipe.download": "hexagonit.recipe.download.tests",
  "hexagonit.recipe.cmmi": "hexagonit.recipe.cmmi.tests",
  "collective.recipe.template": "collective.recipe.template.tests",
  "collective.recipe.cmd": "collective.recipe.cmd.tests.test_docs",
  "zc.recipe.testrunner": "zc.recipe.testrunner.tests",
  "z3c.recipe.usercrontab": "z3c.recipe.usercrontab.tests",
  "z3c.recipe.mkdir": "z3c.recipe.mkdir.tests",
  "collective.recipe.omelette": "collective.recipe.omelette.tests.test_docs",
  // In Python here, too.
  "zc.recipe.deployment": "zc.recipe.deployment.tests",
};

/** The recipes that the tests of one use. */
const NEEDS: Readonly<Record<string, string>> = {
  "hexagonit.recipe.cmmi": "hexagonit.recipe.download",
};

/**
 * The recipes among the source trees in `checkouts`. If a document is outdated, the original's output counts.
 * A suite that does not finish, or has nothing to compare, is in `wrong`.
 */
export function recipeExamples(
  checkouts: string,
  python: string,
  [original, ours]: readonly [string, string],
  isWanted: (name: string) => boolean,
  wrong: string[],
): Found[] {
  const script = fileURLToPath(new URL("recipe_doctests.py", import.meta.url));
  const names = Object.keys(SUITES)
    .filter((name) => existsSync(join(checkouts, name)))
    .filter(isWanted);
  return names.flatMap((name) => {
    const trees = [name, ...(NEEDS[name] ? [NEEDS[name]] : [])].map((one) => join(checkouts, one));
    const words = [script, trees.join(":"), SUITES[name]!, original, ours];
    const run = spawnSync(python, words, {
      encoding: "utf8",
      maxBuffer: 1e9,
      env: { ...process.env, PYTHONWARNINGS: "ignore" },
    });
    if (run.status !== 0) {
      const reason = run.error?.message ?? run.stderr.trim();
      wrong.push(`The doctests of ${name} did not run to their end: ${reason}`);
      return [];
    }
    const all = run.stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line): Example & { engine: number } => JSON.parse(line));
    const theirs = all.filter(({ engine }) => engine === 0);
    const compared = all.filter(({ engine, touches }) => engine === 1 && touches);
    if (compared.length === 0) wrong.push(`The doctests of ${name} have nothing to compare.`);
    return compared.map(({ document, line, how, want, got, settled }) => {
      const their = theirs.find((one) => one.document === document && one.line === line);
      return {
        where: `${name}/${document}:${line}`,
        alike: how !== null || settled === their?.settled,
        shows: shortForm(settled),
        text: `--- wanted\n${want}\n--- zc.buildout\n${their?.got}\n--- this engine\n${got}`,
      };
    });
  });
}

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { execaSync } from "execa";
import { expect, test } from "vitest";
import recipe from "../../../recipes/testrunner/index.ts";
import { type EggPartRequest, makeEggPart, python } from "../../support/eggs.ts";
import { project } from "../../support/engine-project.ts";
import { indexMissing, startPackageIndex } from "../../support/index-server.ts";
import { makeDistribution } from "../../support/made-distributions.ts";
import { scratch } from "../../support/scratch.ts";

/** Installs a part for two develop packages. */
async function install(options: Record<string, string>, more: EggPartRequest = {}) {
  const directory = scratch();
  const distributions = ["src/hello.world", "src/ns.one", "eggs/zope.testrunner"].map((folder) =>
    makeDistribution(path.join(directory, folder), { name: path.basename(folder) }),
  );
  const made = await makeEggPart(recipe, {
    name: "test",
    directory,
    distributions,
    ...more,
    options: { eggs: "hello.world\nns-one", ...options },
  });
  const paths = (await recipe.install(made.part as never)) as string[];
  const text = (name: string) => readFileSync(path.join(directory, "bin", name), "utf8");
  return { ...made, directory, paths, text };
}

test("writes a script that runs the tests of the eggs in the part's directory", async () => {
  const { directory, paths, text, part, required, lines, created } = await install({});
  expect(text("test")).toBe(`#!${python}

import sys
sys.path[0:0] = [
  '${directory}/src/hello.world',
  '${directory}/src/ns.one',
  '${directory}/eggs/zope.testrunner',
  ]

import os
sys.argv[0] = os.path.abspath(sys.argv[0])
os.chdir('${directory}/parts/test')


import zope.testrunner

if __name__ == '__main__':
    sys.exit(zope.testrunner.run([
        '--test-path', '${directory}/src/hello.world',
        '--test-path', '${directory}/src/ns.one',
        ]))
`);
  expect(paths).toEqual([`${directory}/parts/test`, `${directory}/bin/test`]);
  expect(created).toEqual([`${directory}/parts/test`]);
  expect(existsSync(`${directory}/parts/test`)).toBe(true);
  expect(required).toEqual([["hello.world", "ns-one", "zope.testrunner"]]);
  expect(part.options.get("script")).toBe(`${directory}/bin/test`);
  expect(part.options.get("location")).toBe(`${directory}/parts/test`);
  expect(lines).toEqual([`info: Generated script '${directory}/bin/test'.`]);
});

test("with every option, and paths that move with the buildout", async () => {
  const { directory, paths, text, part } = await install(
    {
      eggs: "ns.one",
      script: "bin-test",
      defaults: "['--tests-pattern', '^f?tests$',\n'-v']",
      "working-directory": "src",
      environment: "env",
      initialization: 'print("init")\nx = 1',
      "relative-paths": "true",
      "extra-paths": "lib",
    },
    { sections: { env: { ZZ: `it's %d "x"`, A: "1" } } },
  );
  expect(text("bin-test")).toBe(`#!${python}

import os

join = os.path.join
base = os.path.dirname(os.path.abspath(os.path.realpath(__file__)))
base = os.path.dirname(base)

import sys
sys.path[0:0] = [
  join(base, 'src/hello.world'),
  join(base, 'src/ns.one'),
  join(base, 'eggs/zope.testrunner'),
  join(base, 'lib'),
  ]

import os
sys.argv[0] = os.path.abspath(sys.argv[0])
os.chdir(join(base, 'src'))
os.environ['ZZ'] = 'it\\'s %d "x"'
os.environ['A'] = '1'
print("init")
x = 1

import zope.testrunner

if __name__ == '__main__':
    sys.exit(zope.testrunner.run((['--tests-pattern', '^f?tests$',
'-v']) + [
        '--test-path', join(base, 'src/ns.one'),
        ]))
`);
  expect(paths).toEqual([`${directory}/bin/bin-test`]);
  expect(part.options.has("location")).toBe(false);
});

test("an egg that is not in the working set is an error, unless a marker leaves it out", async () => {
  await expect(install({ eggs: "gone>1" })).rejects.toMatchObject({
    code: "missing-distribution",
    message: "Requirement not found in working set: gone>1",
  });
  const { text } = await install({ eggs: "gone; python_version < '3'" });
  expect(text("test")).toContain("run([\n        ]))");
});

test.skipIf(indexMissing)("the script runs the tests of a develop package", async () => {
  const index = await startPackageIndex({
    only: ["zope.testrunner", "zope.interface", "zope.exceptions", "setuptools", "six"],
  });
  const made = project(
    {
      "buildout.cfg": `[buildout]
executable = ${python}
develop = src
index = ${index.url}
parts = test
[test]
recipe = zc.recipe.testrunner
eggs = greeting
defaults = ['--auto-progress', '-v']
environment = env
relative-paths = true
[env]
WORD = hello
`,
      "src/setup.py": `from setuptools import setup
setup(name="greeting", version="1.0", packages=["greeting"])
`,
      "src/greeting/__init__.py": "",
      "src/greeting/tests.py": `import os, unittest
class Test(unittest.TestCase):
    def test_word(self):
        self.assertEqual(os.environ["WORD"], "hello")
    def test_place(self):
        self.assertEqual(os.path.basename(os.getcwd()), "test")
    def test_fails(self):
        self.assertEqual(1, 2)
`,
    },
    { "zc.recipe.testrunner": recipe },
  );
  const { error, text } = await made.run();
  await index.close();
  expect(error).toBeUndefined();
  expect(text).toContain("Generated script '/p/bin/test'.");
  const run = (...args: string[]) =>
    execaSync(made.path("bin/test"), args, { cwd: "/", all: true, reject: false });
  expect(run("-t", "test_word", "-t", "test_place")).toMatchObject({
    exitCode: 0,
    all: expect.stringContaining("Ran 2 tests with 0 failures"),
  });
  const all = run();
  expect(all.exitCode).toBe(1);
  expect(all.all).toContain("Ran 3 tests with 1 failures");
  expect((await made.run({ assignments: ["buildout:newest=false"] })).text).toContain(
    "Updating test.\n",
  );
  await made.run({ assignments: ["buildout:parts="] });
  expect([made.has("bin/test"), made.has("parts/test")]).toEqual([false, false]);
});

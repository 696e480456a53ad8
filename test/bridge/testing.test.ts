import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { command, root } from "../support/command-project.ts";
import { scratchFiles } from "../support/scratch.ts";

const DOCUMENT = `
The recipe is brought to life alone:

    >>> import zc.buildout.testing
    >>> alone = zc.buildout.testing.Buildout()
    >>> alone.parse('''
    ... [part]
    ... word = \${other:word}
    ... [other]
    ... word = hello
    ... ''')
    >>> import zc.recipe.greet
    >>> recipe = zc.recipe.greet.Recipe(alone, 'part', alone['part'])
    >>> [path] = recipe.install()
    >>> cat(path)
    hello

    >>> alone['part']['missing']
    Traceback (most recent call last):
    ...
    zc.buildout.buildout.MissingOption: Missing option: part:missing

And by the engine:

    >>> write('buildout.cfg', '''
    ... [buildout]
    ... parts = greet
    ... [greet]
    ... recipe = demo.greet
    ... word = good morning
    ... ''')
    >>> print_(system(buildout), end='')
    Installing greet.
    >>> cat('parts', 'greet')
    good morning
    >>> ls(sample_buildout)
    -  .installed.cfg
    d  bin
    -  buildout.cfg
    d  develop-eggs
    d  eggs
    d  parts
    >>> print_(system(buildout + ' query greet:word', with_exit_code=True))
    good morning
    EXIT CODE: 0

    >>> mkdir('served'); write('served', 'a.txt', 'A file.')
    >>> server = start_server('served')
    >>> get(server + 'a.txt')
    'A file.'
    >>> stop_server(server)
    >>> cd('served'); ls('.'); uncd()
    -  a.txt
    >>> remove('served', 'a.txt'); rmdir('served')
    >>> zc.buildout.testing.run_buildout_in_process('buildout query greet:word')
    >>> zc.buildout.testing.read()
    'good morning\\n'
`;

const RUN = `
import doctest, os, sys, unittest
import zc.buildout.testing as testing

before = os.getcwd(), dict(os.environ)

def set_up(test):
    testing.buildoutSetUp(test)
    testing.install_develop("demo.greet", test)

suite = doctest.DocFileSuite(sys.argv[1], module_relative=False, setUp=set_up,
                             tearDown=testing.buildoutTearDown)
result = unittest.TextTestRunner(stream=sys.stdout).run(suite)
assert before == (os.getcwd(), dict(os.environ)), "the environment is not what it was"
sys.exit(not result.wasSuccessful())
`;

test("a recipe's doctest runs with zc.buildout.testing of dist/python", () => {
  const files = scratchFiles();
  files.write("tested/README.txt", DOCUMENT);
  files.write("run.py", RUN);
  const namespace = "__import__('pkg_resources').declare_namespace(__name__)\n";
  for (const name of ["zc", "zc/recipe"]) files.write(`code/${name}/__init__.py`, namespace);
  files.write(
    "code/zc/recipe/greet.py",
    "import os\n\nclass Recipe(object):\n" +
      "    def __init__(self, buildout, name, options):\n" +
      "        self.path = os.path.join(buildout['buildout']['parts-directory'], name)\n" +
      "        self.options = options\n\n" +
      "    def install(self):\n" +
      "        with open(self.path, 'w') as file:\n" +
      "            file.write(self.options['word'] + '\\n')\n" +
      "        return self.options.created(self.path)\n\n    update = install\n",
  );
  files.write(
    "code/demo.greet.egg-info/PKG-INFO",
    "Metadata-Version: 2.1\nName: demo.greet\nVersion: 1.0\n",
  );
  files.write(
    "code/demo.greet.egg-info/entry_points.txt",
    "[zc.buildout]\ndefault = zc.recipe.greet:Recipe\n",
  );
  const run = spawnSync("python3", ["run.py", files.path("tested/README.txt")], {
    cwd: files.directory,
    encoding: "utf8",
    env: {
      ...{ PATH: process.env.PATH, HOME: files.directory, TMPDIR: files.directory },
      BUILDOUT: command,
      PYTHONPATH: `${join(root, "dist/python")}:${files.path("code")}`,
    },
  });
  expect(run.stdout + run.stderr).toMatch(/\nOK\n$/);
});

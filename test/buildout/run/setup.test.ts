import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { findPython } from "../../../src/config/conditions/interpreter.ts";
import { project } from "../../support/command-project.ts";

const python = ["/usr/bin/python3", findPython(process.env) ?? ""].find(
  (program) => spawnSync(program, ["-c", "import setuptools"]).status === 0,
);
const why = python === undefined ? " (skipped: no Python with setuptools)" : "";

const CFG = `[buildout]\nparts =\nexecutable = ${python}\n`;
const SETUP = `import os, sys
print("loaded", "setuptools" in sys.modules, flush=True)
from package_name import NAME
from setuptools import setup
setup(name=NAME, version="1.5", py_modules=["package_name"])
print(__name__, __file__, os.getcwd(), sys.argv, sys.path[0])
`;

test.skipIf(python === undefined)(`setup runs a real setup.py${why}`, () => {
  const p = project({
    "buildout.cfg": CFG,
    "pkg/setup.py": SETUP,
    "pkg/package_name.py": "NAME = 'demo'\n",
  });
  const { status, out, err } = p.buildout("setup", "pkg", "-q", "--version");
  expect([status, err]).toEqual([0, ""]);
  expect(out).toContain(
    "Running setup script 'pkg/setup.py'.\nloaded True\n1.5\n" +
      "__main__ /p/pkg/setup.py /p/pkg ['/p/pkg/setup.py', '-q', '--version'] /p/pkg\n",
  );
  expect(p.buildout("runsetup", "pkg/setup.py", "-q", "sdist").status).toBe(0);
  expect(p.has("pkg/dist/demo-1.5.tar.gz")).toBe(true);
  expect(p.buildout("setup", "pkg", "--help").out).toContain("Common commands");
  expect(p.buildout("setup", "--help").out).toContain("setup SCRIPT [ARGUMENT...]");
});

test.skipIf(python === undefined)(`setup needs no configuration${why}`, () => {
  const p = project({ "setup.py": "print('ran')" });
  expect(p.buildout(`executable=${python}`, "setup", ".").out).toContain("'./setup.py'.\nran\n");
  expect(p.buildout("runsetup", ".").err).toContain("Couldn't open /p/buildout.cfg");
});

test.skipIf(python === undefined)(`a setup script that fails is reported${why}`, () => {
  const p = project({ "buildout.cfg": CFG, "bad.py": "import sys; sys.exit(3)" });
  const { status, err } = p.buildout("setup", "bad.py", "it's");
  expect(status).toBe(1);
  expect(err).toBe(
    `Error: Failed to run command:\n'${python}', '/p/bad.py', "it's"\n  It ended with exit status 3.\n`,
  );
});

test("setup reports what is missing", () => {
  const p = project({ "buildout.cfg": "[buildout]\nparts =\nexecutable = bin/py\n", "s.py": "" });
  const { status, err } = p.buildout("setup");
  expect(status).toBe(2);
  expect(err).toContain(
    "Error: The setup command requires the path to a setup script or \n" +
      "directory containing a setup script, and its arguments.\n",
  );
  expect(p.buildout("setup", "nope.py").err).toContain("No such setup script: '/p/nope.py'");
  const missing = p.buildout("setup", "s.py").err;
  expect(missing).toContain("There is no Python interpreter at '/p/bin/py'.");
  expect(missing).toContain("at buildout.cfg:3");
  // An interpreter that finds no setuptools.
  p.write("bin/py", "#!/bin/sh\nprintf - >&3\nexit 1\n");
  chmodSync(p.path("bin/py"), 0o755);
  const bare = p.buildout("setup", "s.py").err;
  expect(bare).toContain("'/p/bin/py' has no setuptools.");
  expect(bare).toContain("Install it: /p/bin/py -m pip install setuptools");
});

// Python develop packages on their way to a host: an extension module, and one that does not build.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { indexMissing, type PackageIndex, startPackageIndex } from "../support/index-server.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

const FILES = {
  "base.cfg": `[buildout]
parts = app
develop = src/*

[app]
recipe = zc.recipe.egg
eggs = answers
interpreter = py
`,
  "src/answers/setup.py": `from setuptools import setup
setup(name="answers", version="2.0.dev1", py_modules=["answers"], install_requires=["c-answer==1.0"],
      entry_points={"console_scripts": ["answer = answers:main"]})
`,
  "src/answers/answers.py": `import importlib.metadata
import canswer

def main():
    versions = [importlib.metadata.version(name) for name in ("answers", "c-answer")]
    print(canswer.answer(), *versions)
`,
  "src/c-answer/pyproject.toml": `[build-system]
requires = ["setuptools", "wheel"]
build-backend = "setuptools.build_meta"
`,
  "src/c-answer/setup.py": `from setuptools import Extension, setup
setup(name="c-answer", version="1.0", ext_modules=[Extension("canswer", ["canswer.c"])])
`,
  "src/c-answer/canswer.c": `#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "canswer", NULL, -1, methods};
PyMODINIT_FUNC PyInit_canswer(void) { return PyModule_Create(&module); }
`,
};

describe.skipIf(indexMissing)("Python packages under development", () => {
  let index: PackageIndex;
  let project: TestProject;
  let server: TestServer;

  beforeAll(async () => {
    index = await startPackageIndex({ only: ["setuptools", "wheel"] });
    server = await startSandboxServer();
    project = new TestProject(FILES);
    for (const home of [project.scratch, server.home]) {
      const file = join(home, ".config/pip/pip.conf");
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `[global]\nindex-url = ${index.url}\n`);
    }
    const host = project.hostLines(server, { buildout: "base.cfg" });
    project.write({
      "buildout.cfg": `[buildout]\nextends = base.cfg\nparts += host1\n\n[host1]\n${host}`,
    });
    expect(await project.buildout()).toMatchObject({ status: 0, stderr: "" });
  });

  afterAll(async () => {
    await server?.close();
    project?.remove();
    await index?.close();
  });

  const onHost = async () => {
    const { stdout } = await project.hostout("host1", "run", "bin/answer");
    return stdout;
  };

  test("are built without changes, on the host as well as here", async () => {
    const here = await project.run(join(project.directory, "bin/answer"), []).outcome;
    expect(here.stdout).toBe("42 2.0.dev1 1.0\n");
    const deployed = await project.hostout("host1", "deploy");
    expect(deployed).toMatchObject({ status: 0 });
    expect(deployed.stdout).toMatch(
      /Eggs to transport:\n\tanswers = 2\.0\.dev1\+h\w{12}\n\tc-answer = 1\.0\+h\w{12}\n/,
    );
    expect(await onHost()).toMatch(/42 2\.0\.dev1\+h\w{12} 1\.0\+h\w{12}\n/);
  });

  test("that do not build are reported with the output, and the host is not changed", async () => {
    const before = await onHost();
    const setup = join(project.directory, "src/answers/setup.py");
    const good = readFileSync(setup, "utf8");
    writeFileSync(
      setup,
      good.replace("setup(name", 'raise SystemExit("no answer today")\nsetup(name'),
    );
    const failed = await project.hostout("host1", "deploy");
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("Error: Building answers failed.");
    expect(failed.stderr).toContain("no answer today");
    writeFileSync(setup, good);
    expect(await onHost()).toBe(before);
    const again = await project.hostout("host1", "deploy");
    expect(again.stdout).toContain("All develop eggs are already on the host");
  });
});

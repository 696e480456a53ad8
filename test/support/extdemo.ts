/** A package with a C extension, to be built with settings that it lacks. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execaSync } from "execa";
import { python } from "./eggs.ts";
import { indexMissing } from "./index-server.ts";
import { scratch } from "./scratch.ts";

const headers = execaSync(python, ["-c", "import sysconfig; print(sysconfig.get_path('include'))"]);

/** Why nothing can be compiled here. In CI nothing is skipped. */
export const missing =
  indexMissing ??
  (process.env.CI
    ? undefined
    : spawnSync("cc", ["--version"]).error !== undefined
      ? "there is no C compiler"
      : existsSync(path.join(headers.stdout, "Python.h"))
        ? undefined
        : "Python's header files are missing");

/** Files of a package with a C extension whose value comes from a header in another place. */
const SOURCES: Record<string, string> = {
  "setup.py": `from setuptools import setup, Extension
setup(name="extdemo", version="VERSION", py_modules=["extuse"],
      ext_modules=[Extension("extdemo", ["extdemo.c"])])
`,
  "setup.cfg": "[build_ext]\ninclude_dirs = /nowhere\n",
  "PKG-INFO": "Metadata-Version: 1.0\nName: extdemo\nVersion: VERSION\n",
  "extuse.py": "import extdemo\nprint(extdemo.value)\n",
  "extdemo.c": `#include <Python.h>
#include <extdemo.h>
#ifndef MORE
#define MORE 0
#endif
#ifdef TWO
#undef EXTDEMO
#define EXTDEMO 2
#endif
static PyMethodDef methods[] = {{NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "extdemo", "", -1, methods};
PyMODINIT_FUNC PyInit_extdemo(void)
{
    PyObject *m = PyModule_Create(&module);
    PyModule_AddIntConstant(m, "value", EXTDEMO + MORE);
    return m;
}
`,
};

/** Writes the package's directory. Returns it. */
export function writeSources(folder: string, version: string): string {
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(SOURCES)) {
    writeFileSync(path.join(folder, file), text.replaceAll("VERSION", version));
  }
  return folder;
}

/** Writes the source distribution of a version into a directory. */
export function sdist(folder: string, version: string): string {
  const name = `extdemo-${version}`;
  const top = writeSources(path.join(scratch(), name), version);
  const file = path.join(folder, `${name}.tar.gz`);
  execaSync("tar", ["czf", file, "-C", path.dirname(top), name]);
  return file;
}

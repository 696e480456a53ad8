import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { execa, execaSync } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Release } from "../../../src/distributions/distribution.ts";
import { Pips } from "../../../src/distributions/python/installers/pip-command.ts";
import type { PythonBuild } from "../../../src/distributions/release/python-build.ts";
import { releasePythonPackage } from "../../../src/distributions/release/python-release.ts";
import { indexMissing, type PackageIndex, startPackageIndex } from "../../support/index-server.ts";
import { commitAll, git } from "../../support/packages.ts";

const python = execaSync("python3", ["-c", "import sys; print(sys.executable)"]).stdout;
const search = { index: undefined, noIndex: true, findLinks: [] };
const plain: PythonBuild = { executable: python, search, pips: new Pips(), report: () => {} };
const nowhere: PythonBuild = { ...plain, executable: "/nowhere/python3" };

/** A backend in the package's own tree, which needs nothing and is quick. */
const BACKEND = `
import os, re, tarfile, zipfile

VERSION = "1.0"

def metadata():
    return "Metadata-Version: 2.1\\nName: Hello.World\\nVersion: %s\\n%s\\n" % (VERSION, REQUIRES)

REQUIRES = ""

def build_wheel(folder, config_settings=None, metadata_directory=None):
    info = "Hello_World-%s.dist-info/" % VERSION
    name = "Hello_World-%s-py3-none-any.whl" % VERSION
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for module in sorted(os.listdir("hello"), reverse=True):
            wheel.write("hello/" + module)
        wheel.writestr(info + "METADATA", metadata())
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name

def build_sdist(folder, config_settings=None):
    name = "Hello_World-%s" % VERSION
    with tarfile.open(os.path.join(folder, name + ".tar.gz"), "w:gz") as archive:
        for file in ["pyproject.toml", "backend/own.py", "hello"]:
            archive.add(file, name + "/" + file)
    return name + ".tar.gz"
`;

import { scratch, writeFiles as write } from "../../support/scratch.ts";

const PLAIN = {
  "pyproject.toml":
    '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["backend"]\n\n[tool.x]\na = 1\n',
  "backend/own.py": BACKEND,
  "hello/__init__.py": "A = 1\n",
  "hello/data.txt": "one\n",
  ".gitignore": "*.log\n",
};

/** A repository with a package that builds without any requirement. */
function repository(files: Record<string, string> = {}): string {
  const folder = write(scratch(), { ...PLAIN, ...files });
  commitAll(folder);
  return folder;
}

const release = (folder: string, dist: string, build = plain) =>
  releasePythonPackage(folder, dist, build);

const inWheel = (file: string, name: string) =>
  execaSync(python, [
    "-c",
    "import sys,zipfile; print(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode(), end='')",
    file,
    name,
  ]).stdout;

const entriesOf = (file: string): [string, string, string][] =>
  JSON.parse(
    execaSync(python, [
      "-c",
      "import json,sys,zipfile; print(json.dumps([[i.filename, oct(i.external_attr >> 16), '%d-%02d-%02d' % i.date_time[:3]] for i in zipfile.ZipFile(sys.argv[1]).infolist()]))",
      file,
    ]).stdout,
  );

const visible = (dist: string) => readdirSync(dist).filter((name) => !name.startsWith("."));

describe("a release", () => {
  test("is a wheel with the rewritten version, in its name and in its metadata", async () => {
    const dist = scratch();
    const { name, version, file, built, source } = await release(repository(), dist);
    expect(name).toBe("Hello.World");
    expect(version).toMatch(/^1\.0\+h[0-9a-f]{12}$/);
    expect(path.basename(file)).toBe(`Hello_World-${version}-py3-none-any.whl`);
    expect({ built, kind: source.kind, declared: source.version }).toEqual({
      built: true,
      kind: "python",
      declared: "1.0",
    });
    expect(visible(dist)).toEqual([path.basename(file)]);
    const info = `Hello_World-${version}.dist-info`;
    expect(entriesOf(file)).toEqual([
      ["hello/__init__.py", "0o100644", "1980-01-01"],
      ["hello/data.txt", "0o100644", "1980-01-01"],
      [`${info}/METADATA`, "0o100644", "1980-01-01"],
      [`${info}/RECORD`, "0o100644", "1980-01-01"],
      [`${info}/WHEEL`, "0o100644", "1980-01-01"],
    ]);
    expect(inWheel(file, `${info}/METADATA`)).toContain(`Version: ${version}\n`);
  });

  test("installs, and its files are those of its RECORD", async () => {
    const target = scratch();
    const { file, version } = await release(repository(), scratch());
    const pip = ["-m", "pip", "install", "-q", "--no-index", "-t", target, file];
    execaSync(python, pip);
    const code = `import importlib.metadata as m, hashlib, base64, pathlib
d = m.distribution("hello-world"); print(d.version)
for f in d.files:
    if f.hash and "dist-info" not in str(f):
        digest = base64.urlsafe_b64encode(hashlib.sha256(f.locate().read_bytes()).digest())
        assert digest.decode().rstrip("=") == f.hash.value, f`;
    const env = { PYTHONPATH: target };
    expect(execaSync(python, ["-c", code], { env }).stdout).toBe(version);
  });

  test("is the same to the byte from another clone with other modes and times", async () => {
    const folder = repository();
    const clone = path.join(scratch(), "clone");
    git(folder, "clone", "-q", folder, clone);
    chmodSync(path.join(clone, "hello/__init__.py"), 0o600);
    const one = await release(folder, scratch());
    const two = await release(clone, scratch());
    expect(two.version).toBe(one.version);
    expect(readFileSync(two.file).equals(readFileSync(one.file))).toBe(true);
  });

  test("leaves the package's directory as it was", async () => {
    const folder = repository();
    await release(folder, scratch());
    expect(git(folder, "status", "--porcelain", "--ignored")).toBe("");
  });

  test.each([
    ["0.0dev", /^0\.0dev\+h[0-9a-f]{12}$/],
    ["1!2.0rc1.post2", /^1!2\.0rc1\.post2\+h[0-9a-f]{12}$/],
    ["1.0+local.3", /^1\.0\+local\.3\.h[0-9a-f]{12}$/],
  ])("of version %s has a local version that PEP 440 allows", async (declared, expected) => {
    const own = BACKEND.replace('"1.0"', `"${declared}"`);
    const { version, file } = await release(repository({ "backend/own.py": own }), scratch());
    expect(version).toMatch(expected);
    expect(path.basename(file)).toContain(`-${version}-`);
  });

  test("names neighbors without their paths", async () => {
    const requires =
      "Requires-Dist: greeting @ file:///home/me/greeting\\nRequires-Dist: a[b] @ file:///x ; os_name == 'posix'\\nRequires-Dist: six>=1\\n";
    const own = BACKEND.replace('REQUIRES = ""', `REQUIRES = "${requires}"`);
    const { file, version } = await release(repository({ "backend/own.py": own }), scratch());
    const metadata = inWheel(file, `Hello_World-${version}.dist-info/METADATA`);
    expect(metadata.match(/^Requires-Dist: .*$/gm)).toEqual([
      "Requires-Dist: greeting",
      "Requires-Dist: a[b] ; os_name == 'posix'",
      "Requires-Dist: six>=1",
    ]);
  });

  test("contains the working tree and follows links; files left by builds do not count", async () => {
    const folder = repository();
    const one = await release(folder, scratch());
    write(folder, {
      "debug.log": "ignored",
      "hello.egg-info/PKG-INFO": "made",
      "build/lib/hello/old.py": "made",
      "hello/__pycache__/x.cpython-311.pyc": "made",
      "env/pyvenv.cfg": "home = /usr",
      "env/lib/x.py": "made",
    });
    expect((await release(folder, scratch())).version).toBe(one.version);
    write(folder, { "hello/new.py": "" });
    mkdirSync(path.join(folder, "shared"));
    write(folder, { "shared/more.txt": "more" });
    symlinkSync("../shared/more.txt", path.join(folder, "hello/linked.txt"));
    const two = await release(folder, scratch());
    expect(two.version).not.toBe(one.version);
    const names = entriesOf(two.file).map(([name]) => name);
    expect(names).toContain("hello/new.py");
    expect(names).toContain("hello/linked.txt");
    expect(inWheel(two.file, "hello/linked.txt")).toBe("more");
  });
});

describe("a second release", () => {
  test("of the same files reads and starts nothing; of known content, builds nothing", async () => {
    const folder = repository();
    const dist = scratch();
    const one = await release(folder, dist);
    expect(await release(folder, dist, nowhere)).toEqual({ ...one, built: false });
    write(folder, { "hello/data.txt": "two\n" });
    const two = await release(folder, dist);
    expect(two).toMatchObject({ built: true });
    expect(two.version).not.toBe(one.version);
    write(folder, { "hello/data.txt": "one\n" });
    expect(await release(folder, dist, nowhere)).toEqual({ ...one, built: false });
    rmSync(one.file);
    expect(await release(folder, dist)).toEqual(one);
    expect(existsSync(one.file)).toBe(true);
  });

  test("of ten unchanged packages needs no interpreter", async () => {
    const dist = scratch();
    const folders = [repository()];
    for (let at = 1; at < 10; at++) {
      const folder = path.join(scratch(), "clone");
      git(folders[0]!, "clone", "-q", folders[0]!, folder);
      write(folder, { "hello/data.txt": `${at}` });
      folders.push(folder);
    }
    const all = (build?: PythonBuild) =>
      Promise.all(folders.map((folder) => release(folder, dist, build)));
    await all();
    await all(nowhere); // files younger than a clock tick are not trusted the first time
    expect((await all(nowhere)).some(({ built }) => built)).toBe(false);
  });
});

describe("outside of version control", () => {
  const folderOf = () => write(scratch(), PLAIN);

  test("the files that the package includes decide the version", async () => {
    const folder = folderOf();
    const dist = scratch();
    const one = await release(folder, dist);
    await release(folder, dist); // files younger than a clock tick are not trusted the first time
    expect(await release(folder, dist, nowhere)).toMatchObject({ built: false });
    write(folder, { "notes.txt": "not in the package" });
    expect(await release(folder, dist)).toMatchObject({ version: one.version, built: false });
    write(folder, { "hello/data.txt": "in the package" });
    expect(await release(folder, dist)).toMatchObject({ built: true });
    const elsewhere = write(folderOf(), { "other.txt": "" });
    expect((await release(elsewhere, scratch())).version).toBe(one.version);
  });

  test("everything counts if the backend makes no sdist", async () => {
    const own = { "backend/own.py": BACKEND.replace("def build_sdist", "def no_sdist") };
    const one = await release(write(folderOf(), own), scratch());
    const two = await release(write(folderOf(), { ...own, "notes.txt": "" }), scratch());
    expect(two.version).not.toBe(one.version);
  });
});

const hgMissing = spawnSync("hg", ["--version"]).error !== undefined;
if (hgMissing && process.env.CI) throw new Error("In CI nothing may be skipped: hg is missing");

test.skipIf(hgMissing)("a package in Mercurial contains the files that hg tracks", async () => {
  const folder = write(scratch(), { ...PLAIN, ".hgignore": "syntax: glob\n*.log\n" });
  execaSync("hg", ["init"], { cwd: folder });
  execaSync("hg", ["add", "-q"], { cwd: folder });
  const one = await release(folder, scratch());
  write(folder, { "debug.log": "ignored" });
  expect((await release(folder, scratch())).version).toBe(one.version);
  write(folder, { "hello/new.py": "" });
  expect((await release(folder, scratch())).version).not.toBe(one.version);
});

describe("errors are reported", () => {
  test("a build that fails: which package, and its output", async () => {
    const own = `${BACKEND}\nraise SystemError("compile error 42")\n`;
    const dist = scratch();
    const folder = repository({
      "backend/own.py": own,
      "pyproject.toml": `${PLAIN["pyproject.toml"]}[project]\nname = "greeting"\n`,
    });
    await expect(release(folder, dist)).rejects.toMatchObject({
      code: "build-failed",
      message: expect.stringContaining("greeting"),
      output: expect.stringContaining("compile error 42"),
      location: { file: folder },
    });
    expect(readdirSync(dist)).toEqual([]);
  });

  test("a version that PEP 440 does not know", async () => {
    const own = BACKEND.replace('"1.0"', '"2004d"');
    const failure = await release(repository({ "backend/own.py": own }), scratch()).catch((e) => e);
    // New versions of pip find that out by themselves.
    expect(`${failure.message}\n${failure.output}`).toMatch(/version.*'2004d'/i);
  });

  test("an interpreter that does not exist", async () => {
    await expect(release(repository(), scratch(), nowhere)).rejects.toMatchObject({
      code: "interpreter-missing",
      message: expect.stringContaining("/nowhere/python3"),
    });
  });
});

describe.skipIf(indexMissing)("with build requirements", () => {
  let index: PackageIndex;
  let build: PythonBuild;
  beforeAll(async () => {
    index = await startPackageIndex();
    build = { ...plain, search: { ...search, noIndex: false, index: index.url } };
  });
  afterAll(() => index.close());

  const HELLO = { "src/hello/__init__.py": '"""Says hello."""\n__version__ = "2.1"\n' };

  async function installed({ file, name, version }: Release): Promise<string> {
    const target = scratch();
    const quiet = ["-q", "--disable-pip-version-check", "-t", target];
    await execa(python, ["-m", "pip", "install", ...quiet, "--index-url", index.url, file]);
    const code = `import importlib.metadata as m; print(m.version(${JSON.stringify(name)}))`;
    const env = { PYTHONPATH: target };
    expect(execaSync(python, ["-c", code], { env }).stdout).toBe(version);
    return target;
  }

  test.each([
    [
      "setuptools",
      {
        "pyproject.toml":
          '[project]\nname = "hello"\nversion = "2.1"\n[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
      },
    ],
    [
      "flit",
      {
        "pyproject.toml":
          '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n[project]\nname = "hello"\ndynamic = ["version", "description"]\n',
      },
    ],
    [
      "hatchling",
      {
        "pyproject.toml":
          '[build-system]\nrequires = [\n  "hatchling",\n]\nbuild-backend = "hatchling.build"\n[project]\nname = "hello"\nversion = "2.1"\n[tool.hatch.build.targets.wheel]\npackages = ["src/hello"]\n',
      },
    ],
    [
      "a setup.py alone",
      {
        "setup.py":
          'from setuptools import setup\nsetup(name="hello", version="2.1", packages=["hello"], package_dir={"": "src"},\n      entry_points={"console_scripts": ["hello = hello:main"]})\n',
      },
    ],
  ])("%s", async (_, files) => {
    const folder = write(scratch(), { ...HELLO, ...files });
    commitAll(folder);
    const made = await release(folder, scratch(), build);
    expect(path.basename(made.file)).toMatch(
      /^hello-2\.1\+h[0-9a-f]{12}-(py2\.)?py3-none-any\.whl$/,
    );
    expect(existsSync(path.join(await installed(made), "hello/__init__.py"))).toBe(true);
  });

  test("without version control, setuptools decides on the package's files", async () => {
    const setup =
      'from setuptools import setup\nsetup(name="hello", version="2.1", py_modules=["hello"])\n';
    const folder = write(scratch(), { "setup.py": setup, "hello.py": "" });
    const one = await release(folder, scratch(), build);
    write(folder, { "notes.txt": "" });
    expect((await release(folder, scratch(), build)).version).toBe(one.version);
    write(folder, { "hello.py": "A = 1\n" });
    expect((await release(folder, scratch(), build)).version).not.toBe(one.version);
  });

  const EXTENSION = {
    "setup.py":
      'from setuptools import Extension, setup\nsetup(name="c-hello", version="1.0", ext_modules=[Extension("chello", ["chello.c"])])\n',
    "pyproject.toml": '[build-system]\nrequires = ["setuptools", "wheel"]\n',
    "chello.c": `#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "chello", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_chello(void) { return PyModule_Create(&module); }
`,
  };

  test("a C extension is released as an sdist, which builds with the version of the release", async () => {
    const folder = write(scratch(), EXTENSION);
    commitAll(folder);
    const made = await release(folder, scratch(), build);
    expect(path.basename(made.file)).toBe(`c_hello-${made.version}.tar.gz`);
    expect(made.version).toMatch(/^1\.0\+h[0-9a-f]{12}$/);
    const target = await installed(made);
    expect(readdirSync(target).some((name) => /^chello\..*\.so$/.test(name))).toBe(true);
    const clone = path.join(scratch(), "clone");
    git(folder, "clone", "-q", folder, clone);
    const again = await release(clone, scratch(), build);
    expect(readFileSync(again.file).equals(readFileSync(made.file))).toBe(true);
    expect(
      execaSync("tar", ["xzOf", made.file, `c_hello-${made.version}/PKG-INFO`]).stdout,
    ).toMatch(`Version: ${made.version}\n`);
  });

  test("a version that git decides, and files that only git names", async () => {
    const folder = write(scratch(), {
      "pyproject.toml":
        '[build-system]\nrequires = ["setuptools", "setuptools_scm"]\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "hello"\ndynamic = ["version"]\n[tool.setuptools_scm]\n',
      ...HELLO,
      "src/hello/words.txt": "hi",
    });
    commitAll(folder);
    git(folder, "tag", "v3.2");
    const made = await release(folder, scratch(), build);
    expect(made.version).toMatch(/^3\.2\+h[0-9a-f]{12}$/);
    expect(existsSync(path.join(await installed(made), "hello/words.txt"))).toBe(true);
  });

  test("a build requirement that does not exist", async () => {
    const folder = repository({
      "pyproject.toml": PLAIN["pyproject.toml"].replace("[]", '["no-such-builder"]'),
    });
    await expect(release(folder, scratch(), build)).rejects.toMatchObject({
      code: "build-failed",
      output: expect.stringContaining("no-such-builder"),
    });
  });
});

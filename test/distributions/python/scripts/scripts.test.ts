import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { execaSync } from "execa";
import { describe, expect, test } from "vitest";
import { type ScriptsRequest, writeScripts } from "../../../../src/index.ts";
import { makeDistribution } from "../../../support/made-distributions.ts";
import { scratch } from "../../../support/scratch.ts";

const python = execaSync("python3", ["-c", "import sys; print(sys.executable)"]).stdout;

/** A buildout directory with two distributions, and a request for the scripts of the first. */
function project(directory = path.join(scratch(), "b")) {
  const hello = makeDistribution(path.join(directory, "eggs/Hello_World-1.0.egg"), {
    name: "Hello.World",
    scripts: ["hello = hello:main", "deep = hello.sub:App.run [x]"],
    files: {
      "hello/__init__.py":
        "import sys\ndef main(*args): print(two.NAME, args, sys.argv[1:])\nimport two\n",
      "hello/sub.py": "class App:\n    @staticmethod\n    def run(): return 7\n",
      "hello/__main__.py": "import sys\nprint(__name__, sys.argv[1:])\n",
    },
  });
  const two = makeDistribution(path.join(directory, "src/two"), {
    name: "two",
    scripts: ["two = two:main"],
    files: { "two.py": "NAME = 'two'\ndef main(): print('main of two')\n" },
    developed: true,
  });
  const lines: string[] = [];
  const log = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const request: ScriptsRequest = {
    distributions: [two, hello],
    requirements: ["Hello.World"],
    entryPoints: [],
    dependentScripts: false,
    scripts: undefined,
    interpreter: undefined,
    executable: python,
    binDirectory: path.join(directory, "bin"),
    extraPaths: [],
    initialization: "",
    arguments: "",
    relativePaths: undefined,
    log: { debug: log("debug"), info: log("info"), warning: log("warning"), error: log("error") },
  };
  const bin = (name: string) => path.join(directory, "bin", name);
  return {
    directory,
    request,
    lines,
    hello,
    two,
    bin,
    write: async (more: Partial<ScriptsRequest> = {}) => writeScripts({ ...request, ...more }),
    text: (name: string) => readFileSync(bin(name), "utf8"),
    run: (name: string, ...args: string[]) =>
      execaSync(bin(name), args, { cwd: "/", reject: false, all: true }),
  };
}

describe("a script", () => {
  test("calls the function of an entry point with the distributions at hand", async () => {
    const { write, text, run, directory, bin, lines } = project();
    expect(await write()).toEqual([bin("hello"), bin("deep")]);
    expect(text("deep")).toBe(`#!${python}

import sys
sys.path[0:0] = [
  '${directory}/src/two',
  '${directory}/eggs/Hello_World-1.0.egg',
  ]

import hello.sub

if __name__ == '__main__':
    sys.exit(hello.sub.App.run())
`);
    expect(run("hello", "a b").stdout).toBe("two () ['a b']");
    expect(run("deep").exitCode).toBe(7);
    expect(statSync(bin("hello")).mode & 0o777).toBe(0o777 & ~process.umask());
    expect(lines).toEqual([
      `info: Generated script '${bin("hello")}'.`,
      `info: Generated script '${bin("deep")}'.`,
    ]);
  });

  test("runs the initialization first and hands over the arguments", async () => {
    const { write, text, run, directory } = project();
    await write({
      scripts: new Map([["hello", "hello"]]),
      extraPaths: ["/abs/lib", path.join(directory, "it's")],
      initialization: "import os\nos.environ['X'] = 'y'",
      arguments: "1, os.environ['X']",
    });
    expect(text("hello")).toBe(`#!${python}

import sys
sys.path[0:0] = [
  '${directory}/src/two',
  '${directory}/eggs/Hello_World-1.0.egg',
  '/abs/lib',
  "${directory}/it's",
  ]

import os
os.environ['X'] = 'y'

import hello

if __name__ == '__main__':
    sys.exit(hello.main(1, os.environ['X']))
`);
    expect(run("hello").stdout).toBe("two (1, 'y') []");
  });

  test("with relative paths runs wherever the buildout is moved", async () => {
    const { write, text, directory } = project();
    await write({ relativePaths: directory, extraPaths: ["/abs", directory], interpreter: "py" });
    expect(text("hello")).toBe(`#!${python}

import os

join = os.path.join
base = os.path.dirname(os.path.abspath(os.path.realpath(__file__)))
base = os.path.dirname(base)

import sys
sys.path[0:0] = [
  join(base, 'src/two'),
  join(base, 'eggs/Hello_World-1.0.egg'),
  '/abs',
  base,
  ]

import hello

if __name__ == '__main__':
    sys.exit(hello.main())
`);
    const moved = `${directory} moved`;
    renameSync(directory, moved);
    expect(execaSync(path.join(moved, "bin/hello"), ["x"]).stdout).toBe("two () ['x']");
    const code = ["-c", "import two; print(two.__file__)"];
    expect(execaSync(path.join(moved, "bin/py"), code).stdout).toBe(`${moved}/src/two/two.py`);
  });

  test("outside of the directory that moves has absolute paths", async () => {
    const { write, directory } = project();
    const binDirectory = path.join(scratch(), "bin");
    await write({ relativePaths: directory, binDirectory });
    const text = readFileSync(path.join(binDirectory, "hello"), "utf8");
    expect(text).toContain(`  '${directory}/src/two',\n`);
    expect(text).not.toContain("base");
    expect(execaSync(path.join(binDirectory, "hello")).stdout).toBe("two () []");
  });

  test("of a buildout behind a link is relative, too", async () => {
    const { write, text, directory } = project();
    const link = path.join(scratch(), "link");
    symlinkSync(directory, link);
    await write({ relativePaths: link, binDirectory: path.join(link, "bin") });
    expect(text("hello")).toContain("  join(base, 'src/two'),\n");
    expect(execaSync(path.join(link, "bin/hello")).stdout).toBe("two () []");
  });

  test("starts an interpreter whose path a kernel does not accept", async () => {
    for (const folder of ["with space's", "x".repeat(130)]) {
      const { write, run, text, directory } = project(path.join(scratch(), folder));
      const executable = path.join(directory, "python");
      writeFileSync(executable, `#!/bin/sh\necho ours\nexec ${python} "$@"\n`);
      chmodSync(executable, 0o755);
      await write({ executable, interpreter: "py" });
      expect(text("hello")).toMatch(/^#!\/bin\/sh\n/);
      expect(run("hello", "a b").stdout).toBe("ours\ntwo () ['a b']");
      expect(run("py", "-c", "import two; print(two.NAME)").stdout).toBe("ours\ntwo");
    }
  });

  test("survives names that need quoting in Python", async () => {
    const { write, run } = project(path.join(scratch(), `it's "a", b\\ \u00a0é\n`));
    await write();
    expect(run("hello").stdout).toBe("two () []");
  });

  test("is written only when it differs, and made executable again", async () => {
    const { write, bin, lines } = project();
    await write();
    const before = statSync(bin("hello")).ino;
    chmodSync(bin("deep"), 0o644);
    lines.length = 0;
    await write();
    expect(statSync(bin("hello")).ino).toBe(before);
    expect(statSync(bin("deep")).mode & 0o111).toBe(0o111);
    expect(lines).toEqual([]);
    writeFileSync(bin("hello"), "broken");
    await write();
    expect(lines).toEqual([`info: Generated script '${bin("hello")}'.`]);
    expect(readdirSync(path.dirname(bin("hello"))).sort()).toEqual(["deep", "hello"]);
  });

  test("cannot replace a directory", async () => {
    const { write, bin } = project();
    mkdirSync(bin("hello"), { recursive: true });
    await expect(write()).rejects.toMatchObject({
      code: "is-directory",
      message: `There is a directory where the script '${bin("hello")}' should be.`,
    });
  });
});

describe("which scripts", () => {
  test("can be chosen and renamed; unknown names are warnings", async () => {
    const { write, directory, lines, run } = project();
    const scripts = new Map([
      ["hello", "hi"],
      ["gone", "gone"],
      ["old", "new"],
    ]);
    await write({ scripts });
    expect(readdirSync(path.join(directory, "bin"))).toEqual(["hi"]);
    expect(run("hi").stdout).toBe("two () []");
    // In the order of zc.buildout.
    expect(lines[0]).toContain("Generated script");
    expect(lines.slice(1)).toEqual([
      "warning: Could not generate script 'gone' as it is not defined in the egg entry points.",
      "warning: Could not generate script 'old' as script 'new' is not defined in the egg entry points.",
    ]);
  });

  test("those of dependencies on request, setuptools left out", async () => {
    const { write, bin, request, directory } = project();
    const setuptools = makeDistribution(path.join(directory, "eggs/setuptools-80.egg"), {
      name: "setuptools",
      scripts: ["easy = setuptools:main"],
    });
    const distributions = [...request.distributions, setuptools];
    const written = await write({ distributions, dependentScripts: true });
    expect(written).toEqual(["hello", "deep", "two"].map(bin));
    expect(await write({ distributions, requirements: ["setuptools"] })).toEqual([bin("easy")]);
  });

  test("further entry points, any spelling of a name, markers", async () => {
    const { write, bin, text } = project();
    const entryPoints = [{ name: "ep", module: "a.b", attributes: "c.d", extras: [] }];
    expect(
      await write({
        requirements: ["hello-world[x]>=0.5", "absent; python_version<'3'"],
        entryPoints,
      }),
    ).toEqual(["hello", "deep", "ep"].map(bin));
    expect(text("ep")).toContain(
      "import a.b\n\nif __name__ == '__main__':\n    sys.exit(a.b.c.d())",
    );
    await expect(write({ requirements: ["helo.world"] })).rejects.toMatchObject({
      code: "missing-distribution",
      message: "Could not find requirement 'helo.world' in working set.",
      hint: expect.stringContaining("Hello.World"),
    });
  });

  test("one whose entry point names no function is left out with a warning", async () => {
    const { write, directory, lines } = project();
    const odd = makeDistribution(path.join(directory, "eggs/odd.egg"), {
      name: "odd",
      scripts: ["odd = odd.module"],
    });
    expect(await write({ distributions: [odd], requirements: ["odd"] })).toEqual([]);
    expect(lines).toEqual([
      "warning: Could not generate script 'odd' as it names no Python function.",
    ]);
  });
});

describe("scripts that a distribution brings as files", () => {
  const old = `#!python -E
"""Documentation"""
from __future__ import print_function
X = 1
import sys, two
print(two.NAME, sys.argv[1:])
`;

  test("get sys.path before their first import", async () => {
    const { write, text, run, directory, request } = project();
    const packaged = makeDistribution(path.join(directory, "eggs/packaged.egg"), {
      name: "packaged",
      metadata: { "scripts/old.py": old, "scripts/sh": "#!/bin/sh\necho sh\n", "scripts/x": "X" },
    });
    const distributions = [...request.distributions, packaged];
    await write({ distributions, requirements: ["packaged"], initialization: "Y = 2" });
    expect(text("old.py")).toBe(`#!${python}
"""Documentation"""
from __future__ import print_function
X = 1


import sys
sys.path[0:0] = [
  '${directory}/src/two',
  '${directory}/eggs/Hello_World-1.0.egg',
  '${directory}/eggs/packaged.egg',
  ]

Y = 2


import sys, two
print(two.NAME, sys.argv[1:])
`);
    expect(run("old.py", "a").stdout).toBe("two ['a']");
    expect(run("sh").stdout).toBe("sh");
    expect(existsSync(path.join(directory, "bin/x"))).toBe(false);
  });

  test("run whatever pip made of their first line", async () => {
    const { write, run, directory, request } = project();
    const first = `#!/bin/sh\n'''exec' "/long path/python" "$0" "$@"\n' '''\n`;
    const packaged = makeDistribution(path.join(directory, "eggs/packaged.egg"), {
      name: "packaged",
      metadata: { "scripts/old": first + old.replace(/^.*\n/, "") },
    });
    const distributions = [...request.distributions, packaged];
    const scripts = new Map([["old", "older"]]);
    await write({ distributions, requirements: ["packaged"], scripts });
    expect(run("older", "a").stdout).toBe("two ['a']");
  });
});

describe("an interpreter", () => {
  test("runs files, code and modules with the distributions at hand", async () => {
    const { write, run, bin, lines, directory } = project();
    expect(
      await write({ scripts: new Map(), interpreter: "py", initialization: "Z = 26" }),
    ).toEqual([bin("py")]);
    expect(lines).toEqual([`info: Generated interpreter '${bin("py")}'.`]);
    const file = path.join(directory, "file.py");
    writeFileSync(
      file,
      "# coding: latin-1\nimport sys, two\nprint(two.NAME, __file__, sys.argv, __name__, Z)\n",
    );
    expect(run("py", file, "-x", "y").stdout).toBe(
      `two ${file} ['${file}', '-x', 'y'] __main__ 26`,
    );
    const code = "import sys, two; print(two.NAME, sys.argv, Z)";
    expect(run("py", "-c", code, "-v", "a").stdout).toBe("two ['-c', '-v', 'a'] 26");
    expect(run("py", "-Ic", code).stdout).toBe("two ['-c'] 26");
    expect(run("py", "-m", "hello", "-x").stdout).toBe("__main__ ['-x']");
    expect(run("py", "-mhello").stdout).toBe("__main__ []");
  });

  test("is interactive without arguments and with -i", async () => {
    const { write, bin, directory } = project();
    await write({ scripts: new Map(), interpreter: "py" });
    const file = path.join(directory, "file.py");
    writeFileSync(file, "word = 'of file'\n");
    const run = (args: string[], input: string) => execaSync(bin("py"), args, { input }).stdout;
    expect(run([], "import two\ntwo.NAME\n")).toContain("'two'");
    expect(run(["-i", file], "print('word', word)\n")).toContain("word of file");
    expect(run(["-ic", "word = 3"], "print('word', word)\n")).toContain("word 3");
  });

  test("refuses unknown options", async () => {
    const { write, run } = project();
    await write({ interpreter: "py" });
    expect(run("py", "-q")).toMatchObject({ exitCode: 1, all: "Unknown option: -q" });
    expect(run("py", "-c")).toMatchObject({
      exitCode: 1,
      all: "Argument expected for the -c option",
    });
    expect(run("py", "-c", "import sys; sys.exit(3)").exitCode).toBe(3);
  });

  test("and a script work without any distribution", async () => {
    const { write, run } = project();
    const entryPoints = [{ name: "p", module: "platform", attributes: "system", extras: [] }];
    await write({ distributions: [], requirements: [], entryPoints, interpreter: "py" });
    expect(run("py", "-c", "print(1)").stdout).toBe("1");
    expect(run("p").all).toBe(os.type());
  });
});

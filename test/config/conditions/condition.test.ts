import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { evaluateCondition } from "../../../src/config/conditions/condition.ts";
import type { Python, PythonFacts } from "../../../src/config/conditions/facts.ts";
import { findPython, interpreter } from "../../../src/config/conditions/interpreter.ts";
import { ConfigurationFiles, FACTS } from "../../support/configuration-files.ts";

function holds(expression: string, changes: Partial<PythonFacts> = {}): boolean {
  const python = { facts: () => ({ ...FACTS, ...changes }), evaluate: () => undefined };
  const context = { python, env: { HOME: "/home/me", WHERE: "here" }, directory: "/" };
  return evaluateCondition(expression, { file: "b.cfg", line: 7 }, context);
}

describe("environment markers", () => {
  it.each([
    ['python_version >= "3.8"', true],
    ['python_version < "3.9"', false],
    ["'3.1' < python_version", true],
    ['python_version ~= "3.8"', true],
    ['python_version == "3.*"', true],
    ['python_full_version != "3.11.7"', false],
    ['python_version in "3.10 3.11"', true],
    ['"linux" not in sys_platform', false],
    ['platform_system == "Linux" and (os_name == "nt" or python_version > "3")', true],
    ['os.name == "posix" or sys.platform == "win32"', true],
    ['platform_machine > "a"', false],
    ['extra == "x"', false],
    // Only the versions of Python and of the kernel are compared as versions.
    ['sys_platform != "3"', true],
    ['platform_release > "6"', true],
    ['python_version < "3.12+local"', false],
    ['python_full_version != "3.11.7+local"', true],
    ['python_version === ""', false],
    // A variable on the right is its name.
    ["os_name == os_name", false],
  ])("%s is %s", (expression, expected) => {
    expect(holds(expression)).toBe(expected);
  });
});

describe("expressions", () => {
  it.each([
    ["linux and bits64 and not windows", true],
    ["python3 and not python2", true],
    ["python311", true],
    ["python27 or pypy", false],
    ["windows, linux", false],
    ["sys.version_info[:2] >= (3, 8)", true],
    ["sys.version_info.major == 3 < 4", true],
    ['[int(q) for q in platform.release().split(".")[:2]] < [4, 14]', false],
    ['sys.platform.startswith(("win", "lin"))', true],
    ['re.match("li(n)", sys.platform).group(1) == "n"', true],
    ['os.environ.get("NOPE", "x") == "x" and "WHERE" in os.environ', true],
    ['os.environ["WHERE"] + "!" == "here!"', true],
    ['os.path.isdir("/") and os.path.join("/a", "b") == "/a/b"', true],
    ['{"a": 1}["a"] == 1 and any([0, 2]) and not all([0, 2])', true],
    ["2**10 // 3 % 7 == 5 and -7 // 2 == -4 and -7 % 3 == 2", true],
    ["1 if linux else 0", true],
    ["lambda: 0", true],
    ['"\\x23" == chr(35)', true],
    ["None", false],
    ["[]", false],
    ["[0]", true],
    ['"b" "c" == "bc"[::1] == "cb"[::-1]', true],
    ["1.5 + 1 == 2.5 and 1 == True", true],
    ["not (0x10 ^ 0b1) == 18", true],
    ["sorted([3, 1]) == list((1, 3)) != [1]", true],
    ['platform.python_version_tuple()[0] == "3"', true],
    ["os.uname().machine == os.uname()[4]", true],
    ["[x for x in [False]]", true],
    ["x for x in [False, True]", false],
  ])("%s is %s", (expression, expected) => {
    expect(holds(expression)).toBe(expected);
  });

  it("know other machines", () => {
    expect(holds("macosx and not linux", { platform: "darwin" })).toBe(true);
    expect(holds("bits32 and big_endian", { maxSize: 2n ** 31n - 1n, byteOrder: "big" })).toBe(
      true,
    );
    expect(holds("pypy and not cpython", { implementation: "PyPy" })).toBe(true);
  });

  it.each([
    "nope",
    'python_version > "3" and linux',
    "1 +",
    " ",
    "1/0",
    "sys.nope",
    '"a" < 1',
    "(1",
    "'open",
    "[1][2]",
    "import os",
    '"x" == "y"',
    "linux, nope",
    'os_name == "posix" or "x" == "y"',
    'os_name ~= "3.0"',
    'python_version > "3\\"',
    "\u00a0linux",
    "python316",
    "1_",
    "1 << -1",
    "{1}[:1]",
    'abs("a")',
    "constructor",
    "__proto__",
    '"".constructor',
  ])("%s is an error with its place", (expression) => {
    expect(() => holds(expression)).toThrow(
      expect.objectContaining({ code: "invalid-condition", location: { file: "b.cfg", line: 7 } }),
    );
  });
});

it("white space after the ']' is Python's, unless the condition is a marker", async () => {
  const load = (header: string) =>
    new ConfigurationFiles({ "buildout.cfg": `[buildout]\nparts =\n${header}\no = 1\n` }).load();
  for (const header of ["[a: True]\t ", "[a: os_name == 'posix']\u00a0", "[a]\u00a0; c"]) {
    expect((await load(header)).sections.has("a"), header).toBe(true);
  }
  await expect(load("[a: True]\u00a0; c")).rejects.toThrow("the character U+00A0 after its ']'");
});

it("names the nearest name for an unknown one", () => {
  expect(() => holds("linxu")).toThrow(expect.objectContaining({ hint: "Did you mean 'linux'?" }));
});

describe("the interpreter", () => {
  /** A program that notes its runs and answers as a CPython 3.6 would. */
  function fakePython(workspace: ConfigurationFiles): string {
    const { versionInfo, maxSize, ...facts } = FACTS;
    const answer = { ...facts, versionInfo: [3, 6, 1, "final", 0], maxSize: String(maxSize) };
    const program = `import { appendFileSync } from "node:fs";
      appendFileSync(${JSON.stringify(workspace.path("runs"))}, "run\\n");
      console.log(process.argv.length > 2 ? "True" : ${JSON.stringify(JSON.stringify(answer))});`;
    workspace.write("python.mjs", program);
    const path = workspace.path("bin/python3");
    mkdirSync(workspace.path("bin"));
    writeFileSync(
      path,
      `#!/bin/sh\nexec ${process.execPath} ${workspace.path("python.mjs")} $4\n`,
      {
        mode: 0o755,
      },
    );
    return path;
  }

  function ask(python: Python, expression: string): boolean {
    return evaluateCondition(expression, { file: "b.cfg" }, { python, env: {}, directory: "/" });
  }

  it("is the first on the PATH, and is asked once for facts of its own only", () => {
    const workspace = new ConfigurationFiles();
    const path = fakePython(workspace);
    const env = { PATH: `/nope:${workspace.path("bin")}`, HOME: workspace.home };
    expect(findPython(env)).toBe(path);
    const python = interpreter(path, env, workspace.folder);
    expect(ask(python, 'sys.platform == "none" or "x" in os.environ')).toBe(false);
    expect(existsSync(workspace.path("runs"))).toBe(false);
    expect(ask(python, "python36 and python3")).toBe(true);
    expect(ask(python, 'python_version == "3.6"')).toBe(true);
    expect(readFileSync(workspace.path("runs"), "utf8")).toBe("run\n");
  });

  it("is asked once if started by pyenv, until pyenv starts another", () => {
    const workspace = new ConfigurationFiles();
    const env = { PATH: "/usr/bin:/bin", HOME: workspace.home };
    const root = workspace.path("pyenv");
    const launcher = `${root}/shims/python3`;
    // Each answer of pyenv is a line in `asked`, each of an interpreter one in its own `asked`.
    const script = (path: string, body: string) => {
      workspace.write(path, `#!/bin/sh\n${body}\n`);
      chmodSync(workspace.path(path), 0o755);
    };
    const asked = (path: string) => {
      const file = workspace.path(path);
      return existsSync(file) ? readFileSync(file, "utf8").length : 0;
    };
    workspace.write("pyenv/version", "3.6.1\n");
    script(
      "pyenv/shims/python3",
      `export PYENV_ROOT="${root}"\nprogram=python3\nexec "${root}/libexec/pyenv" exec "$program" "$@"`,
    );
    script(
      "pyenv/libexec/pyenv",
      `echo >> ${root}/asked; shift; read local < .python-version || read local < ${root}/version
       exec ${root}/versions/\${PYENV_VERSION:-$local}/python "$@"`,
    );
    const { maxSize, ...facts } = FACTS;
    for (const minor of [6, 7, 8]) {
      const folder = `${root}/versions/3.${minor}.1`;
      const answer = {
        ...{ ...facts, maxSize: String(maxSize), executable: `${folder}/python` },
        versionInfo: [3, minor, 1, "final", 0],
      };
      script(
        `pyenv/versions/3.${minor}.1/python`,
        `echo >> ${folder}/asked; cat << 'E'\n${JSON.stringify(answer)}\nE`,
      );
    }
    const minor = (changes: Record<string, string> = {}) =>
      interpreter(launcher, { ...env, ...changes }, workspace.folder).facts().versionInfo[1];
    expect([minor(), minor(), minor()]).toEqual([6, 6, 6]);
    expect([asked("pyenv/asked"), asked("pyenv/versions/3.6.1/asked")]).toEqual([1, 1]);
    expect([minor({ PYENV_VERSION: "3.7.1" }), minor()]).toEqual([7, 6]);
    workspace.write(".python-version", "3.8.1\n");
    expect(minor()).toBe(8);
    rmSync(workspace.path(".python-version"));
    workspace.write("pyenv/version", "3.7.1\n");
    expect(minor()).toBe(7);
    rmSync(workspace.path("pyenv/versions/3.7.1"), { recursive: true });
    expect(() => minor()).toThrow("answered");
  });

  it("evaluates conditions that our own evaluator cannot", () => {
    const workspace = new ConfigurationFiles();
    const python = interpreter(fakePython(workspace), { HOME: workspace.home }, workspace.folder);
    for (const expression of [
      '"%s" % 3 == "3"',
      "isinstance(1, int)",
      "{x for x in [1]}",
      '"x" * linux',
      '"aa".count("a", 1) == 1',
    ]) {
      expect(ask(python, expression)).toBe(true);
    }
    expect(readFileSync(workspace.path("runs"), "utf8")).toBe("run\n".repeat(5));
    expect(() => ask(python, "nope")).toThrow("name 'nope' is not defined");
    expect(readFileSync(workspace.path("runs"), "utf8")).toBe("run\n".repeat(5));
  });

  it("is not needed for the machine or the major version, but for the minor", () => {
    const python = interpreter(undefined, {}, "/");
    expect(ask(python, "python3 and cpython and (bits32 or bits64) and not python27")).toBe(true);
    expect(() => ask(python, "python311")).toThrow(
      "needs a Python interpreter, and none was found",
    );
    expect(() => ask(python, '"%s" % 3 == "3"')).toThrow("not supported");
  });

  const real = findPython(process.env);
  it.skipIf(real === undefined)("returns real facts, which are cached on disk", () => {
    const workspace = new ConfigurationFiles();
    const env = { ...process.env, HOME: workspace.home, XDG_CACHE_HOME: workspace.path("~/cache") };
    const own = { ...env, XDG_CACHE_HOME: workspace.path("~/other") };
    const probe = interpreter(real, own, workspace.folder).facts();
    expect(probe.versionInfo[0]).toBe(probe.major);
    // The interpreter itself, if that is a launcher.
    const { executable } = probe;
    expect(statSync(executable).isFile()).toBe(true);
    const facts = interpreter(executable, env, workspace.folder).facts();
    expect(facts.implementation).toBe(probe.implementation);
    expect(readdirSync(workspace.path("~/cache/hostout/python"))).toHaveLength(1);
    expect(interpreter(executable, env, workspace.folder).facts().version).toBe(facts.version);
    expect(ask(interpreter(executable, env, workspace.folder), '"%d" % 3 == "3"')).toBe(true);
    expect(() => ask(interpreter(executable, env, "/"), '"%d" % nope == "3"')).toThrow("nope");
  });
});

it("is not brought down by deep or long expressions", () => {
  for (const [open, close] of [
    ["(", ")"],
    ["not ", ""],
    ["-", ""],
    ["[", "]"],
    ["1 if 1 else ", ""],
  ]) {
    const expression = `${open!.repeat(20_000)}1${close!.repeat(20_000)}`;
    expect(() => holds(expression)).toThrow("nested too deeply");
  }
  expect(holds(`${"1 + ".repeat(2_000)}1 == 2001`)).toBe(true);
  expect(() => holds(`${"1 + ".repeat(200_000)}1`)).toThrow("too long");
});

/** Asks a Python interpreter for its facts, and to evaluate expressions that we do not support. */
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import { dirname, join } from "node:path";
import type { InterpreterFacts, MachineFacts, Python, PythonFacts } from "./facts.ts";
import { ConditionProblem } from "./problem.ts";
import { pyenvChoice } from "./pyenv.ts";

type Env = Readonly<Record<string, string | undefined>>;

const FACTS_SCRIPT = `
import json, os, platform, site, sys, sysconfig
given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
sys.path[:] = [folder for folder in sys.path if folder and folder not in given]
# Ignore the output of a sitecustomize.
output, sys.stdout = sys.stdout, sys.stderr
site.main()
sys.stdout = output
soabi = sysconfig.get_config_var("SOABI") or ""
words = soabi.split("-")
tag = "cp" + words[1] if words[0] == "cpython" else soabi.replace(".", "_").replace("-", "_")
print(json.dumps({
    "major": sys.version_info[0],
    "versionInfo": list(sys.version_info),
    "version": sys.version,
    "implementation": platform.python_implementation(),
    "maxSize": str(sys.maxsize),
    "libc": list(platform.libc_ver()),
    "abiTag": tag,
    "executable": sys.executable,
    "searchPath": [folder for folder in sys.path if os.path.isabs(folder)],
}))`;

// The names are those that zc.buildout predefines; see names.ts.
const EVALUATE_SCRIPT = `
import os, platform, re, struct, sys
names = {"os": os, "platform": platform, "re": re, "sys": sys}
version = platform.python_version_tuple()
for minor in range(20):
    for major in "23":
        names["python%s%s" % (major, minor)] = version[:2] == (major, str(minor))
names.update(python2=version[0] == "2", python3=version[0] == "3")
kind = platform.python_implementation().lower()
names.update((name, name == kind) for name in ("cpython", "pypy", "jython", "ironpython"))
system = dict(linux="linux", windows="win32", cygwin="cygwin", solaris="sunos", macosx="darwin")
names.update((name, word in sys.platform) for name, word in system.items())
names["posix"] = os.name == "posix"
bits = struct.calcsize("P") * 8
names.update(bits32=bits == 32, bits64=bits == 64)
names.update(little_endian=sys.byteorder == "little", big_endian=sys.byteorder == "big")
try:
    print(bool(eval("[" + sys.argv[1] + "]", names)[0]))
except Exception as error:
    sys.exit(str(error))`;

import { writeFileAtomically } from "../../system/write-atomically.ts";

/** The facts that Node knows as well as Python does. */
function machineFacts(): MachineFacts {
  return {
    platform: process.platform,
    osName: "posix",
    byteOrder: os.endianness() === "LE" ? "little" : "big",
    machine: os.machine(),
    system: os.type(),
    release: os.release(),
    systemVersion: os.version(),
    node: os.hostname(),
  };
}

function unknown(): never {
  throw new ConditionProblem("it needs a Python interpreter, and none was found");
}

/** Assumptions without an interpreter: a CPython 3 with the machine's word size. */
const ASSUMED: InterpreterFacts = {
  major: 3,
  implementation: "CPython",
  maxSize: process.arch === "arm" || process.arch === "ia32" ? 2n ** 31n - 1n : 2n ** 63n - 1n,
  executable: "",
  searchPath: [],
  get versionInfo() {
    return unknown();
  },
  get version() {
    return unknown();
  },
  get libc() {
    return unknown();
  },
  get abiTag() {
    return unknown();
  },
};

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first Python on the PATH. */
export function findPython(env: Env): string | undefined {
  const folders = (env.PATH ?? "").split(":").filter((folder) => folder.startsWith("/"));
  for (const name of ["python3", "python"]) {
    const found = folders.map((folder) => join(folder, name)).find(isProgram);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether the program is a script such as pyenv's, which runs different Pythons. */
function isScript(executable: string): boolean {
  const start = Buffer.alloc(2);
  const file = openSync(executable, "r");
  try {
    readSync(file, start, 0, 2, 0);
  } finally {
    closeSync(file);
  }
  return start.toString() === "#!";
}

function cacheFolder(env: Env): string | undefined {
  const caches = env.XDG_CACHE_HOME || (env.HOME && join(env.HOME, ".cache"));
  return caches ? join(caches, "hostout", "python") : undefined;
}

function fileName(...words: (string | number)[]): string {
  return `${encodeURIComponent(words.join("-")).slice(-200)}.json`;
}

/** Changes with the questions, so that answers for older versions of this package are ignored. */
const QUESTION = 2;

/** Where the answers of an interpreter are cached until it changes. */
function factsFile(executable: string, env: Env): string | undefined {
  const folder = cacheFolder(env);
  if (folder === undefined) return undefined;
  const { mtimeMs, size } = statSync(executable);
  return join(folder, fileName(executable, mtimeMs, size, QUESTION));
}

/** JSON from the cache; undefined if missing or incomplete. */
function fromCache(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    const text = readFileSync(file, "utf8");
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

/** An unwritable cache only costs time. */
function toCache(file: string | undefined, text: string): void {
  if (file === undefined) return;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileAtomically(file, text, { durable: "nothing" });
  } catch {
    // The next run asks again.
  }
}

/** Caches which interpreter a launcher starts while `choice` is the same. */
class Launcher {
  private readonly file: string | undefined;
  private readonly choice: string | undefined;

  constructor(path: string, env: Env, directory: string) {
    this.choice = pyenvChoice(path, env, directory);
    const folder = this.choice === undefined ? undefined : cacheFolder(env);
    this.file = folder && join(folder, fileName(path, directory));
  }

  get target(): string | undefined {
    const [choice, executable] = JSON.parse(fromCache(this.file) ?? "[]");
    return choice === this.choice && executable && isProgram(executable) ? executable : undefined;
  }

  remember(executable: string): void {
    toCache(this.file, JSON.stringify([this.choice, executable]));
  }
}

class Interpreter implements Python {
  private readonly executable: string | undefined;
  private readonly env: Env;
  private readonly directory: string;
  private known: PythonFacts | undefined;

  constructor(executable: string | undefined, env: Env, directory: string) {
    this.executable = executable;
    this.env = env;
    this.directory = directory;
  }

  facts(): PythonFacts {
    if (this.known === undefined) {
      let asked: InterpreterFacts | undefined;
      const interpreter = () => {
        asked ??= this.ask();
        return asked;
      };
      // The interpreter is started only when a fact is read.
      this.known = Object.defineProperties(
        machineFacts() as PythonFacts,
        Object.fromEntries(
          Object.keys(ASSUMED).map((name) => [
            name,
            { get: () => interpreter()[name as keyof InterpreterFacts] },
          ]),
        ),
      );
    }
    return this.known;
  }

  evaluate(expression: string): boolean | undefined {
    if (this.executable === undefined) return undefined;
    return this.run(this.executable, EVALUATE_SCRIPT, expression).trim() === "True";
  }

  private ask(): InterpreterFacts {
    if (this.executable === undefined || !isProgram(this.executable)) return ASSUMED;
    const facts = JSON.parse(
      isScript(this.executable)
        ? this.askLauncher(this.executable)
        : this.askProgram(this.executable),
    );
    return { ...facts, maxSize: BigInt(facts.maxSize) };
  }

  private askProgram(executable: string): string {
    const file = factsFile(executable, this.env);
    const known = fromCache(file);
    if (known !== undefined) return known;
    const text = this.run(executable, FACTS_SCRIPT);
    toCache(file, text);
    return text;
  }

  private askLauncher(path: string): string {
    const launcher = new Launcher(path, this.env, this.directory);
    const { target } = launcher;
    if (target !== undefined) return this.askProgram(target);
    const text = this.run(path, FACTS_SCRIPT);
    const { executable } = JSON.parse(text);
    if (isProgram(executable)) {
      launcher.remember(executable);
      toCache(factsFile(executable, this.env), text);
    }
    return text;
  }

  private run(executable: string, script: string, ...args: string[]): string {
    // Loading child_process takes time that most runs need not spend.
    const { spawnSync } = createRequire(import.meta.url)(
      "node:child_process",
    ) as typeof import("node:child_process");
    const { status, stdout, stderr, error } = spawnSync(executable, ["-S", "-c", script, ...args], {
      encoding: "utf8",
      cwd: this.directory,
      env: { ...this.env },
    });
    if (status === 0) return stdout;
    const reason = error?.message ?? stderr.trim().split("\n").at(-1) ?? "";
    throw new ConditionProblem(`${executable} answered: ${reason}`);
  }
}

/** The interpreter at `executable`, or assumptions if that is undefined. */
export function interpreter(executable: string | undefined, env: Env, directory: string): Python {
  return new Interpreter(executable, env, directory);
}

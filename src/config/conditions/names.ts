/** The names that a condition can use: modules, built-in functions, and those zc.buildout predefines. */
import { builtin, callable } from "./builtins.ts";
import type { Scope } from "./evaluate.ts";
import type { PythonFacts } from "./facts.ts";
import { type Env, moduleNamed } from "./modules.ts";
import { BeyondSubset } from "./problem.ts";
import { string, type Value } from "./values.ts";

const BITS_64 = 2n ** 32n;

type Test = (facts: PythonFacts) => boolean;

const kind = (word: string): Test => {
  return ({ implementation }) => implementation.toLowerCase() === word;
};
const platform = (word: string): Test => {
  return (facts) => facts.platform.toLowerCase().includes(word);
};

const PREDEFINED: Record<string, Test> = {
  pypy: kind("pypy"),
  jython: kind("jython"),
  ironpython: kind("ironpython"),
  cpython: kind("cpython"),
  linux: platform("linux"),
  windows: platform("win32"),
  cygwin: platform("cygwin"),
  solaris: platform("sunos"),
  macosx: platform("darwin"),
  posix: ({ osName }) => osName.toLowerCase().includes("posix"),
  bits32: ({ maxSize }) => maxSize < BITS_64,
  bits64: ({ maxSize }) => maxSize > BITS_64,
  little_endian: ({ byteOrder }) => byteOrder === "little",
  big_endian: ({ byteOrder }) => byteOrder === "big",
  python2: ({ major }) => major === 2,
  python3: ({ major }) => major === 3,
};

/** The words for machines and interpreters that zc.buildout predefines, except python27 and the like. */
export const PREDEFINED_NAMES = Object.keys(PREDEFINED);

/** `python27`, `python311`: this very major and minor version, of those that zc.buildout knows. */
function pythonVersion(name: string, facts: () => PythonFacts): boolean | undefined {
  const wanted = /^python(?:(2)([4-7])|(3)(\d|1[0-5]))$/.exec(name)?.filter(Boolean);
  if (wanted === undefined) return undefined;
  return facts().major === Number(wanted[1]) && facts().versionInfo[1] === Number(wanted[2]);
}

/** Built-in names of Python that need an interpreter. */
const OF_THE_INTERPRETER = new Set(
  (
    "Ellipsis NotImplemented __build_class__ __builtins__ __debug__ aiter anext ascii bin breakpoint " +
    "bytearray bytes callable classmethod compile complex copyright credits delattr dict dir divmod " +
    "enumerate eval exec exit filter format frozenset getattr globals hasattr hash help hex id input " +
    "isinstance issubclass iter license locals memoryview next object oct open pow print property " +
    "quit range repr reversed round setattr slice staticmethod sum super type vars zip"
  ).split(" "),
);

function ofTheInterpreter(name: string): undefined {
  if (OF_THE_INTERPRETER.has(name)) throw new BeyondSubset(`'${name}' is not supported`);
}

/** All names for expressions; facts are looked up on use. */
export function predefined(facts: () => PythonFacts, env: Env, directory: string): Scope {
  const imported = (name: Value = null) => {
    const found = moduleNamed(string(name), facts, env, directory);
    if (found === undefined) throw new BeyondSubset(`module ${string(name)} is not supported`);
    return found;
  };
  return (name) => {
    if (Object.hasOwn(PREDEFINED, name)) return PREDEFINED[name]!(facts());
    if (name === "__import__") return callable(name, imported);
    return (
      pythonVersion(name, facts) ??
      moduleNamed(name, facts, env, directory) ??
      builtin(name) ??
      ofTheInterpreter(name)
    );
  };
}

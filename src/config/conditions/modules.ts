/** The modules that conditions can use: sys, os, platform and re, as far as conditions need them. */
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { absolute, dirname, expandUser, isAbsolute, join } from "../../pythonic/path.ts";
import { callable } from "./builtins.ts";
import type { PythonFacts } from "./facts.ts";
import { BeyondSubset, ConditionProblem } from "./problem.ts";
import { Dictionary, index, Namespace, Sequence, string, tuple, type Value } from "./values.ts";

export type Env = Readonly<Record<string, string | undefined>>;

type Attributes = Record<string, () => Value>;

function namespace(name: string, attributes: Attributes): Namespace {
  return new Namespace(`module '${name}'`, Object.entries(attributes));
}

/** A function of the module that takes no arguments. */
function answer(name: string, body: () => Value): () => Value {
  return () => callable(name, body);
}

function versionInfo({ versionInfo: given }: Pick<PythonFacts, "versionInfo">): Sequence {
  const [major, minor, micro, level, serial] = given;
  const items = [BigInt(major), BigInt(minor), BigInt(micro), level, BigInt(serial)];
  const names = ["major", "minor", "micro", "releaselevel", "serial"];
  return new Sequence(
    "tuple",
    items,
    names.map((name, i) => [name, items[i]!]),
  );
}

export function pythonVersion({ versionInfo: given }: Pick<PythonFacts, "versionInfo">): string {
  return given.slice(0, 3).join(".");
}

function sysModule(facts: () => PythonFacts): Namespace {
  return namespace("sys", {
    platform: () => facts().platform,
    version_info: () => versionInfo(facts()),
    version: () => facts().version,
    maxsize: () => facts().maxSize,
    byteorder: () => facts().byteOrder,
    executable: () => facts().executable,
    implementation: () =>
      new Namespace("sys.implementation", [
        ["name", () => facts().implementation.toLowerCase()],
        ["version", () => versionInfo(facts())],
      ]),
  });
}

const OS_RELEASE_FILES = ["/etc/os-release", "/usr/lib/os-release"];

/** `platform.freedesktop_os_release()`: the KEY=value lines of os-release. */
function osRelease(): Dictionary {
  const file = OS_RELEASE_FILES.find((path) => existsSync(path));
  if (file === undefined) throw new ConditionProblem("there is no os-release file");
  const entries: [string, string][] = [
    ["NAME", "Linux"],
    ["ID", "linux"],
    ["PRETTY_NAME", "Linux"],
  ];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const match = /^([A-Z\d_]+)=(["']?)(.*)\2$/.exec(line.trim());
    if (match !== null) entries.push([match[1]!, match[3]!.replace(/\\(["'$`\\])/g, "$1")]);
  }
  return new Dictionary(entries);
}

function platformModule(facts: () => PythonFacts): Namespace {
  const versionTuple = () => tuple(...facts().versionInfo.slice(0, 3).map(String));
  return namespace("platform", {
    system: answer("system", () => facts().system),
    machine: answer("machine", () => facts().machine),
    release: answer("release", () => facts().release),
    version: answer("version", () => facts().systemVersion),
    node: answer("node", () => facts().node),
    python_implementation: answer("python_implementation", () => facts().implementation),
    python_version: answer("python_version", () => pythonVersion(facts())),
    python_version_tuple: answer("python_version_tuple", versionTuple),
    freedesktop_os_release: answer("freedesktop_os_release", osRelease),
    libc_ver: answer("libc_ver", () => tuple(...facts().libc)),
  });
}

function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false });
}

function exists(path: string): ReturnType<typeof statOf> {
  try {
    return statOf(path);
  } catch {
    return undefined;
  }
}

function osModule(facts: () => PythonFacts, env: Env, directory: string): Namespace {
  const text = (value: Value | undefined) => string(value);
  const entry = (value: Value | undefined) => exists(join(directory, text(value)));
  const environment: [string, string][] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined) environment.push([name, value]);
  }
  const path = namespace("os.path", {
    sep: () => "/",
    exists: () => callable("exists", (at) => entry(at) !== undefined),
    isfile: () => callable("isfile", (at) => entry(at)?.isFile() ?? false),
    isdir: () => callable("isdir", (at) => entry(at)?.isDirectory() ?? false),
    isabs: () => callable("isabs", (at) => isAbsolute(text(at))),
    join: () => callable("join", (...parts) => parts.map(string).reduce(join)),
    dirname: () => callable("dirname", (at) => dirname(text(at))),
    basename: () => callable("basename", (at) => text(at).slice(text(at).lastIndexOf("/") + 1)),
    abspath: () => callable("abspath", (at) => absolute(text(at), directory)),
    expanduser: () => callable("expanduser", (at) => expandUser(text(at), env.HOME)),
  });
  const uname = () => {
    const { system, node, release, systemVersion, machine } = facts();
    const items = [system, node, release, systemVersion, machine];
    const names = ["sysname", "nodename", "release", "version", "machine"];
    return new Sequence(
      "tuple",
      items,
      names.map((name, i) => [name, items[i]!]),
    );
  };
  const access = (at: Value = "", mode: Value = 0n) => {
    try {
      accessSync(join(directory, text(at)), index(mode));
      return true;
    } catch {
      return false;
    }
  };
  return namespace("os", {
    name: () => facts().osName,
    sep: () => "/",
    linesep: () => "\n",
    environ: () => new Dictionary(environment),
    path: () => path,
    getcwd: answer("getcwd", () => directory),
    getenv: () =>
      callable("getenv", (name, fallback = null) => {
        return environment.find(([each]) => each === name)?.[1] ?? fallback;
      }),
    uname: answer("uname", uname),
    access: () => callable("access", access),
    F_OK: () => BigInt(constants.F_OK),
    R_OK: () => BigInt(constants.R_OK),
    W_OK: () => BigInt(constants.W_OK),
    X_OK: () => BigInt(constants.X_OK),
  });
}

/** A Python pattern as a JavaScript one. Throws BeyondSubset for what that cannot express. */
function pattern(source: string, anchored: string): RegExp {
  if (/\(\?(?!:|=|!|<=|<!|P<)|\\[AZz]|[*+?}]\+/.test(source)) {
    throw new BeyondSubset("this regular expression is not supported");
  }
  try {
    return new RegExp(
      anchored.replace("_", () => source.replaceAll("(?P<", "(?<")),
      "u",
    );
  } catch {
    throw new BeyondSubset("this regular expression is not supported");
  }
}

function matching(name: string, anchored: string): () => Value {
  const match = (source: Value = "", text: Value = "") => {
    const found = pattern(string(source), anchored).exec(string(text));
    if (found === null) return null;
    const group = (at: Value = 0n) => {
      const wanted = typeof at === "string" ? found.groups?.[at] : found[index(at)];
      return wanted ?? null;
    };
    return new Namespace("match", [
      ["group", () => callable("group", group)],
      ["groups", () => callable("groups", () => tuple(...found.slice(1).map((g) => g ?? null)))],
    ]);
  };
  return () => callable(name, match);
}

function reModule(): Namespace {
  return namespace("re", {
    match: matching("match", "^(?:_)"),
    search: matching("search", "_"),
    fullmatch: matching("fullmatch", "^(?:_)$"),
  });
}

/** The module of that name, if conditions can use it. */
export function moduleNamed(
  name: string,
  facts: () => PythonFacts,
  env: Env,
  directory: string,
): Namespace | undefined {
  if (name === "sys") return sysModule(facts);
  if (name === "os") return osModule(facts, env, directory);
  if (name === "platform") return platformModule(facts);
  return name === "re" ? reModule() : undefined;
}

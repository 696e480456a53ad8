import { type BigIntStats, fstatSync, openSync, readSync } from "node:fs";
import vm from "node:vm";
import { CodeCache } from "./code-cache.ts";

/** How the rest of a program refers to its core. */
const CORE = "./shared.js";

/** Node modules that are not loaded at startup anyway. Those that are a class or a function cannot be deferred. */
const LATER = new Set(
  [
    ...["child_process", "crypto", "dns", "fs/promises", "http", "https", "net", "os"],
    ...["perf_hooks", "readline", "readline/promises", "stream/consumers", "stream/promises"],
    ...["string_decoder", "timers/promises", "tls", "tty", "v8", "worker_threads", "zlib"],
  ].map((name) => `node:${name}`),
);

/** A Node module that is loaded on first use. */
function laterModule(name: string, require: (name: string) => unknown): object {
  return new Proxy(
    {},
    {
      get: (_, key) => Reflect.get(require(name) as object, key),
      has: (_, key) => Reflect.has(require(name) as object, key),
      ownKeys: () => Reflect.ownKeys(require(name) as object),
      getOwnPropertyDescriptor: (_, key) => ({
        ...Reflect.getOwnPropertyDescriptor(require(name) as object, key),
        configurable: true,
      }),
    },
  );
}

/**
 * A `require` that loads a Node module on first use: a short run uses few of those we import, and
 * `node:net` or `node:crypto` take 5 ms each. It remembers modules, since Node takes 20 µs to find one again,
 * and there is an import of `node:path` in a hundred of ours.
 */
function lazily(require: (name: string) => unknown): (name: string) => unknown {
  const known = new Map<string, unknown>();
  return (name) => {
    let found = known.get(name);
    if (found === undefined) {
      found = LATER.has(name) ? laterModule(name, require) : require(name);
      known.set(name, found);
    }
    return found;
  };
}

/** What `import()` returns for a module that was loaded by `require`. */
function asNamespace(module: object): object {
  if ("__esModule" in module) return module;
  return Object.create(module, { default: { value: module } });
}

/** A file that holds texts of a program. It is opened at the start, so that all of them are of the same version. */
export class ProgramFile {
  readonly path: string;
  readonly stats: BigIntStats;
  private readonly descriptor: number;

  constructor(path: string) {
    this.path = path;
    this.descriptor = openSync(path, "r");
    this.stats = fstatSync(this.descriptor, { bigint: true });
  }

  read(): string {
    const content = Buffer.allocUnsafe(Number(this.stats.size));
    const length = readSync(this.descriptor, content, 0, content.length, 0);
    return content.toString("latin1", 0, length);
  }
}

/** One text of a program: the source of a function, made by build/program.mjs. */
export interface ProgramText {
  /** What stands for its modules, as a file. */
  path: string;
  cache: CodeCache;
  read(): string;
}

/**
 * Runs one text of a program. Uses `Script`, since before Node 22 `require` compiles everything again in each
 * run.
 */
function runText(
  text: ProgramText,
  require: (name: string) => unknown,
  importRest?: (name: string) => Promise<object>,
): object {
  const kept = text.cache.read();
  const source = kept?.text ?? text.read();
  const script = new vm.Script(source, { filename: text.path, cachedData: kept?.data });
  const known = new Set(script.cachedDataRejected ? [] : kept?.modules);
  const ran: string[] = [];
  process.once("exit", () => {
    if (ran.every((name) => known.has(name))) return;
    text.cache.write(() => ({
      modules: [...new Set([...known, ...ran])],
      text: source,
      data: script.createCachedData(),
    }));
  });
  const module = { exports: {} };
  const imported = async (load: () => object) => asNamespace(load());
  const importPackage = (name: string) => import(name);
  const run = script.runInThisContext();
  run(module, lazily(require), imported, importRest, importPackage, text.path, ran);
  return module.exports;
}

/** Runs the core of a program, and its rest when the core first imports one of its modules. */
export function run<Exports>(
  core: ProgramText,
  rest: ProgramText,
  require: (name: string) => unknown,
): Exports {
  let modules: Record<string, () => object> | undefined;
  const importRest = async (name: string) => {
    modules ??= (
      runText(rest, (each) => (each === CORE ? program : require(each))) as {
        modules: NonNullable<typeof modules>;
      }
    ).modules;
    return asNamespace(modules[name]!());
  };
  const program = runText(core, require, importRest);
  return program as Exports;
}

/** The text in a file of dist/programs. */
export function programText(path: string): ProgramText {
  const file = new ProgramFile(path);
  return { path, cache: new CodeCache(file), read: () => file.read() };
}

/** Runs a program of dist/programs; `core` is its own text. */
export function load<Exports>(
  path: string,
  require: (name: string) => unknown,
  core = programText(path),
): Exports {
  return run(core, programText(path.replace(/\.js$/, ".rest.js")), require);
}

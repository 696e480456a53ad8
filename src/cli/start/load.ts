import { readFileSync } from "node:fs";
import vm from "node:vm";
import { CodeCache } from "./code-cache.ts";

/** Node modules that are not loaded at startup anyway. Those that are a class or a function cannot be deferred. */
const LATER = new Set(
  [
    ...["child_process", "crypto", "dns", "fs/promises", "http", "https", "net", "os"],
    ...["perf_hooks", "readline", "readline/promises", "stream/promises", "timers/promises"],
    ...["tls", "tty", "v8", "worker_threads", "zlib"],
  ].map((name) => `node:${name}`),
);

/**
 * A `require` that loads a Node module on first use: a short run uses few of those we import, and
 * `node:net` or `node:crypto` take 5 ms each.
 */
function lazily(require: NodeJS.Require): (name: string) => unknown {
  return (name) => {
    if (!LATER.has(name)) return require(name);
    return new Proxy(
      {},
      {
        get: (_, key) => Reflect.get(require(name), key),
        has: (_, key) => Reflect.has(require(name), key),
        ownKeys: () => Reflect.ownKeys(require(name)),
        getOwnPropertyDescriptor: (_, key) => ({
          ...Reflect.getOwnPropertyDescriptor(require(name), key),
          configurable: true,
        }),
      },
    );
  };
}

/** Runs a program of dist/programs. */
export function load<Exports>(
  program: string,
  require: NodeJS.Require,
  cache = new CodeCache(program),
): Exports {
  return run(readFileSync(program, "latin1"), program, require, cache);
}

/**
 * Runs a program from a file that holds the source of a function, as made by build/program.mjs. Uses
 * `Script`, since before Node 22 `require` compiles everything again in each run.
 */
export function run<Exports>(
  text: string,
  program: string,
  require: NodeJS.Require,
  cache: CodeCache,
): Exports {
  const kept = cache.read();
  const script = new vm.Script(text, {
    filename: program,
    cachedData: kept?.data,
  });
  const known = new Set(script.cachedDataRejected ? [] : kept?.modules);
  const ran: string[] = [];
  process.once("exit", () => {
    if (ran.every((name) => known.has(name))) return;
    cache.write(() => ({
      modules: [...new Set([...known, ...ran])],
      data: script.createCachedData(),
    }));
  });
  const module = { exports: {} };
  script.runInThisContext()(module, lazily(require), (name: string) => import(name), program, ran);
  return module.exports as Exports;
}

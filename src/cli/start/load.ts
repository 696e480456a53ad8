import { readFileSync } from "node:fs";
import vm from "node:vm";
import { CodeCache } from "./code-cache.ts";

/** Modules of Node that every start has loaded anyway. */
const EARLY = /^node:(?:buffer|events|fs|path|process|timers|url|util|vm)$/;

/**
 * `require` that loads a module of Node when something of it is used first: a short run uses few of
 * those that some code of ours imports, and `node:net` or `node:crypto` take 5 ms each.
 */
function lazily(require: NodeJS.Require): (name: string) => unknown {
  return (name) => {
    if (!name.startsWith("node:") || EARLY.test(name)) return require(name);
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

/**
 * Runs a program of dist/programs: the text of a function, as build/programs.mjs makes it. `Script`
 * rather than `require`, which compiles all of it anew in each run before Node 22.
 */
export function load<Exports>(program: string, require: NodeJS.Require): Exports {
  const cache = new CodeCache(program);
  const kept = cache.read();
  const script = new vm.Script(readFileSync(program, "latin1"), {
    filename: program,
    cachedData: kept?.data,
  });
  const known = new Set(script.cachedDataRejected ? [] : kept?.modules);
  const run: string[] = [];
  process.once("exit", () => {
    if (run.every((name) => known.has(name))) return;
    cache.write(() => ({
      modules: [...new Set([...known, ...run])],
      data: script.createCachedData(),
    }));
  });
  const module = { exports: {} };
  script.runInThisContext()(module, lazily(require), (name: string) => import(name), program, run);
  return module.exports as Exports;
}

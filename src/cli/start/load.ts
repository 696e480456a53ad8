import { readFileSync } from "node:fs";
import vm from "node:vm";
import { CodeCache } from "./code-cache.ts";

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
  script.runInThisContext()(module, require, (name: string) => import(name), program, run);
  return module.exports as Exports;
}

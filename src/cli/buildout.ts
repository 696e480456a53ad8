import { join } from "node:path";
import { CodeCache } from "./start/code-cache.ts";
import { load } from "./start/load.ts";

const program = join(__dirname, "../programs/buildout.js");
const cache = new CodeCache(program);
const { runBuildout } = load<typeof import("./buildout/run-buildout.ts")>(program, require, cache);
runBuildout({
  module: __filename,
  node: undefined,
  compiled: () => cache.compiledPlaces(),
});

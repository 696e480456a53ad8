// The whole engine as one file that needs nothing but Node 18.19: what a deployer
// puts on a host. Its `bootstrap` writes a bin/buildout that starts this file with
// this Node, which need not be on PATH there.
import program from "embedded:engine";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { CodeCache } from "./start/code-cache.ts";
import { run } from "./start/load.ts";

const module = fileURLToPath(import.meta.url);
// On a host, files are kept only next to the engine and removed with it; a plan leaves nothing there.
const keeps = !process.argv.includes("--plan");
const cache = new CodeCache(module, {}, { keeps, mode: 0o640 });
const { runBuildout } = run<typeof import("./buildout/run-buildout.ts")>(
  program,
  module,
  createRequire(import.meta.url),
  cache,
);
await runBuildout({
  module,
  node: process.execPath,
  compiled: () => cache.compiledPlaces(),
});

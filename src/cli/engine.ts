// The whole engine as one file that needs nothing but Node 18.19: what a deployer
// puts on a host. Its `bootstrap` writes a bin/buildout that starts this file with
// this Node, which need not be on PATH there.
import { fileURLToPath } from "node:url";
import { runBuildout } from "./buildout/run-buildout.ts";
import { optimizeLater } from "./tiering.ts";

optimizeLater();
await runBuildout({ module: fileURLToPath(import.meta.url), node: process.execPath });

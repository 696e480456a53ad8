// The whole engine as one file that needs nothing but Node 18.19: what a deployer
// puts on a host. Its `bootstrap` writes a bin/buildout that starts this file with
// this Node, which need not be on PATH there.
import { CodeCache } from "./start/code-cache.ts";
import { ProgramFile, type ProgramText, run } from "./start/load.ts";
import { awaitWord } from "./start/word.ts";

const file = new ProgramFile(__filename);
// On a host, files are kept only next to the engine and removed with it; a plan leaves nothing there.
const keeps = process.argv.includes("--plan") ? "nothing" : "code and text";

/** A text that build/engine.mjs has appended to this file as a comment. */
function embedded(name: "core" | "rest" | "jiti"): string {
  const { brotliDecompressSync } = require("node:zlib") as typeof import("node:zlib");
  const content = file.read();
  const start = content.lastIndexOf(`\n//${name}:`) + name.length + 4;
  const compressed = content.slice(start, content.indexOf("\n", start));
  return brotliDecompressSync(Buffer.from(compressed, "base64")).toString("latin1");
}

const text = (part: "core" | "rest"): ProgramText => ({
  path: __filename,
  cache: new CodeCache({ ...file, part }, {}, { keeps, mode: 0o640 }),
  read: () => embedded(part),
});

const core = text("core");
const { runBuildout } = run<typeof import("./buildout/run-buildout.ts")>(
  core,
  text("rest"),
  (name) => (name === "embedded:texts" ? { jiti: () => embedded("jiti") } : require(name)),
);
awaitWord();
runBuildout({
  module: __filename,
  node: process.execPath,
  compiled: () => core.cache.compiledPlaces(),
});

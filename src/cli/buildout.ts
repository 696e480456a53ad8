import { join } from "node:path";
import { load, programText } from "./start/load.ts";

const program = join(__dirname, "../programs/buildout.js");
const core = programText(program);
const { runBuildout } = load<typeof import("./buildout/run-buildout.ts")>(program, require, core);
runBuildout({
  module: __filename,
  node: undefined,
  compiled: () => core.cache.compiledPlaces(),
});

import { join } from "node:path";
import { load } from "./start/load.ts";

const program = join(__dirname, "../programs/buildout.js");
const { runBuildout } = load<typeof import("./buildout/run-buildout.ts")>(program, require);
runBuildout({ module: __filename, node: undefined });

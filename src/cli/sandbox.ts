import { join } from "node:path";
import { load } from "./start/load.ts";

const program = join(__dirname, "../programs/sandbox.js");
const { runSandbox } = load<typeof import("./sandbox/run-sandbox.ts")>(program, require);
runSandbox(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});

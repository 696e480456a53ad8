import { runSandbox } from "./sandbox/run-sandbox.ts";

process.exitCode = await runSandbox(process.argv.slice(2));

import { fileURLToPath } from "node:url";
import { programsOf } from "../../program/programs.ts";
import { runHostout } from "./run-hostout.ts";

/** After the build, this file is dist/programs/hostout.js. */
const PROGRAMS = programsOf(fileURLToPath(new URL("../..", import.meta.url)));

/** What `bin/hostout` calls with its arguments; see `runHostout`. */
export function main(argv: readonly string[], configuration?: string): Promise<number> {
  return runHostout(argv, configuration, PROGRAMS);
}

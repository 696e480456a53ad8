import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runHostout } from "./hostout/run-hostout.ts";
import { VERSION } from "./version.ts";

const packageDirectory = fileURLToPath(new URL("../..", import.meta.url));

const PROGRAMS = {
  engine: join(packageDirectory, "dist/engine.mjs"),
  localFiles: join(packageDirectory, "dist/deploy/release/local-files-worker.js"),
  rsyncShell: join(packageDirectory, "dist/deploy/host/rsync-shell.js"),
  version: VERSION,
};

/** What `bin/hostout` calls with its arguments; see `runHostout`. */
export function main(argv: readonly string[], configuration?: string): Promise<number> {
  return runHostout(argv, configuration, PROGRAMS);
}

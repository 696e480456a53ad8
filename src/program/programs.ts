import { join } from "node:path";
import type { Programs } from "../deploy/release/deployment.ts";
import { VERSION } from "./version.ts";

/** Files of this package, in `directory`, that a deployment runs or sends. */
export function programsOf(directory: string): Programs {
  return {
    engine: join(directory, "dist/engine.cjs"),
    localFiles: join(directory, "dist/cli/local-files.js"),
    rsyncShell: join(directory, "dist/deploy/host/rsync-shell.js"),
    version: VERSION,
  };
}

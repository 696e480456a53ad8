import { spawnSync } from "node:child_process";

/** An interpreter that has libcloud: Debian's, for which python3-libcloud is a package. */
export const PYTHON = "/usr/bin/python3";

const found = spawnSync(PYTHON, ["-c", "import libcloud"]).status === 0;

/** Why tests with libcloud cannot run here; in CI that is a failure. */
export const libcloudMissing = found
  ? undefined
  : "libcloud is not installed (apt-get install python3-libcloud)";
if (libcloudMissing !== undefined && process.env.CI) {
  throw new Error(`In CI nothing may be skipped: ${libcloudMissing}`);
}

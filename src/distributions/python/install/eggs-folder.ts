/** The eggs folder while something is installed into it: by one run at a time. */
import { constants } from "node:fs";
import { access, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import { withLock } from "../../../system/lock.ts";
import type { PythonInstallRequest } from "./request.ts";
import { withWorkshop } from "./temporary-directory.ts";

/** Begins the names of folders in the eggs folder where an installation grows. */
const WORKSHOP = ".installing-";

/** Runs `action` with an empty folder beside the eggs while no other run changes them. */
export async function withEggsFolder<T>(
  { eggsDirectory, report }: PythonInstallRequest,
  action: (workshop: string) => Promise<T>,
): Promise<T> {
  await mkdir(eggsDirectory, { recursive: true });
  await access(eggsDirectory, constants.W_OK).catch((cause) => {
    throw new BuildoutError(
      "eggs-not-writable",
      `Nothing can be installed: the eggs folder ${eggsDirectory} can't be written.`,
      { cause, hint: "Make it writable, or name another one: [buildout] eggs-directory." },
    );
  });
  const onWait = (pid: number | undefined) =>
    report({ type: "waiting", directory: eggsDirectory, ...(pid !== undefined && { pid }) });
  return withLock(eggsDirectory, onWait, async () => {
    // What runs that were killed have left: this run is the only one.
    for (const entry of await readdir(eggsDirectory)) {
      if (!entry.startsWith(WORKSHOP)) continue;
      await rm(join(eggsDirectory, entry), { recursive: true, force: true });
    }
    return withWorkshop(join(eggsDirectory, WORKSHOP), action);
  });
}

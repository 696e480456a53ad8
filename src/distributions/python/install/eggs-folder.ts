/** The eggs directory during an installation, by one run at a time. */
import { constants } from "node:fs";
import { access, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import { withLock } from "../../../system/lock.ts";
import type { PythonInstallRequest } from "./request.ts";
import { withWorkshop } from "./temporary-directory.ts";

/** Prefix of temporary directories in the eggs directory. */
const WORKSHOP = ".installing-";

/** Runs `action` with an empty directory next to the eggs while no other run changes them. */
export async function withEggsFolder<T>(
  { eggsDirectory, report }: PythonInstallRequest,
  action: (workshop: string) => Promise<T>,
): Promise<T> {
  await mkdir(eggsDirectory, { recursive: true });
  await access(eggsDirectory, constants.W_OK).catch((cause) => {
    throw new BuildoutError(
      "eggs-not-writable",
      `Nothing can be installed: the eggs directory ${eggsDirectory} is not writable.`,
      { cause, hint: "Make it writable, or set 'eggs-directory' in [buildout]." },
    );
  });
  const onWait = (pid: number | undefined) =>
    report({ type: "waiting", directory: eggsDirectory, ...(pid !== undefined && { pid }) });
  return withLock(eggsDirectory, onWait, async () => {
    // Leftovers of killed runs, since this run is the only one.
    for (const entry of await readdir(eggsDirectory)) {
      if (!entry.startsWith(WORKSHOP)) continue;
      await rm(join(eggsDirectory, entry), { recursive: true, force: true });
    }
    return withWorkshop(join(eggsDirectory, WORKSHOP), action);
  });
}

import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Settings } from "../../contract/settings.ts";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import { repr } from "../../pythonic/text.ts";

/**
 * Creates a directory and its parents. Node's `recursive` loops forever below /proc, where mkdir(2) reports
 * a missing parent. Not `system/make-directory`: every run would load it.
 */
function makeFolder(path: string): void {
  const above = dirname(path);
  if (!existsSync(above)) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another run may have created it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

type Report = Reporter<EngineEvent>;

function create(path: string, report: Report | undefined): void {
  if (existsSync(path)) return;
  report?.({ type: "directory-creating", path });
  try {
    makeFolder(path);
  } catch (error) {
    throw new BuildoutError(
      "directory-not-made",
      `Couldn't create directory ${repr(path)}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Creates the directories shared between buildouts: caches and eggs. */
export function createCaches(settings: Settings, report: Report): void {
  const { downloadCache, extendsCache, eggsDirectory } = settings;
  for (const cache of [downloadCache, extendsCache, eggsDirectory]) {
    if (cache) create(cache, report);
  }
  if (downloadCache) create(join(downloadCache, "dist"), undefined);
}

/** Creates the directories of this buildout. Those in `madeEarly` exist already but are not reported yet. */
export function createDirectories(
  { binDirectory, partsDirectory, developEggsDirectory }: Settings,
  madeEarly: ReadonlySet<string>,
  report: Report,
): void {
  for (const path of [binDirectory, partsDirectory, developEggsDirectory]) {
    if (existsSync(path) && madeEarly.has(path)) report({ type: "directory-creating", path });
    create(path, report);
  }
}

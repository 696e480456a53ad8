import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { defineRecipe, type Part, writeFileAtomically } from "../../src/index.ts";
import { launcher } from "./launcher.ts";

/** Writes `bin/develop` unless it is up to date. */
function writeScript({ buildout, created }: Part, isNew: boolean): string {
  const file = join(buildout.binDirectory, "develop");
  const text = launcher();
  const stats = statSync(file, { throwIfNoEntry: false });
  const same = stats && (stats.mode & 0o777) === 0o755 && readFileSync(file, "utf8") === text;
  if (!same) {
    if (isNew) created(file);
    writeFileAtomically(file, text, 0o755);
    buildout.log.info(`Generated script '${file}'.`);
  }
  return file;
}

export default defineRecipe({
  description: "Writes bin/develop; the extension mr.developer adds such a part.",
  readsOnlyDeclared: true,
  install: (part) => writeScript(part, true),
  update: (part) => void writeScript(part, false),
});

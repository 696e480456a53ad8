import { rmSync } from "node:fs";
import { during } from "../../contract/during.ts";
import type { BuildoutRequest } from "../../contract/engine.ts";
import { alone } from "./alone.ts";
import { Buildout } from "./buildout.ts";
import { createDirectories } from "./directories.ts";
import { type Program, writeLauncher } from "./launcher.ts";

/** Creates the directories of a buildout, with an empty develop-eggs directory, and its `bin/buildout`. */
export async function bootstrap(request: BuildoutRequest, program: Program): Promise<void> {
  const buildout = await Buildout.open(request);
  const { settings, report, directory } = buildout;
  const work = async () => {
    rmSync(settings.developEggsDirectory, { recursive: true, force: true });
    await during("Setting up buildout directories", () =>
      createDirectories(settings, new Set(), report),
    );
    const script = writeLauncher(settings.binDirectory, directory, program);
    if (script) report({ type: "script-generated", path: script });
  };
  await during("Bootstrapping.", () => alone(buildout, work));
}

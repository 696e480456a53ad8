import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isUrl } from "../../pythonic/path.ts";
import type { BuildoutCommand, CommandCall } from "./command.ts";
import { buildoutRequest, loadConfiguration } from "./requests.ts";

export const setup: BuildoutCommand = {
  name: "setup",
  alias: "runsetup",
  arguments: "SCRIPT [ARGUMENT...]",
  options: "untouched",
  events: true,
  summary: "Run a Python setup script, or the setup.py of a directory",
  details: `Runs it with the interpreter that 'executable' in [buildout] names, with
setuptools loaded. runsetup is the same, but needs a configuration file.`,
  example: "setup src/demo bdist_wheel",
  async run(call) {
    const { setup: runSetup } = await import("../../buildout/run/setup.ts");
    const configuration = await loadConfiguration(call, { file: configurationFile(call) });
    await runSetup(buildoutRequest(configuration, call), [...call.args]);
    return 0;
  },
};

/** As in zc.buildout, `setup` needs no configuration, but `runsetup` does. */
function configurationFile({ parsed, environment }: CommandCall): string | undefined {
  const { file, command } = parsed;
  const isNeeded = command === "runsetup" || isUrl(file);
  return isNeeded || existsSync(resolve(environment.directory, file)) ? file : undefined;
}

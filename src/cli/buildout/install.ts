import { install as installParts } from "../../buildout/run/install.ts";
import { type BuildoutCommand, EVENTS_OPTION } from "./command.ts";
import { buildoutRequest, loadConfiguration } from "./requests.ts";

export const install: BuildoutCommand = {
  name: "install",
  arguments: "[PART...]",
  options: [EVENTS_OPTION],
  events: true,
  summary: "Install or update the parts (the default command)",
  details: `Installs the parts of the configuration, updates those that did not change and
removes what is no longer part of it. With PARTs only these are installed or
updated, and nothing is removed.`,
  example: "install web",
  async run(call) {
    await installParts(buildoutRequest(await loadConfiguration(call), call), [...call.args]);
    return 0;
  },
};

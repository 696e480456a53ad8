import { bootstrap as bootstrapBuildout } from "../../buildout/run/bootstrap.ts";
import { type BuildoutCommand, EVENTS_OPTION } from "./command.ts";
import { buildoutRequest, loadConfiguration } from "./requests.ts";

export const bootstrap: BuildoutCommand = {
  name: "bootstrap",
  arguments: "none",
  options: [EVENTS_OPTION],
  events: true,
  summary: "Make the directories of a buildout and its bin/buildout",
  details: "Needs a configuration file. The develop-eggs directory is emptied.",
  example: "-c production.cfg bootstrap",
  async run(call) {
    const request = buildoutRequest(await loadConfiguration(call), call);
    await bootstrapBuildout(request, call.environment.program);
    return 0;
  },
};

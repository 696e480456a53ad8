import { dirname, resolve } from "node:path";
import { bootstrap as bootstrapBuildout } from "../../buildout/run/bootstrap.ts";
import { isUrl } from "../../pythonic/path.ts";
import { type BuildoutCommand, EVENTS_OPTION } from "./command.ts";
import { buildoutRequest, loadConfiguration } from "./requests.ts";

export const bootstrap: BuildoutCommand = {
  name: "bootstrap",
  arguments: "none",
  options: [EVENTS_OPTION],
  events: true,
  summary: "Create the directories of a buildout and its bin/buildout",
  details: `Needs a configuration file. The develop-eggs directory is emptied. If there is a hostout
part, .gitignore gets lines that keep its keys out of git.`,
  example: "-c production.cfg bootstrap",
  async run(call) {
    const { parsed, environment } = call;
    const configuration = await loadConfiguration(call);
    await bootstrapBuildout(buildoutRequest(configuration, call), environment.program);
    const { keepKeysPrivate } = await import("./private-keys.ts");
    const directory = dirname(resolve(environment.directory, parsed.file));
    if (!isUrl(parsed.file)) await keepKeysPrivate(configuration, directory, environment);
    return 0;
  },
};

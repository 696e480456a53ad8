import { dirname, resolve } from "node:path";
import { bootstrap } from "../../buildout/run/bootstrap.ts";
import { install } from "../../buildout/run/install.ts";
import { type BuildoutCommand, EVENTS_OPTION } from "./command.ts";
import { buildoutRequest, loadConfiguration } from "./requests.ts";

export const init: BuildoutCommand = {
  name: "init",
  arguments: "[PACKAGE...]",
  options: [EVENTS_OPTION],
  events: true,
  summary: "Write a first buildout.cfg, then bootstrap",
  details: `Without arguments, the new configuration has no parts. Python packages get a part
that installs them, their scripts and an interpreter \`py\`; directories (arguments
with a slash) are on its path. npm packages (\`npm:NAME\` or \`@SCOPE/NAME\`) get a
similar part for Node; directories with a package.json are developed in place.
The parts are then installed.`,
  example: "init requests ./src",
  async run(call) {
    const { parsed, args, environment } = call;
    const { directory, report, program } = environment;
    const file = resolve(directory, parsed.file);
    const { writeInitialConfiguration } = await import("../../buildout/run/init.ts");
    writeInitialConfiguration(file, args, report);
    const { ignoreSecrets } = await import("../../buildout/run/ignored.ts");
    ignoreSecrets(dirname(file), report);
    const configuration = await loadConfiguration(call);
    await bootstrap(buildoutRequest(configuration, call), program);
    const { keepKeysPrivate } = await import("./private-keys.ts");
    await keepKeysPrivate(configuration, dirname(file), environment);
    // A second run in the same process: the directories exist, and log lines are not repeated.
    if (args.length > 0) await install(buildoutRequest(configuration, call), []);
    return 0;
  },
};

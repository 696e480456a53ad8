import { BuildoutError } from "../../errors/error.ts";
import type { BuildoutCommand } from "./command.ts";

export const develop: BuildoutCommand = {
  name: "develop",
  arguments: "[COMMAND] [ARGUMENT...]",
  options: "untouched",
  summary: "Work on the packages of mr.developer: what bin/develop does",
  details: "`buildout develop help` lists its commands.",
  example: "develop status",
  async run({ parsed, args, environment }) {
    if (environment.argv[1] !== parsed.command) {
      throw new BuildoutError("usage", "'develop' uses the options of the last run of buildout.", {
        hint: "Leave out what stands before 'develop', or run buildout with it first.",
      });
    }
    const { developCommand } = await import("./developed-packages.ts");
    return developCommand(args, environment);
  },
};

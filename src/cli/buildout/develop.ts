import { BuildoutError } from "../../errors/error.ts";
import type { BuildoutCommand } from "./command.ts";

export const develop: BuildoutCommand = {
  name: "develop",
  arguments: "[COMMAND] [ARGUMENT...]",
  options: "untouched",
  summary: "Manage the packages of mr.developer, as bin/develop does",
  details: "`buildout develop help` lists its commands.",
  example: "develop status",
  async run({ parsed, args, environment }) {
    if (environment.argv[1] !== parsed.command) {
      throw new BuildoutError("usage", "'develop' uses the options of the last buildout run.", {
        hint: "Remove everything before 'develop', or run buildout with it first.",
      });
    }
    const { developCommand } = await import("./developed-packages.ts");
    return developCommand(args, environment);
  },
};

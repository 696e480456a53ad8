import type { Configuration } from "../../config/merge/configuration.ts";
import { initialize } from "../../config/resolve/initialize.ts";
import { Sections } from "../../config/resolve/sections.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import type { BuildoutCommand } from "./command.ts";
import { loadShown } from "./requests.ts";

export const query: BuildoutCommand = {
  name: "query",
  arguments: "[SECTION:]OPTION",
  summary: "Print one option as it is written, before substitution",
  details: "Without SECTION, the option belongs to [buildout].",
  example: "query web:port",
  wrongArguments: "The query command requires a single argument.",
  async run(call) {
    queryCommand(await loadShown(call), call.args[0]!, call.environment.write);
    return 0;
  },
};

/**
 * `buildout query [SECTION:]OPTION`: the option as written; with any verbosity, preceded by its name, even
 * if it is missing. Throws `usage`, `missing-section` and `missing-option`.
 */
function queryCommand(
  configuration: Configuration,
  argument: string,
  write: (text: string) => void,
): void {
  initialize(configuration, new Sections(configuration));
  const words = argument.split(":");
  if (words.length > 2) throw new BuildoutError("usage", `Invalid option: ${argument}`);
  const [section, option] = words.length === 1 ? ["buildout", words[0]!] : [words[0]!, words[1]!];
  // Before the lookup: zc.buildout prints it for missing options, too.
  if (configuration.sections.get("buildout")?.has("verbosity")) {
    write(`\${${section}:${option}}\n`);
  }
  const options = configuration.sections.get(section);
  if (!options) {
    const hint = didYouMean(section, configuration.sections.keys());
    throw new BuildoutError("missing-section", `Section not found: ${section}`, {
      ...(hint && { hint }),
    });
  }
  const value = options.get(option);
  if (value === undefined) {
    const location = configuration.location(section);
    const hint = didYouMean(option, options.keys());
    throw new BuildoutError("missing-option", `Key not found: ${option}`, {
      ...(location && { location }),
      ...(hint && { hint }),
    });
  }
  write(`${value}\n`);
}

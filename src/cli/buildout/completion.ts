import { BuildoutError } from "../../errors/error.ts";
import { optionWords } from "../options/grammar.ts";
import { OPTIONS } from "./arguments.ts";
import type { BuildoutCommand, CommandCall } from "./command.ts";
import { loadConfiguration } from "./requests.ts";

export const completion: BuildoutCommand = {
  name: "completion",
  arguments: "SHELL",
  summary: "Print a completion script for the shell: bash, zsh or fish",
  details: `The script completes commands, options, and the sections of ./buildout.cfg, for which it
calls \`buildout completion words\`. For example, in ~/.bashrc:

  eval "$(buildout completion bash)"`,
  example: "completion bash",
  wrongArguments: "The completion command requires a shell: bash, zsh or fish.",
  async run(call) {
    const [shell] = call.args;
    const table = {
      program: "buildout",
      options: optionWords(OPTIONS),
      commands: call.commands.map(({ name, summary }) => [name, summary] as const),
    } as const;
    const { completionScript } = await import("../options/shells.ts");
    const text =
      shell === "words" ? (await sections(call)).join("\n") : completionScript(shell, table);
    call.environment.write(`${text}\n`);
    return 0;
  },
};

/** The sections of the configuration, parts among them; none if it cannot be read. */
async function sections(call: CommandCall): Promise<string[]> {
  try {
    const silent = { ...call, environment: { ...call.environment, write: () => {} } };
    return [...(await loadConfiguration(silent)).sections.keys()];
  } catch (error) {
    if (error instanceof BuildoutError) return [];
    throw error;
  }
}

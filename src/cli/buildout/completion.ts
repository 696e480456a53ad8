import { optionWords } from "../../arguments/grammar.ts";
import { BuildoutError } from "../../errors/error.ts";
import { words } from "../../pythonic/text.ts";
import type { Takes } from "../options/shells.ts";
import { OPTIONS } from "./arguments.ts";
import type { BuildoutCommand, CommandCall } from "./command.ts";
import { loadConfiguration } from "./requests.ts";

/** Commands that complete more than their own options. */
const TAKES: Readonly<Record<string, Takes>> = {
  install: "parts",
  annotate: "sections",
  config: "sections",
  query: "sections",
  init: "files",
  setup: "files",
  develop: "files",
  help: "commands",
};

export const completion: BuildoutCommand = {
  name: "completion",
  arguments: "SHELL",
  summary: "Print a completion script for the shell: bash, zsh or fish",
  details: `The script completes commands, options, and the parts and sections of ./buildout.cfg, for
which it calls \`buildout completion parts\` and \`... words\`. For example, in ~/.bashrc:

  eval "$(buildout completion bash)"`,
  example: "completion bash",
  wrongArguments: "The completion command requires a shell: bash, zsh or fish.",
  async run(call) {
    const [shell] = call.args;
    const isAsked = shell === "words" || shell === "parts";
    call.environment.write(`${isAsked ? await names(call, shell) : await script(call)}\n`);
    return 0;
  },
};

async function script({ args, commands }: CommandCall): Promise<string> {
  const { completionScript, optionValues } = await import("../options/shells.ts");
  return completionScript(args[0], {
    program: "buildout",
    options: optionWords(OPTIONS),
    commands: commands.map(({ name, summary, options = [] }) => ({
      ...{ name, summary, takes: TAKES[name] ?? "itself" },
      options: options === "untouched" ? [] : optionWords(options),
    })),
    values: optionValues([
      ...OPTIONS,
      ...commands.flatMap(({ options = [] }) => (options === "untouched" ? [] : options)),
    ]),
    asks: undefined,
  });
}

/** The sections of the configuration, or its parts alone; none if it cannot be read. */
async function names(call: CommandCall, what: "words" | "parts"): Promise<string> {
  try {
    const silent = { ...call, environment: { ...call.environment, write: () => {} } };
    const { sections } = await loadConfiguration(silent);
    const parts = words(sections.get("buildout")?.get("parts") ?? "");
    const found = what === "words" ? [...sections.keys()] : parts;
    return found.filter((name) => !name.includes("${")).join("\n");
  } catch (error) {
    if (error instanceof BuildoutError) return "";
    throw error;
  }
}

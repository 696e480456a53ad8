import { spawn } from "node:child_process";
import { BuildoutError } from "../../../src/index.ts";
import type { Command, CommandContext } from "./command.ts";

function printArguments({ project, print }: CommandContext): void {
  print(`Last used buildout arguments: ${project.state.buildoutArguments.slice(1).join(" ")}`);
}

export const showArguments: Command = {
  name: "arguments",
  aliases: ["args"],
  description:
    "Print arguments used by last buildout which will be used with the 'rebuild' command.",
  flags: [],
  words: "none",
  async run(context) {
    printArguments(context);
  },
};

export const rebuild: Command = {
  name: "rebuild",
  aliases: ["rb"],
  description: "Run buildout with the last used arguments.",
  flags: [],
  words: "none",
  async run(context) {
    const { project, log } = context;
    const [command, ...args] = project.state.buildoutArguments;
    if (!command) {
      throw new BuildoutError("no-arguments", "No buildout run has been recorded.", {
        hint: "Run bin/buildout once.",
      });
    }
    printArguments(context);
    log.info("Running buildout.");
    const child = spawn(command, args, { cwd: project.directory, stdio: "inherit" });
    return await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status, signal) => resolve(status ?? (signal === "SIGINT" ? 130 : 1)));
    });
  },
};

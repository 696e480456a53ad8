import type { Interaction } from "../host/index.ts";

/** Asks on the terminal, where there is one; answers come from nowhere else. */
export function terminalInteraction(env: NodeJS.ProcessEnv): Interaction {
  const note = (line: string) => process.stderr.write(`${line}\n`);
  if (!process.stdin.isTTY || !process.stderr.isTTY) return { env, note };
  const context = { output: process.stderr };
  return {
    env,
    note,
    async ask(question, { hidden = false } = {}) {
      const { input, password } = await import("@inquirer/prompts");
      return hidden
        ? password({ message: question, mask: false }, context)
        : input({ message: question }, context);
    },
    async confirm(question) {
      const { confirm } = await import("@inquirer/prompts");
      return confirm({ message: question, default: false }, context);
    },
  };
}

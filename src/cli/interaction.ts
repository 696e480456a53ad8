import type { Interaction } from "../host/index.ts";

/**
 * Asks on the terminal, where there is one; answers come from nowhere else.
 * Ctrl-C at a question is `interrupt`'s to handle, as it is everywhere else.
 */
export function terminalInteraction(env: NodeJS.ProcessEnv, interrupt: () => void): Interaction {
  const note = (line: string) => process.stderr.write(`${line}\n`);
  if (!process.stdin.isTTY || !process.stderr.isTTY) return { env, note };
  const context = { output: process.stderr };
  const answer = async <T>(question: Promise<T>): Promise<T> => {
    try {
      return await question;
    } catch (error) {
      if (error instanceof Error && error.name === "ExitPromptError") interrupt();
      throw error;
    }
  };
  return {
    env,
    note,
    async ask(question, { hidden = false } = {}) {
      const { input, password } = await import("@inquirer/prompts");
      const options = { message: question };
      return answer(
        hidden ? password({ ...options, mask: false }, context) : input(options, context),
      );
    },
    async confirm(question) {
      const { confirm } = await import("@inquirer/prompts");
      return answer(confirm({ message: question, default: false }, context));
    },
  };
}

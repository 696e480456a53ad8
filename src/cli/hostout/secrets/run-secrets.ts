import { BuildoutError } from "../../../errors/error.ts";
import { StatusLine } from "../../../report/progress.ts";
import { terminalInteraction } from "../../terminal/interaction.ts";
import type { Interruption } from "../../terminal/interruption.ts";
import { secretsCommand } from "./secrets-command.ts";

/** Runs `hostout secrets` with the terminal or piped input. Returns the text to print. */
export function runSecrets(
  args: readonly string[],
  directory: string,
  interruption: Interruption,
): Promise<string> {
  const { env, stderr, stdin } = process;
  const status = new StatusLine(stderr);
  const input = async () => {
    // Typing would be visible.
    if (stdin.isTTY)
      throw new BuildoutError("no-terminal", "A value cannot be read from this terminal.");
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  };
  return secretsCommand(args, {
    ...{ directory, env, input, signal: interruption.signal },
    interaction: terminalInteraction(env, interruption.now, status),
    warn: (text) => stderr.write(text),
  });
}

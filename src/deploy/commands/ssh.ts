/** ssh: an interactive shell on the host. */
import { PassThrough } from "node:stream";
import { BuildoutError } from "../../errors/error.ts";
import { DEFAULT_SHELL } from "../part/options.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";

export const sshCommand: CommandDefinition = {
  name: "ssh",
  description: "Open a shell in the path of the host as the buildout user",
  arguments: "none",
  alone: true,
  usesTerminal: true,
  help: "Starts a login shell on a terminal; end it with 'exit'. Returns its exit status. For a single\ncommand, use 'run'.",
  source: "collective.hostout",
  run: shell,
};

async function shell({ session }: CommandContext): Promise<void> {
  const hint = "Use 'run' if the output does not go to a terminal.";
  const terminal = session.terminal("a shell", hint);
  const { directory, exists } = await session.facts();
  const keys = new PassThrough();
  await session.buildoutConnection();
  const giveBack = terminal.lend(keys);
  try {
    const { code, signal } = await session.run('exec "${SHELL:-/bin/sh}" -l', {
      ...{ cwd: exists ? directory : null, shell: DEFAULT_SHELL, quiet: true, keep: "end" },
      ...{ pty: true, like: terminal, input: keys },
      onBytes: (_, bytes) => terminal.write(bytes),
    });
    if (code === 0) return;
    const end = code === null ? `signal ${signal}` : `status ${code}`;
    throw new BuildoutError("remote-command-failed", `The shell ended with ${end}.`, {
      ...(code !== null && { exitStatus: code }),
    });
  } finally {
    giveBack();
  }
}

import type { StatusLine } from "../../report/progress.ts";
import type { Interaction, LocalTerminal } from "../../ssh/target.ts";

/**
 * Asks on the terminal, if there is one; answers come from nowhere else. `status` makes room. `interrupt`
 * handles Ctrl-C at a question, as everywhere else.
 */
export function terminalInteraction(
  env: NodeJS.ProcessEnv,
  interrupt: () => void,
  status: StatusLine,
): Interaction {
  const note = (line: string) => {
    status.clear();
    process.stderr.write(`${line}\n`);
  };
  const drained = drainOf(process.stdout);
  if (!process.stdin.isTTY || !process.stderr.isTTY) return { env, note, drained };
  const context = { output: process.stderr };
  // Hosts that run in parallel ask one at a time.
  let last: Promise<unknown> = Promise.resolve();
  const answer = async <T>(question: () => Promise<T>): Promise<T> => {
    const asked = last.then(question);
    last = asked.catch(() => {});
    const resume = status.pause();
    try {
      return await asked;
    } catch (error) {
      if (error instanceof Error && error.name === "ExitPromptError") interrupt();
      throw error;
    } finally {
      resume();
    }
  };
  return {
    env,
    note,
    drained,
    ...(process.stdout.isTTY && { terminal: localTerminal(env, status) }),
    async ask(question, { hidden = false } = {}) {
      const { input, password } = await import("@inquirer/prompts");
      const options = { message: question };
      return answer(() =>
        hidden ? password({ ...options, mask: false }, context) : input(options, context),
      );
    },
    async confirm(question) {
      const { confirm } = await import("@inquirer/prompts");
      return answer(() => confirm({ message: question, default: false }, context));
    },
  };
}

/** The default if a terminal does not know its size. */
const USUAL_SIZE = { columns: 80, rows: 24 };

function localTerminal(env: NodeJS.ProcessEnv, status: StatusLine): LocalTerminal {
  const { stdin, stdout } = process;
  return {
    name: env.TERM ?? "dumb",
    size: () => ({
      columns: stdout.columns || USUAL_SIZE.columns,
      rows: stdout.rows || USUAL_SIZE.rows,
    }),
    onResize(listener) {
      stdout.on("resize", listener);
      return () => stdout.off("resize", listener);
    },
    lend(keys) {
      const resume = status.pause();
      stdin.setRawMode(true);
      stdin.pipe(keys);
      return () => {
        stdin.unpipe(keys);
        stdin.setRawMode(false);
        stdin.pause();
        resume();
      };
    },
    write: (bytes) => void stdout.write(bytes),
  };
}

/** Resolves when a full stream accepts more: a pipe buffers what its reader has not read. */
function drainOf(stream: NodeJS.WriteStream): () => Promise<void> | undefined {
  let waiting: Promise<void> | undefined;
  return () => {
    if (!stream.writableNeedDrain) return undefined;
    waiting ??= new Promise<void>((resolve) => {
      const names = ["drain", "close", "error"];
      const done = () => {
        for (const name of names) stream.off(name, done);
        waiting = undefined;
        resolve();
      };
      for (const name of names) stream.on(name, done);
    });
    return waiting;
  };
}

import { BuildoutError } from "../../errors/error.ts";
import { freeLock, holdByHand, readLock } from "../host/lock.ts";
import { describeHolders, type LockState } from "../host/lock-state.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";

export const lockCommands: CommandDefinition[] = [
  {
    name: "lock",
    description: "Show who has the lock of the host; keep deployments out, or let them in again",
    arguments: "[acquire|release] [-m|--force] [TEXT]",
    help: "Deployments take and free the lock by themselves. 'lock acquire -m TEXT' keeps all of them out\nuntil 'lock release'. --force also takes the lock from the deployment that has it.",
    example: "lock acquire -m 'the database moves'",
    source: "collective.hostout",
    check: async (words) => (wanted(words) === undefined ? { message: misused(words) } : undefined),
    async run(context, args) {
      const act = wanted(args.map(String));
      if (act !== undefined) return act(context);
      throw new BuildoutError("usage", misused(args.map(String)));
    },
  },
];

function misused(words: readonly string[]): string {
  return `'lock' takes 'acquire -m TEXT' or 'release [--force]', not '${words.join(" ")}'.`;
}

/** What these words ask for; undefined for words that mean nothing. */
function wanted(
  words: readonly string[],
): ((context: CommandContext) => Promise<unknown>) | undefined {
  const [word, flag, text, ...more] = words;
  if (word === undefined) return show;
  if (more.length > 0) return undefined;
  if (word === "acquire" && flag === "-m" && text) return (context) => acquire(context, text);
  if (word !== "release" || text !== undefined) return undefined;
  if (flag === undefined) return (context) => release(context, false);
  return flag === "--force" ? (context) => release(context, true) : undefined;
}

async function place({ session, options }: CommandContext) {
  const connection = await session.buildoutConnection();
  return { connection, name: options.name, path: options.path };
}

async function show(context: CommandContext): Promise<LockState> {
  const { connection, name, path } = await place(context);
  const state = await readLock(connection, name, path);
  const lines = describeHolders(name, state);
  for (const line of lines) context.session.note(line);
  if (lines.length === 0) context.session.note(`${name} is not locked`);
  return state;
}

async function acquire(context: CommandContext, reason: string): Promise<void> {
  const { connection, name, path } = await place(context);
  await holdByHand(connection, { name, path, who: context.session.purpose.who, reason });
  context.session.note(`No deployment of ${name} until 'lock release'`);
}

async function release(context: CommandContext, force: boolean): Promise<void> {
  const { connection, name, path } = await place(context);
  await freeLock(connection, { name, path, who: context.session.purpose.who, force });
  context.session.note(`${name} can be deployed again`);
}

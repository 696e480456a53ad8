import { BuildoutError } from "../../errors/error.ts";
import { describeHolders, freeLock, holdByHand, readLock } from "../host/lock.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";

const USAGE = "lock [acquire -m TEXT | release [--force]]";

export const lockCommands: CommandDefinition[] = [
  {
    name: "lock",
    description: "Show who has the lock of a host, keep deployments out, or let them in again",
    arguments: "[acquire -m TEXT | release [--force]]",
    help: "A deployment takes and frees the lock by itself. `lock acquire` keeps all deployments out until\n`lock release`; with --force that ends the deployment that has the lock, too.",
    example: "lock acquire -m 'the database moves'",
    source: "collective.hostout",
    async run(context, args: readonly string[]) {
      const [word, ...rest] = args;
      if (word === undefined) return show(context);
      if (word === "acquire" && rest.length === 2 && rest[0] === "-m" && rest[1] !== "") {
        return acquire(context, rest[1]!);
      }
      const force = rest.length === 1 && rest[0] === "--force";
      if (word === "release" && (force || rest.length === 0)) return release(context, force);
      throw new BuildoutError("usage", `Usage: bin/hostout HOST ${USAGE}`);
    },
  },
];

async function place({ session, options }: CommandContext) {
  const connection = await session.buildoutConnection();
  return { connection, name: options.name, path: options.path };
}

async function show(context: CommandContext): Promise<void> {
  const { connection, name, path } = await place(context);
  const state = await readLock(connection, name, path);
  const lines = describeHolders(name, state);
  for (const line of lines) context.session.note(line);
  if (lines.length === 0) context.session.note(`${name} is not locked`);
}

async function acquire(context: CommandContext, reason: string): Promise<void> {
  const { connection, name, path } = await place(context);
  await holdByHand(connection, { name, path, who: context.session.purpose.who, reason });
  context.session.note(`No deployment of ${name} until 'lock release'`);
}

async function release(context: CommandContext, force: boolean): Promise<void> {
  const { connection, name, path } = await place(context);
  await freeLock(connection, { name, path, force });
  context.session.note(`${name} can be deployed again`);
}

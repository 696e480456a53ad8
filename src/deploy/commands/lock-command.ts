import { readOwnWords } from "../../arguments/own-words.ts";
import { freeLock, holdByHand, readLock } from "../host/lock.ts";
import { describeHolders, type LockState } from "../host/lock-state.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";

const LOCK: CommandDefinition = {
  name: "lock",
  description: "Show who has the lock of the host; block deployments, or allow them again",
  arguments: "[acquire|release]",
  forms: {
    "acquire|release": { pattern: /^(?:acquire|release)$/, needs: "'acquire' or 'release'" },
  },
  own: [
    {
      name: "message",
      letter: "m",
      value: { placeholder: "TEXT", called: "text" },
      help: "With 'acquire': the reason, shown to others",
    },
    {
      name: "force",
      long: "force",
      help: "With 'release': even if a deployment holds the lock",
    },
  ],
  together({ args: [act], given }) {
    if (given.has("message") !== (act === "acquire")) return "takes 'acquire -m TEXT'.";
    return given.has("force") && act !== "release" ? "takes 'release --force'." : undefined;
  },
  help: "Deployments acquire and release the lock by themselves. 'lock acquire -m TEXT' locks all of them out\nuntil 'lock release'.",
  example: "lock acquire -m 'the database moves'",
  source: "collective.hostout",
  async run(context, words) {
    const { args, given } = readOwnWords(LOCK, words.map(String));
    if (args[0] === "acquire") return acquire(context, given.get("message")!);
    return args[0] === "release" ? release(context, given.has("force")) : show(context);
  },
};

export const lockCommands: CommandDefinition[] = [LOCK];

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
  context.session.note(`Deployments of ${name} are blocked until 'lock release'`);
}

async function release(context: CommandContext, force: boolean): Promise<void> {
  const { connection, name, path } = await place(context);
  await freeLock(connection, { name, path, who: context.session.purpose.who, force });
  context.session.note(`${name} can be deployed again`);
}

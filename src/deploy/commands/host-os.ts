import { type HostOs, namedHostOs, parseHostOs, SHOW_HOST_OS } from "../host/operating-system.ts";
import type { HostSession } from "../host/session.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";

export const hostOsCommands: CommandDefinition[] = [
  {
    name: "detecthostos",
    description: "Find out which operating system the host runs: debian, ubuntu, rocky, ...",
    arguments: "none",
    source: "collective.hostout",
    async run(context) {
      const { id, title } = await detectHostOs(context);
      context.session.note(`${context.options.host} runs ${title} (hostos = ${id})`);
      return id;
    },
  },
];

const detected = new WeakMap<HostSession, Promise<HostOs>>();

/** The host's operating system: what `hostos` says, else what the host does; asked once. */
export function hostOs(context: CommandContext): Promise<HostOs> {
  const { options, session } = context;
  if (options.hostos !== undefined) return Promise.resolve(namedHostOs(options.hostos));
  let os = detected.get(session);
  if (os === undefined) {
    os = detectHostOs(context);
    detected.set(session, os);
    os.catch(() => detected.delete(session));
  }
  return os;
}

async function detectHostOs({ session }: CommandContext): Promise<HostOs> {
  const { stdout } = await (await session.anyConnection()).exec(SHOW_HOST_OS);
  return parseHostOs(stdout);
}

/** Calls the command `step_OS` for the host's system or one it is like, else `step`. */
export async function callForSystem(context: CommandContext, step: string): Promise<unknown> {
  const { families } = await hostOs(context);
  const variant = families
    .map((family) => `${step}_${family}`)
    .find((name) => context.names.includes(name));
  return context.call(variant ?? step);
}

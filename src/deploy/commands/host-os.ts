import { type HostOs, namedHostOs } from "../host/operating-system.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";

export const hostOsCommands: CommandDefinition[] = [
  {
    name: "detecthostos",
    description: "Detect the host's operating system: debian, ubuntu, rocky, ...",
    arguments: "none",
    source: "collective.hostout",
    async run(context) {
      const { id, title } = await context.session.detectOperatingSystem();
      context.session.note(`${context.options.host} runs ${title} (hostos = ${id})`);
      return id;
    },
  },
];

/** The host's operating system: from `hostos`, or else from the host. */
export function hostOs({ options, session }: CommandContext): Promise<HostOs> {
  if (options.hostos !== undefined) return Promise.resolve(namedHostOs(options.hostos));
  return session.operatingSystem();
}

/** Calls the command `step_OS` for the host's system or one it is like, else `step`. */
export async function callForSystem(context: CommandContext, step: string): Promise<unknown> {
  const { families } = await hostOs(context);
  const variant = families
    .map((family) => `${step}_${family}`)
    .find((name) => context.names.includes(name));
  return context.call(variant ?? step);
}

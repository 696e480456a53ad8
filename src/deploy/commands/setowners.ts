import { ownershipScript, ownPermissionsScript } from "../host/ownership.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { owners } from "./users.ts";

export const ownersCommands: CommandDefinition[] = [
  {
    name: "setowners",
    description: "Ensure ownership and permissions are correct on buildout and cache",
    arguments: "none",
    source: "collective.hostout",
    run: setOwners,
  },
];

async function setOwners(context: CommandContext): Promise<void> {
  const { session, options } = context;
  const { path, cache } = await session.facts();
  const ownership = await owners(context);
  const { buildoutUser, effectiveUser, group } = ownership;
  const shown = `# ${path} for ${buildoutUser}, var for ${effectiveUser}`;
  const result = options.noSudo
    ? await session.run(ownPermissionsScript(path, cache, group), { cwd: null, label: shown })
    : await session.sudo(ownershipScript(path, cache, ownership), { cwd: null, label: shown });
  if (result.code !== 0) throw failed(`Setting owners below ${path}`, result);
}

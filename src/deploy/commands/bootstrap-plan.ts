import { BuildoutError } from "../../errors/error.ts";
import { PYTHON_ENGINE } from "../host/probe.ts";
import type { CommandContext } from "../run/chain.ts";
import { requireNode } from "./bootstrap-node.ts";
import { needsPython, requirePython } from "./bootstrap-python.ts";
import { usersDiffer } from "./users.ts";

/** What 'bootstrap' would do, as far as the state of the host shows. */
export async function bootstrapLines(context: CommandContext, file: string): Promise<string[]> {
  const { session, options } = context;
  const { hasBuildout, buildoutUser, engine } = await session.facts();
  const isPython = options.engine === "python";
  if (hasBuildout && buildoutUser && (engine === PYTHON_ENGINE) === isPython) return [];
  const users = usersDiffer(options)
    ? [
        `~ users: ${[...new Set([options.buildoutUser, options.effectiveUser])].filter(Boolean).join(", ")}, with sudo`,
      ]
    : [];
  const python = (await needsPython(context))
    ? [await toInstall(context, `Python ${options.pythonVersion ?? "3"}`, requirePython)]
    : [];
  const node = isPython ? [] : [await toInstall(context, "Node and npm", requireNode)];
  const own = isPython ? "+ zc.buildout, with pip" : `+ the buildout engine (${file})`;
  const machine = session.logins.absent === undefined ? [] : [`+ ${session.logins.absent}`];
  return [...machine, ...users, ...python, ...node, own];
}

/** `require` throws if the host lacks something, or cannot be inspected yet. */
async function toInstall(
  context: CommandContext,
  what: string,
  require: (context: CommandContext) => Promise<{ version: string; executable: string }>,
): Promise<string> {
  if (!(await context.session.facts()).buildoutUser) return `? ${what}, if the host has none`;
  try {
    const { version, executable } = await require(context);
    return `= ${what.split(" ")[0]} ${version} (${executable})`;
  } catch (error) {
    const isMissing = error instanceof BuildoutError && /^no-|-too-old$/.test(error.code);
    if (!isMissing) throw error;
    return `+ ${what}`;
  }
}

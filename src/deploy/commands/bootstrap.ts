import { join } from "node:path/posix";
import { gzipSync } from "node:zlib";
import { quote } from "../../ssh/commands/quote.ts";
import { STATE } from "../host/probe.ts";
import { installEngineScript, type PackedEngine, runSetUp } from "../host/set-up.ts";
import { compressionLevel } from "../release/compression.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { requireNode } from "./bootstrap-node.ts";
import { hasPython, needsPython } from "./bootstrap-python.ts";
import { makeFolders, newSetUp, succeed } from "./folders.ts";
import { callForSystem } from "./host-os.ts";
import { installPythonBuildout } from "./python-buildout.ts";
import { usersDiffer } from "./users.ts";

const source = "collective.hostout";

export const bootstrapCommands: CommandDefinition[] = [
  {
    name: "bootstrap",
    description: "Install python and users needed to run buildout",
    changes: true,
    arguments: "none",
    help: "Steps: bootstrap_users, bootstrap_python if Python is needed, bootstrap_node,\nbootstrap_buildout. Each can have a variant for the host's system.",
    source,
    async run(context) {
      await callForSystem(context, "bootstrap_users");
      if ((await needsPython(context)) && !(await hasPython(context))) {
        await callForSystem(context, "bootstrap_python");
      }
      if (context.options.engine === "node") await callForSystem(context, "bootstrap_node");
      await callForSystem(context, "bootstrap_buildout");
    },
  },
  {
    name: "bootstrap_buildout",
    description: "Install the buildout engine into the path on the host",
    changes: true,
    arguments: "none",
    source,
    async run(context) {
      // If the directory was missing, there was nothing to lock.
      if (context.options.engine === "python") {
        await makeFolders(context);
        await installPythonBuildout(context);
      } else await makeFolders(context, await missingEngine(context));
      if (usersDiffer(context.options)) await context.call("setowners");
    },
  },
];

/** The engine, compressed for a host that is `latency` milliseconds away. */
export function sentEngine(code: Buffer, latency: number): Buffer {
  return gzipSync(code, { level: compressionLevel(latency) });
}

/** Replaces the engine of a buildout directory. */
export async function installEngine(context: CommandContext): Promise<void> {
  const { session } = context;
  const engine = await missingEngine(context);
  if (engine === undefined) return;
  const facts = await session.facts();
  const attempt = newSetUp(context, facts.path, engine);
  const connection = await session.buildoutConnection();
  await runSetUp(connection, installEngineScript(facts.path, engine), attempt, session.signal);
  succeed(attempt);
  facts.engine = engine.name;
  facts.hasBuildout = true;
}

/** Our engine, a single file, and a `bin/buildout` that starts it; undefined if the host has them. */
async function missingEngine(context: CommandContext): Promise<PackedEngine | undefined> {
  const { session, deployment } = context;
  const facts = await session.facts();
  const { code, name } = await deployment.engine();
  if (facts.engine === name && facts.hasBuildout) return undefined;
  const { executable } = await requireNode(context);
  const { latency } = await session.buildoutConnection();
  const file = join(facts.path, STATE, name);
  const launcher = `#!/bin/sh\nexec ${quote(executable)} ${quote(file)} "$@"\n`;
  return { name, packed: sentEngine(code, latency), launcher };
}

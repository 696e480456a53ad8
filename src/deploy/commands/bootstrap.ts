import { join } from "node:path/posix";
import { gzipSync } from "node:zlib";
import { quote } from "../../ssh/commands/quote.ts";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import { STATE } from "../host/probe.ts";
import installProgram from "../host/programs/install-engine.sh?raw";
import { compressionLevel } from "../release/compression.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { requireNode } from "./bootstrap-node.ts";
import { hasPython, needsPython } from "./bootstrap-python.ts";
import { failed } from "./failed.ts";
import { makeFolders } from "./folders.ts";
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
      await makeFolders(context);
      // If the directory was missing, there was nothing to lock.
      await context.session.lock();
      (await context.session.facts()).exists = true;
      if (context.options.engine === "python") await installPythonBuildout(context);
      else await installEngine(context);
      if (usersDiffer(context.options)) await context.call("setowners");
    },
  },
];

/** The engine, compressed for a host that is `latency` milliseconds away. */
export function sentEngine(code: Buffer, latency: number): Buffer {
  return gzipSync(code, { level: compressionLevel(latency) });
}

/** Puts our engine, a single file, and a `bin/buildout` that starts it in the buildout directory. */
export async function installEngine(context: CommandContext): Promise<void> {
  const { session, deployment } = context;
  const facts = await session.facts();
  const { code, name } = await deployment.engine();
  if (facts.engine === name && facts.hasBuildout) return;
  session.note(`Installing the buildout engine into ${facts.path}`);
  const connection = await session.buildoutConnection();
  const engine = join(facts.path, STATE, name);
  const input = sentEngine(code, connection.latency);
  const send = connection.sh(
    `set -e; umask 027; cd ${quote(facts.path)}/${STATE}; gzip -dc > engine.tmp; mv -f engine.tmp ${name}`,
    {
      input,
      signal: session.signal,
    },
  );
  // Starting Node there takes about as long as sending the engine.
  const [sent, node] = await Promise.all([send, requireNode(context)]);
  if (sent.code !== 0) throw failed("Sending the buildout engine", sent);
  session.emit({ type: "transfer", name, bytes: input.length, total: input.length });
  const launcher = `#!/bin/sh\nexec ${quote(node.executable)} ${quote(engine)} "$@"\n`;
  const result = await connection.sh(shellProgram(installProgram, [facts.path, name, launcher]));
  if (result.code !== 0) throw failed("Installing the buildout engine", result);
  facts.engine = name;
  facts.hasBuildout = true;
}

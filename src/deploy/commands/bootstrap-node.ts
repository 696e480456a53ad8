import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path/posix";
import { createGzip } from "node:zlib";
import { BuildoutError } from "../../errors/error.ts";
import { quote } from "../../ssh/commands/quote.ts";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import { countBytes } from "../../system/count-bytes.ts";
import {
  COPIES,
  describePlatform,
  type HostNode,
  OLDEST_NODE,
  type OwnNode,
  ownNode,
  ownPlatform,
  parseNodes,
  SHOW_PLATFORM,
  showNodes,
  usableNode,
} from "../host/host-node.ts";
import { packageManager } from "../host/operating-system.ts";
import installProgram from "../host/programs/install-node.sh?raw";
import { compressionLevel } from "../release/compression.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { makeFolders } from "./folders.ts";
import { hostOs } from "./host-os.ts";
import { installPackages } from "./packages.ts";

export const bootstrapNodeCommands: CommandDefinition[] = [
  {
    name: "bootstrap_node",
    description: "Install node and npm from the system's packages, or copy them from this machine",
    changes: true,
    arguments: "none",
    source: "collective.hostout",
    run: bootstrapNode,
  },
];

/** Returns the path of the Node on the host that runs the engine. */
async function bootstrapNode(context: CommandContext): Promise<string> {
  const { session } = context;
  const before = await findNodes(context);
  const usable = usableNode(before);
  if (usable?.npm) return tell(context, usable);
  const reasons: string[] = [];
  const refusal = await installPackages(context, ({ node }) =>
    usable === undefined ? node : node.filter((name) => name.startsWith("npm")),
  );
  if (refusal !== undefined) reasons.push(`the system's packages: ${refusal}`);
  const installed = usableNode(await findNodes(context));
  if (installed?.npm) return tell(context, installed);
  const sent = await sendOwnNode(context);
  if (typeof sent !== "string") return tell(context, sent);
  reasons.push(`a copy of this machine's: ${sent}`);
  const found = installed ?? usable;
  if (found === undefined) throw await nodeMissing(context, before[0], reasons);
  session.emit({ type: "warning", text: `There is no npm on the host (${reasons.join("; ")})` });
  return tell(context, found);
}

function tell({ session }: CommandContext, { version, executable }: HostNode): string {
  session.note(`Node ${version} on the host: ${executable}`);
  return executable;
}

/** The buildout user's Nodes: from the facts if nothing has run there since then. */
async function findNodes({ session }: CommandContext): Promise<HostNode[]> {
  const { cache, buildoutUser, system } = await session.facts();
  if (system !== undefined && buildoutUser && session.isAsSeen) return system.nodes;
  const { stdout } = await (await session.buildoutConnection()).sh(showNodes(cache));
  return parseNodes(stdout);
}

/** The host's Node for the engine. Throws `no-node` or `node-too-old`. */
export async function requireNode(context: CommandContext): Promise<HostNode> {
  const nodes = await findNodes(context);
  const usable = usableNode(nodes);
  if (usable === undefined) throw await nodeMissing(context, nodes[0], []);
  return usable;
}

async function nodeMissing(
  context: CommandContext,
  found: HostNode | undefined,
  reasons: readonly string[],
): Promise<BuildoutError> {
  const { host } = context.options;
  const os = await hostOs(context);
  const manager = packageManager(os);
  const install = `Install Node ${OLDEST_NODE} or newer and npm there`;
  const command = manager && [manager.shown, ...manager.node].join(" ");
  const details = {
    hint: command === undefined ? `${install}.` : `${install}; ${os.title} has: ${command}`,
    ...(reasons.length > 0 && { output: `What was tried:\n${reasons.join("\n")}` }),
  };
  return found === undefined
    ? new BuildoutError("no-node", `There is no Node.js on ${host}.`, details)
    : new BuildoutError(
        "node-too-old",
        `Node.js ${found.version} on ${host} is too old for the engine.`,
        details,
      );
}

/** Copies this machine's Node and npm to the host. Returns a string with the reason if that does not help. */
async function sendOwnNode(context: CommandContext): Promise<HostNode | string> {
  const { session, deployment } = context;
  const own = ownNode(deployment.env.PATH);
  if (typeof own === "string") return own;
  const connection = await session.buildoutConnection();
  const there = describePlatform((await connection.sh(SHOW_PLATFORM)).stdout);
  const here = ownPlatform();
  if (there !== here) return `it is built for ${here}, but the host is ${there}`;
  await makeFolders(context);
  const { cache } = await session.facts();
  const folder = join(cache, COPIES, `node-${own.name}`);
  session.note(`Sending this machine's Node ${process.version} to ${folder}`);
  return (
    (await sendTo(context, own, folder)) ?? {
      ...own,
      executable: join(folder, "bin/node"),
      version: process.version,
      npm: true,
    }
  );
}

/** Undefined if the copy works. */
async function sendTo(
  { session }: CommandContext,
  own: OwnNode,
  folder: string,
): Promise<string | undefined> {
  const connection = await session.buildoutConnection();
  const { signal } = session;
  const part = `${folder}.part`;
  const begun = await connection.sh(
    `umask 027; rm -rf ${quote(part)} && mkdir -p ${quote(part)}/bin ${quote(part)}/lib/node_modules`,
  );
  if (begun.code !== 0) throw failed(`Making ${folder}`, begun);
  const level = compressionLevel(connection.latency);
  const { size: total } = await stat(own.executable);
  let bytes = 0;
  const executable = createReadStream(own.executable).on("data", (chunk) => {
    bytes += chunk.length;
    session.emit({ type: "transfer", name: "node", bytes, total, sent });
  });
  let sent = 0;
  const gzip = executable.pipe(createGzip({ level }));
  const packed = gzip.pipe(
    countBytes((count) => {
      sent = count;
    }),
  );
  const binary = await connection.sh(
    `umask 027; cd ${quote(part)}/bin && gzip -dc > node && chmod 750 node && ./node --version`,
    { input: packed, signal },
  );
  if (binary.code !== 0) {
    await connection.sh(`rm -rf ${quote(part)}`);
    const problem = failed(`Sending Node to ${folder}`, binary);
    if (problem.code === "remote-disk-full") throw problem;
    return `it does not run there: ${binary.stderr.trim()}`;
  }
  session.emit({ type: "transfer", name: "node", bytes, total, sent });
  let npm = 0;
  await connection.putDirectory(own.npm, join(part, "lib/node_modules/npm"), signal, (count) => {
    npm = count;
  });
  session.emit({ type: "transfer", name: "npm", bytes: npm, total: npm });
  const done = await connection.sh(shellProgram(installProgram, [part, folder]));
  if (done.code !== 0) throw failed(`Sending npm to ${folder}`, done);
  return undefined;
}

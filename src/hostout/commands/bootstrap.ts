import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path/posix";
import { gzipSync } from "node:zlib";
import { BuildoutError } from "../../error/index.ts";
import { type ExecResult, quote, quoteAll } from "../../host/index.ts";
import type { CommandContext, CommandDefinition } from "../chain.ts";
import { compressionLevel } from "../compression.ts";
import { nodeInstallLine } from "../host-os.ts";
import { STATE } from "../probe.ts";
import { failed } from "./failed.ts";

const source = "collective.hostout";

/** The oldest Node that the engine runs on: Debian 12's and Ubuntu 24.04's own. */
const OLDEST_NODE = [18, 19] as const;

export const bootstrapCommands: CommandDefinition[] = [
  {
    name: "bootstrap",
    description: "Install python and users needed to run buildout",
    source,
    async run({ call }) {
      await call("bootstrap_buildout");
    },
  },
  {
    name: "bootstrap_buildout",
    description: "Install the buildout engine into the path on the host",
    source,
    async run(context) {
      await makeFolders(context);
      (await context.session.facts()).exists = true;
      await installEngine(context);
    },
  },
];

/** Makes the buildout folder and the caches, with sudo where the buildout user may not. */
async function makeFolders({ session, options }: CommandContext): Promise<void> {
  const { path, cache } = await session.facts();
  const connection = await session.buildoutConnection();
  const folders = [
    path,
    join(path, "bin"),
    join(path, "var"),
    ...["eggs", "downloads/dist", "extends"].map((name) => join(cache, name)),
  ];
  const make = `umask 027; mkdir -p ${quoteAll(folders)} && umask 077 && mkdir -p ${quote(join(path, STATE))}`;
  const writable = folders.map((folder) => `[ -w ${quote(folder)} ]`).join(" && ");
  const first = await connection.exec(`${make} && ${writable}`);
  if (first.code === 0) return;
  const problem = failed(`Making ${path}`, first);
  if (problem.code === "remote-disk-full") throw problem;
  const notWritable = new BuildoutError(
    "remote-not-writable",
    `${connection.user} cannot make or write ${path} and ${cache} on ${options.host}.`,
    {
      output: first.stderr.trim(),
      hint: "Choose another 'path' or 'buildout-cache', or a 'user' who may use sudo.",
    },
  );
  if (options.noSudo) throw notWritable;
  const owner = `${connection.user}:`;
  const made = await session.sudo(
    `mkdir -p ${quoteAll([path, cache])} && chown ${quote(owner)} ${quoteAll([path, cache])}`,
    { cwd: null },
  );
  if (made.code !== 0) throw notWritable;
  const second = await connection.exec(`${make} && ${writable}`);
  if (second.code !== 0) throw failed(`Making ${path} and ${cache}`, second);
}

/** Puts our engine, one file, and `bin/buildout` that starts it into the buildout folder. */
export async function installEngine({ session, deployment }: CommandContext): Promise<void> {
  const facts = await session.facts();
  const code = await readFile(deployment.programs.engine);
  const name = `engine-${createHash("sha256").update(code).digest("hex").slice(0, 12)}.mjs`;
  if (facts.engine === name && facts.hasBuildout) return;
  session.note(`Installing the buildout engine into ${facts.path}`);
  const connection = await session.buildoutConnection();
  const engine = join(facts.path, STATE, name);
  const send = connection.exec(
    `set -e; umask 027; cd ${quote(facts.path)}/${STATE}; gzip -dc > engine.tmp; mv -f engine.tmp ${name}`,
    {
      input: gzipSync(code, { level: compressionLevel(connection.latency) }),
      signal: session.signal,
    },
  );
  // Starting Node there takes about as long as sending the engine.
  const [sent, found] = await Promise.all([
    send,
    connection.exec("command -v node && node --version || cat /etc/os-release >&2"),
  ]);
  const node = await checkNode(found, session.options.host);
  if (sent.code !== 0) throw failed("Sending the buildout engine", sent);
  const launcher = `#!/bin/sh\nexec ${quote(node)} ${quote(engine)} "$@"\n`;
  const result = await connection.exec(
    `set -e; umask 027; cd ${quote(facts.path)}; mkdir -p bin
printf '%s' ${quote(launcher)} > bin/buildout.tmp; chmod 750 bin/buildout.tmp; mv -f bin/buildout.tmp bin/buildout
printf '%s\\n' ${name} > ${STATE}/engine.tmp; mv -f ${STATE}/engine.tmp ${STATE}/engine
for f in ${STATE}/engine-*.mjs; do [ "$f" = ${STATE}/${name} ] || rm -f "$f"; done`,
  );
  if (result.code !== 0) throw failed("Installing the buildout engine", result);
  facts.engine = name;
  facts.hasBuildout = true;
}

/**
 * Reads path and version of the host's Node; returns the path where it can run the engine.
 * Where there is none, the host's os-release came instead. Throws `no-node` or `node-too-old`.
 */
async function checkNode({ stdout, stderr }: ExecResult, host: string): Promise<string> {
  const [executable = "", version = ""] = stdout.trim().split("\n");
  const wanted = OLDEST_NODE.join(".");
  if (version === "") {
    const found = await nodeInstallLine(stderr);
    throw new BuildoutError("no-node", `There is no Node.js on ${host}.`, {
      hint:
        found === undefined
          ? `Install Node ${wanted} or newer and npm there.`
          : `Install Node ${wanted} or newer and npm there; ${found.system} has: ${found.command}`,
    });
  }
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new BuildoutError(
      "node-too-old",
      `Node.js ${version} on ${host} is too old for the engine.`,
      { hint: `Install Node ${wanted} or newer there.` },
    );
  }
  return executable;
}

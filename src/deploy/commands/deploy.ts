/** Over 300 lines: the steps of one deployment, each from what the one before left. */
import { basename } from "node:path";
import { dirname, join as remoteJoin } from "node:path/posix";
import { BuildoutError } from "../../errors/error.ts";
import type { ExecResult } from "../../ssh/commands/exec.ts";
import { quote, quoteAll } from "../../ssh/commands/quote.ts";
import { giveBackScript } from "../host/ownership.ts";
import { type HostFacts, PYTHON_BUNDLES, PYTHON_ENGINE, STATE } from "../host/probe.ts";
import {
  announceInput,
  announceScript,
  buildScript,
  restoreScript,
  unpackScript,
} from "../host/remote.ts";
import { runAsRootScript } from "../host/root-program.ts";
import type { HostOptions } from "../part/options.ts";
import type { BundleFile } from "../release/fileset.ts";
import { compareWithHost, manifest } from "../release/release.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { installEngine } from "./bootstrap.ts";
import { failed } from "./failed.ts";
import { owners, usersDiffer, warnOfKeyInGit } from "./users.ts";

const source = "collective.hostout";
/** Folder of the cache that distributions are found in. */
const DIST = "downloads/dist";

export const deployCommands: CommandDefinition[] = [
  {
    name: "deploy",
    description: "predeploy, uploadeggs, uploadbuildout, buildout and then postdeploy",
    changes: true,
    arguments: "none",
    begin: (deployment) => deployment.begin(),
    help: "Steps: predeploy, uploadeggs, uploadbuildout, buildout, postdeploy. A step that fails ends it.",
    source,
    async run(context) {
      const { call } = context;
      await warnOfKeyInGit(context);
      for (const step of ["predeploy", "uploadeggs", "uploadbuildout", "buildout", "postdeploy"]) {
        if ((await call(step)) === false) return false;
      }
      return undefined;
    },
  },
  {
    name: "predeploy",
    description: "Install buildout and its dependencies if needed. Hookpoint for plugins",
    changes: true,
    arguments: "none",
    source,
    async run(context) {
      const { session, options, call } = context;
      const { interrupted, buildoutUser } = await session.facts();
      if (interrupted && buildoutUser) await restore(context);
      const facts = await session.facts();
      const hasPython = facts.engine === PYTHON_ENGINE;
      if (!facts.hasBuildout || !facts.buildoutUser) {
        session.note(`No ${facts.path}/bin/buildout on the host, so it is bootstrapped first`);
        await call("bootstrap");
      } else if (hasPython !== (options.engine === "python")) {
        session.note(`The buildout on the host has another engine than ${options.engine}`);
        await call("bootstrap");
      } else if (facts.engine !== undefined && !hasPython) {
        await installEngine(context);
      }
      return call("precommands");
    },
  },
  {
    name: "precommands",
    description: "Run the shell commands of pre-commands",
    changes: true,
    arguments: "none",
    source,
    run: (context) => runAsRoot(context, context.options.preCommands),
  },
  {
    name: "uploadeggs",
    description: "Any develop eggs are released as eggs and uploaded to the server",
    changes: true,
    arguments: "none",
    source,
    run: uploadEggs,
  },
  {
    name: "uploadbuildout",
    description: "Upload buildout pinned to local picked versions + uploaded eggs",
    changes: true,
    begin: (deployment) => deployment.begin(),
    arguments: "none",
    source,
    run: uploadBuildout,
  },
  {
    name: "buildout",
    description: "Run the buildout on the remote server",
    changes: true,
    begin: (deployment) => deployment.begin(),
    arguments: "[ARGUMENT...]",
    options: "untouched",
    help: "ARGUMENTs go to bin/buildout of the host. `--` ends the options of bin/hostout. If the\nbuildout fails, files and parts are put back as they were.",
    example: "buildout install demo",
    source,
    run: buildout,
  },
  {
    name: "postdeploy",
    description: "Perform any final plugin tasks",
    changes: true,
    arguments: "none",
    source,
    async run(context) {
      const { options } = context;
      if (options.sudoParts.length > 0) {
        await rootBuildout(
          context,
          ["install", ...options.sudoParts],
          "The buildout of sudo-parts",
        );
      }
      await runAsRoot(context, options.postCommands);
    },
  },
  {
    name: "sudobuildout",
    description: "Run the buildout on the remote server as root",
    changes: true,
    arguments: "[ARGUMENT...]",
    options: "untouched",
    help: "ARGUMENTs go to bin/buildout of the host. `--` ends the options of bin/hostout.",
    example: "sudobuildout install initscript",
    source,
    async run(context, args: readonly string[]) {
      await requireUploaded(context);
      await rootBuildout(context, args, `The buildout as root on ${context.options.host}`);
    },
  },
];

async function uploadEggs({ session, deployment }: CommandContext): Promise<void> {
  const facts = await session.facts();
  const packages = await deployment.packages();
  const missing = packages.filter(({ file }) => !facts.dist.has(basename(file)));
  if (missing.length === 0) {
    session.note("All develop eggs are on the host already");
    return;
  }
  const list = missing.map(({ name, version }) => `\t${name} = ${version}`);
  session.note(`Eggs to transport:\n${list.join("\n")}`);
  const connection = await session.buildoutConnection();
  const dist = remoteJoin(facts.cache, DIST);
  await makeFolder(session, dist);
  for (const { file } of missing) {
    const name = basename(file);
    await connection.put(file, remoteJoin(dist, name), {
      mode: 0o640,
      signal: session.signal,
      onProgress: (bytes, total) => session.emit({ type: "transfer", name, bytes, total }),
    });
    facts.dist.add(name);
  }
}

async function uploadBuildout(context: CommandContext): Promise<void> {
  const { session, deployment } = context;
  let facts = await session.facts();
  if (facts.interrupted) {
    await restore(context);
    facts = await session.facts();
  }
  const release = await deployment.release();
  await session.noteRelease(release.id);
  if (facts.unpacked === release.id) {
    session.note(`Release ${release.id} is on the host already`);
    return;
  }
  const connection = await session.buildoutConnection();
  const dist = bundleFolder(facts, context.options);
  const there =
    facts.unpacked === undefined
      ? undefined
      : (await connection.sh(`cat ${quote(`${facts.path}/${STATE}/files`)}`)).stdout;
  const { changed, stale } = compareWithHost(release.files, there);
  const known = new Set((there ?? "").split("\n").map((line) => line.replace(/^\S+ \S+ /, "")));
  const whole = `deploy_${release.id}.tgz`;
  const part = `deploy_${release.id}_from_${facts.unpacked}.tgz`;
  const useWhole = changed.length === release.files.length || facts.dist.has(whole);
  const name = useWhole ? whole : part;
  const paths = changed.map(({ path }) => path);
  session.note(
    `Release ${release.id}: ${changed.length} of ${release.files.length} files new or changed, ${stale.length} gone`,
  );
  const announced = await connection.sh(announceScript(facts.path, dist), {
    signal: session.signal,
    input: announceInput({
      manifest: manifest(release.files),
      // Where nothing lies yet there is nothing to put back.
      added: there === undefined ? [] : paths.filter((path) => !known.has(path)),
      replaced: paths.filter((path) => known.has(path)),
      stale,
      staleFolders: foldersLeftEmpty(stale, release.files),
    }),
  });
  if (announced.code !== 0) throw failed(`Preparing release ${release.id}`, announced);
  const file = remoteJoin(dist, name);
  const arrives = !facts.dist.has(name);
  const script = unpackScript(facts.path, { file, arrives }, release.id, release.folders);
  const result = arrives
    ? await sendBundle(context, useWhole ? release.files : changed, name, script)
    : await connection.sh(script, { signal: session.signal });
  if (result.code !== 0) throw failed(`Unpacking release ${release.id}`, result);
  facts.dist.add(name);
  facts.unpacked = release.id;
  session.note(`Wrote versions to ${release.configuration}`);
}

/** What root has made beside the sudo-parts is the buildout user's from now on. */
async function giveBack(context: CommandContext): Promise<void> {
  const { session, options } = context;
  const { path, cache } = await session.facts();
  const script = giveBackScript(path, cache, await owners(context), options.sudoParts);
  const result = await session.sudo(script, { cwd: null, quiet: true });
  if (result.code !== 0) throw failed("Giving files of root to the buildout user", result);
}

/** Runs the release's configuration as root; files that are not a root part's are given back. */
async function rootBuildout(
  context: CommandContext,
  args: readonly string[],
  what: string,
): Promise<void> {
  const { session, options, deployment } = context;
  const { configuration } = await deployment.release();
  const build = ["bin/buildout", "-c", configuration, ...args];
  const label = quoteAll(build);
  if (options.noSudo) {
    const result = await session.run(label, { label });
    if (result.code !== 0) throw failed(what, result);
    return;
  }
  const { path } = await session.facts();
  const { buildoutUser } = await owners(context);
  const script = runAsRootScript(path, buildoutUser, build);
  const result = await session.sudo(script, { cwd: null, label });
  await giveBack(context);
  if (result.code !== 0) throw failed(what, result);
}

/** Throws `not-uploaded` unless the files of this release are on the host. */
async function requireUploaded({ session, deployment, options }: CommandContext) {
  const { unpacked } = await session.facts();
  const { id } = await deployment.release();
  if (unpacked === id) return;
  throw new BuildoutError(
    "not-uploaded",
    `Release ${id} of this buildout is not on ${options.host}.`,
    { hint: "Run 'uploadeggs uploadbuildout buildout', or 'deploy' for all of it." },
  );
}

/** Where bundles are kept on the host. */
function bundleFolder({ cache }: HostFacts, { engine }: HostOptions): string {
  return remoteJoin(cache, engine === "python" ? PYTHON_BUNDLES : DIST);
}

/** Folders that held only stale files, the deepest first. */
function foldersLeftEmpty(stale: readonly string[], files: readonly BundleFile[]): string[] {
  const used = new Set<string>();
  const folders = (path: string) => {
    const found: string[] = [];
    for (let at = dirname(path); at !== "."; at = dirname(at)) found.push(at);
    return found;
  };
  for (const { path } of files) for (const folder of folders(path)) used.add(folder);
  const left = new Set(stale.flatMap(folders).filter((folder) => !used.has(folder)));
  return [...left].sort((a, b) => b.length - a.length);
}

/** Feeds a bundle to `script` on the host while it is being made. */
async function sendBundle(
  { session }: CommandContext,
  files: readonly BundleFile[],
  name: string,
  script: string,
): Promise<ExecResult> {
  const { makeBundle } = await import("../release/bundle.ts");
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const connection = await session.buildoutConnection();
  const { stream, done } = makeBundle(files, connection.latency, (bytes) =>
    session.emit({ type: "transfer", name, bytes, total }),
  );
  const sent = connection.sh(script, { signal: session.signal, input: stream });
  // What went wrong while packing tells more than the host's complaint about a torn archive.
  const [packed, result] = await Promise.allSettled([done, sent]);
  if (packed.status === "rejected" && packed.reason instanceof BuildoutError) throw packed.reason;
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

async function buildout(context: CommandContext, args: readonly string[]): Promise<void> {
  const { session, deployment, options } = context;
  const facts = await session.facts();
  const release = await deployment.release();
  await session.noteRelease(release.id);
  await requireUploaded(context);
  const result = await session.run(
    buildScript(
      facts.path,
      bundleFolder(facts, options),
      release.configuration,
      release.id,
      args,
      usersDiffer(options),
    ),
    {
      cwd: null,
      label: ["bin/buildout", "-c", release.configuration, ...args].join(" "),
    },
  );
  if (result.code !== 0) {
    throw new BuildoutError(
      "remote-buildout-failed",
      `The buildout on ${options.host} failed with status ${result.code ?? result.signal}.`,
      {
        hint:
          facts.current === undefined
            ? "Nothing was deployed before; correct the buildout and deploy again."
            : `The files of release ${facts.current} are back in place; what failed is in ${facts.path}/${STATE}/failed.`,
      },
    );
  }
  facts.current = release.id;
}

async function restore({ session }: CommandContext): Promise<void> {
  const { path } = await session.facts();
  session.note("An earlier deployment was cut off; its half-made changes are undone first");
  const connection = await session.buildoutConnection();
  const result = await connection.sh(restoreScript(path), { signal: session.signal });
  if (result.code !== 0) throw failed("Undoing the interrupted deployment", result);
  session.forget();
}

async function makeFolder(session: CommandContext["session"], folder: string): Promise<void> {
  const connection = await session.buildoutConnection();
  const result = await connection.sh(`umask 027; mkdir -p ${quote(folder)}`);
  if (result.code !== 0) throw failed(`Making ${folder}`, result);
}

/** Shell commands of the user, as root in the buildout folder; failures are told and ignored. */
async function runAsRoot(
  { session, project }: CommandContext,
  commands: readonly string[],
): Promise<void> {
  const { path } = await session.facts();
  for (const line of commands) {
    const command = line.replaceAll(project.directory, path).replaceAll("$${", "${");
    const result = await session.sudo(command);
    if (result.code !== 0) {
      session.emit({
        type: "warning",
        text: `'${command}' ended with status ${result.code ?? result.signal}; going on`,
      });
    }
  }
}

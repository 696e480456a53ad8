/** plan: what a deployment would do. Inspects the host, and changes nothing there. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { PassThrough } from "node:stream";
import { secretsInput } from "../../buildout/secrets/sent-secrets.ts";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import type { HostPlan } from "../../events/deployment-plan.ts";
import { isAllSeen, type Look, lookInput, lookScript, parseLook } from "../host/look.ts";
import { PYTHON_ENGINE } from "../host/probe.ts";
import type { HostReleases } from "../host/release-list.ts";
import { checkState } from "../host/release-state.ts";
import { LARGE } from "../plan/file-changes.ts";
import { hostPlan, type PlanFacts } from "../plan/host-plan.ts";
import { optionsOf, pinsOf, requirers } from "../plan/pins.ts";
import { type PartsAnswer, partsAnswer, withoutHidden } from "../plan/planned-parts.ts";
import { normalized, recordedParts } from "../plan/recorded-parts.ts";
import { checkPlan } from "../plan/saved-plan.ts";
import { wayOf } from "../plan/steps.ts";
import type { BundleFile } from "../release/fileset.ts";
import { compare, entryLine } from "../release/manifest.ts";
import { configurationIn } from "../release/release.ts";
import { releasedConfiguration } from "../release/released-configuration.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { withoutValues } from "../run/hidden-events.ts";
import { requireNode } from "./bootstrap-node.ts";
import { bootstrapLines } from "./bootstrap-plan.ts";
import { failed } from "./failed.ts";
import { archiveOf, filesToSee } from "./files-to-see.ts";
import { keptManifest } from "./kept-release.ts";
import { packageFiles } from "./package-files.ts";
import { checkShared } from "./place.ts";
import { manifestThere, releaseThere } from "./release-there.ts";
import { sizesToSend } from "./sizes-to-send.ts";
import { hostReleases } from "./upload.ts";

/** Maximum number of files to read from the host. */
const MOST_READ = 300;
/** A buildout's record of its parts. */
const RECORD = ".installed.cfg";

export const planCommand: CommandDefinition = {
  name: "plan",
  looks: true,
  releases: true,
  description: "Show what 'deploy' would do, and change nothing",
  arguments: "none",
  help: "The same as 'deploy --plan'. Takes --diff, --detailed-exitcode, --out and --format.",
  begin: (deployment) => deployment.begin(),
  source: "collective.hostout",
  async run(context) {
    context.session.emit({ type: "plan", ...(await planHost(context)) });
  },
};

/** Throws `stale-plan` if the deployment would differ from the plan that it follows. */
export async function agreeWithPlan(context: CommandContext): Promise<void> {
  const { deployment, options } = context;
  const saved = deployment.planning.saved?.get(options.name);
  if (saved === undefined) return;
  const now = await planHost(context, { parts: false });
  checkPlan(options.name, saved, withoutValues(now, deployment.hidden) as HostPlan);
}

/** Works out the plan; with `parts: false` without asking the engine what it would do. */
async function planHost(
  context: CommandContext,
  { parts }: { parts: boolean } = { parts: true },
): Promise<HostPlan> {
  const { deployment, options, project, session } = context;
  const secrets = secretsInput(await deployment.secrets());
  const host = await session.facts();
  checkState(host, options);
  const isThere = host.exists && host.buildoutUser;
  const releases = isThere ? await hostReleases(context) : NOTHING;
  const [release, engine, commit] = await Promise.all([
    deployment.release(),
    deployment.engine(),
    deployment.commit(),
  ]);
  checkShared(options, release.files);
  const way = wayOf(release.id, host, releases, options);
  const there = releaseThere(context, host);
  const before = await manifestThere(context, there);
  const base =
    way?.base === undefined || way.again
      ? new Map<string, string>()
      : way.base === there.release?.number
        ? before
        : ((await keptManifest(context, way.base)) ?? new Map<string, string>());
  const facts: Omit<PlanFacts, "look" | "parts"> = {
    ...{ options, host, releases, release, commit, way, base, before, there },
    directory: project.directory,
    written: project.hosts.get(options.name)!,
    engine: { name: engine.name },
    sent: parts
      ? await sizesToSend(context, { release, way, base }, engine.code)
      : { release: 0, engine: 0 },
    packages: await packageFiles(deployment),
    requiredBy: requirers(versionsText(context)),
    overrides: overrides(context),
    bootstrap: await bootstrapLines(context, engine.name),
    diffs: deployment.planning.diffs,
    read: reader(release.files, new Set(release.configurations)),
  };
  const files = filesToSee(facts);
  const run =
    parts && isThere ? await engineToRun(context, engine.name, files.length > 0) : { why: "" };
  const look = isThere ? await lookAt(context, facts, secrets, engine.code, run, files) : undefined;
  const answer =
    look !== undefined && "record" in run
      ? await partsOfRecord(context, facts, look.look, run.otherEngine)
      : partsOf(facts, look, run);
  return hostPlan({ ...facts, look: look?.look, parts: answer });
}

const NOTHING: HostReleases = {
  history: { attempts: [], events: [], rubbish: 0 },
  kept: new Map(),
  drift: [],
};

function versionsText({ project, options }: CommandContext): string {
  return readFileSync(resolve(project.directory, options.versionsFile), "utf8");
}

/** Commands of a deployment that others have extended or replaced. */
export function overrides({ commands }: CommandContext): HostPlan["overrides"] {
  const names = [
    ...["deploy", "bootstrap", "predeploy", "precommands", "uploadeggs", "uploadbuildout"],
    ...["buildout", "postdeploy"],
  ];
  const replaced = names.flatMap((command) => {
    const chain = commands.chains.get(command) ?? [];
    return chain.slice(0, -1).map(({ source }) => ({ command, source }));
  });
  const first = commands.initcommands.map(({ source }) => ({ command: "initcommand", source }));
  return [...first, ...replaced];
}

function reader(files: readonly BundleFile[], configurations: ReadonlySet<string>) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return (path: string) => {
    const { content, source, link, mode, size } = byPath.get(path)!;
    const isPrivate = (mode & 0o077) === 0 && !configurations.has(path);
    if (link !== undefined) return { content: Buffer.from(link), isPrivate };
    if (content !== undefined) return { content, isPrivate };
    // For a large one, only the size counts.
    return { content: size > LARGE ? Buffer.alloc(size) : readFileSync(source!), isPrivate };
  };
}

/** The engine that plans on the host, or the one in its record, or why there is neither. */
type Run =
  | { run: "own" | { node: string } }
  | { record: true; otherEngine: boolean }
  | { why: string };

async function engineToRun(
  context: CommandContext,
  name: string,
  filesDiffer: boolean,
): Promise<Run> {
  const { session, options } = context;
  const { engine, hasBuildout, hasTar } = await session.facts();
  if (!hasBuildout) return { why: "" };
  const hasPython = engine === PYTHON_ENGINE;
  if (options.engine === "python" || hasPython) {
    return { record: true, otherEngine: hasPython !== (options.engine === "python") };
  }
  if (engine === undefined)
    return { why: "bin/buildout on the host was not installed by hostout." };
  if (!hasTar && (filesDiffer || engine !== name)) return { why: "the host has no tar." };
  if (engine === name) return { run: "own" };
  try {
    return { run: { node: (await requireNode(context)).executable } };
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    return { why: messageOf(error) };
  }
}

/** Inspects the files on the host that the release changes, and lets the engine plan. */
async function lookAt(
  { session }: CommandContext,
  facts: Omit<PlanFacts, "look" | "parts">,
  secrets: string,
  engine: Buffer,
  run: Run,
  files: readonly BundleFile[],
): Promise<{ look: Look; complaint: string }> {
  const { host, there, release, before, releases, diffs } = facts;
  const { added, changed, removed } = compare(release.files, before, entryLine);
  const drifted = new Set(releases.drift.map(({ path }) => path));
  const differ = [...changed, ...added].map(({ path }) => path);
  const former = there.release && configurationIn(before.keys(), there.release.id);
  const wanted = [
    ...("record" in run ? [RECORD, ...removed.filter((path) => path.endsWith(".cfg"))] : []),
    ...drifted,
    ...(former ? [former, "pinned.cfg"] : []),
    ...(diffs ? differ : differ.filter((path) => release.configurations.includes(path))),
  ];
  const connection = await session.buildoutConnection();
  const input = new PassThrough();
  input.write(lookInput(secrets, [...new Set(wanted)].slice(0, MOST_READ), removed));
  if ("run" in run) {
    const archive = await archiveOf(files, run.run === "own" ? undefined : engine);
    input.write(`${archive.length}\n`);
    input.write(archive);
  } else input.end();
  let printed = "";
  const script = lookScript(
    ...([there.path, host.cache, release.configuration] as const),
    "run" in run ? run.run : "no",
  );
  const result = await connection.sh(script, {
    signal: session.signal,
    input,
    onStdout(chunk) {
      printed = (printed + chunk).slice(-1000);
      if (isAllSeen(printed)) input.end();
    },
  });
  if (result.code !== 0 && !("run" in run)) throw failed("Inspecting the host", result);
  return { look: parseLook(result.stdout, there.path), complaint: result.stderr };
}

/** A plan from the configuration and the host's record, if its engine cannot be asked. */
async function partsOfRecord(
  { deployment, project }: CommandContext,
  { there, before, release }: Omit<PlanFacts, "look" | "parts">,
  { files, directory, installed }: Look,
  otherEngine: boolean,
): Promise<PartsAnswer> {
  const text = (path: string) => files.get(path)?.content?.toString();
  if (installed !== undefined && text(RECORD) === undefined) {
    return { unknown: `${RECORD} on the host cannot be read.` };
  }
  const { configuration: file } = release;
  const local = project.directory;
  const configuration = await releasedConfiguration(local, release, directory, deployment.env);
  const former = new Map<string, Set<string>>();
  for (const path of before.keys()) {
    if (!path.endsWith(".cfg")) continue;
    for (const [section, names] of optionsOf(text(path) ?? "")) {
      former.set(section, new Set([...(former.get(section) ?? []), ...names]));
    }
  }
  const then = pinsOf(
    text((there.release && configurationIn(before.keys(), there.release.id)) ?? "") ?? "",
  );
  const now = pinsOf(release.files.find(({ path }) => path === file)?.content?.toString() ?? "");
  const changed = [...now].filter(([name, version]) => then.get(name) !== version);
  const parts = recordedParts({
    ...{ configuration, former, otherEngine },
    record: text(RECORD),
    changed: new Set(there.release ? changed.map(([name]) => normalized(name)) : []),
  });
  return { parts: parts.map(withoutHidden), fromRecord: true };
}

function partsOf(
  { host, release }: Pick<PlanFacts, "host" | "release">,
  looked: { look: Look; complaint: string } | undefined,
  run: Run,
): PartsAnswer {
  if (looked !== undefined && "run" in run) {
    return partsAnswer(looked.look.events, looked.complaint);
  }
  if ("why" in run && run.why !== "" && host.hasBuildout) return { unknown: run.why };
  return { parts: release.parts.map((part) => ({ action: "install", ...part })) };
}

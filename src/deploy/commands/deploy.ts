import { basename } from "node:path";
import { join as remoteJoin } from "node:path/posix";
import { BuildoutError } from "../../errors/error.ts";
import { quote } from "../../ssh/commands/quote.ts";
import { commandSteps, engineSteps, mayRest, packageSteps } from "../plan/steps.ts";
import type { Deployment } from "../release/deployment.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { installEngine } from "./bootstrap.ts";
import { buildout } from "./build-in-place.ts";
import { recordDataVersion } from "./data-version.ts";
import { reportDeployed } from "./deployed.ts";
import { failed } from "./failed.ts";
import { checkDeployed } from "./health.ts";
import { packageFiles } from "./package-files.ts";
import { checkShared } from "./place.ts";
import { agreeWithPlan, overrides } from "./plan.ts";
import { startReceiver } from "./receive-ahead.ts";
import { buildSudoParts, rootBuildout } from "./root-build.ts";
import { repairState, requireUploaded, uploadBuildout } from "./upload.ts";
import { useCache } from "./use-cache.ts";
import { warnOfKeyInGit } from "./users.ts";

const source = "collective.hostout";
/** Directory in the cache where distributions are found. */
const DIST = "downloads/dist";
const STEPS = ["predeploy", "uploadeggs", "uploadbuildout", "buildout", "postdeploy"];

export const deployCommands: CommandDefinition[] = [
  {
    name: "deploy",
    releases: true,
    description: "Run predeploy, uploadeggs, uploadbuildout, buildout and then postdeploy",
    changes: true,
    arguments: "none",
    begin: beginRelease,
    ready: agreeWithPlan,
    help: "Steps: predeploy, uploadeggs, uploadbuildout, buildout, postdeploy, and the health check. A step that fails\nends the deployment; an unhealthy release is rolled back if rollback-on-failure is set.\n--plan only shows what would be done; --out FILE saves that plan, and --from FILE deploys exactly\nwhat was saved, or fails.",
    source,
    async run(context) {
      const { call, deployment, options, session } = context;
      const [{ current: before }] = await Promise.all([
        session.facts(),
        warnOfKeyInGit(context),
        deployment.secrets(),
      ]);
      if (options.atomic) checkShared(options, (await deployment.release()).files);
      deployment.mayRest = mayRest(overrides(context));
      try {
        for (const step of STEPS) if ((await call(step)) === false) return false;
      } finally {
        deployment.takeAhead();
      }
      await recordDataVersion(context);
      await checkDeployed(context, before?.number);
      return reportDeployed(context, before?.number);
    },
  },
  {
    name: "predeploy",
    description: "Install buildout and its dependencies if needed. Hookpoint for plugins",
    changes: true,
    arguments: "none",
    source,
    async run(context) {
      const { session, options, call, deployment } = context;
      await repairState(context);
      const facts = await session.facts();
      const { name } = await deployment.engine();
      for (const step of engineSteps(facts, options.engine, name)) {
        session.emit({ type: "step", step });
        if (step.step === "engine") await installEngine(context);
        else {
          session.note(
            step.why === "missing"
              ? `No ${facts.path}/bin/buildout on the host: bootstrapping it first`
              : `The buildout on the host does not use the engine ${options.engine}`,
          );
          await call("bootstrap");
        }
      }
      return call("precommands");
    },
  },
  {
    name: "precommands",
    description: "Run the shell commands in pre-commands",
    changes: true,
    arguments: "none",
    source,
    run: (context) => runCommands(context, "before"),
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
    releases: true,
    description: "Upload buildout pinned to local picked versions + uploaded eggs",
    changes: true,
    begin: beginRelease,
    arguments: "none",
    source,
    run: uploadBuildout,
  },
  {
    name: "buildout",
    releases: true,
    description: "Run the buildout on the remote server",
    changes: true,
    begin: (deployment) => deployment.begin(),
    arguments: "[ARGUMENT...]",
    options: "untouched",
    help: "ARGUMENTs, including options, are passed to bin/buildout on the host; `--` ends\nthe options of bin/hostout. If the buildout fails, files and parts are restored.",
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
      // A release with its own directory has them already.
      if (!context.options.atomic) await buildSudoParts(context);
      await runCommands(context, "after");
    },
  },
  {
    name: "sudobuildout",
    description: "Run the buildout on the remote server as root",
    changes: true,
    arguments: "[ARGUMENT...]",
    options: "untouched",
    help: "ARGUMENTs, including options, are passed to bin/buildout on the host; `--` ends\nthe options of bin/hostout.",
    example: "sudobuildout install initscript",
    source,
    async run(context, args: readonly string[]) {
      await requireUploaded(context);
      await rootBuildout(context, args, `The buildout as root on ${context.options.host}`);
    },
  },
];

function beginRelease(deployment: Deployment): void {
  deployment.begin();
  startReceiver(deployment);
}

async function uploadEggs(context: CommandContext): Promise<void> {
  const { session, deployment } = context;
  await useCache(context);
  const facts = await session.facts();
  const files = new Map((await deployment.packages()).map(({ file }) => [basename(file), file]));
  const steps = packageSteps(await packageFiles(deployment), facts);
  if (steps.length === 0) {
    session.note("All develop eggs are already on the host");
    return;
  }
  const list = steps.map(({ name, version }) => `\t${name} = ${version}`);
  session.note(`Eggs to transport:\n${list.join("\n")}`);
  const connection = await session.buildoutConnection();
  const dist = remoteJoin(facts.cache, DIST);
  await makeFolder(session, dist);
  for (const step of steps) {
    session.emit({ type: "step", step });
    await connection.put(files.get(step.file)!, remoteJoin(dist, step.file), {
      mode: 0o640,
      signal: session.signal,
      onProgress: (bytes, total) =>
        session.emit({ type: "transfer", name: step.file, bytes, total }),
    });
    facts.dist.add(step.file);
  }
}

async function makeFolder(session: CommandContext["session"], folder: string): Promise<void> {
  const connection = await session.buildoutConnection();
  const result = await connection.sh(`umask 027; mkdir -p ${quote(folder)}`);
  if (result.code !== 0) throw failed(`Making ${folder}`, result);
}

/** The hint if a user's command fails that must not fail. */
const STRICT_HINTS = {
  before: "Nothing was uploaded or built yet.",
  after: "The release is in place: correct the command and run 'postdeploy', or run 'rollback'.",
};

/**
 * Runs the user's shell commands as root in the directory of the current release. A failure is a warning;
 * with `strict-commands`, it ends the command.
 *
 * @throws BuildoutError `strict-command-failed`
 */
async function runCommands(
  { session, project, options }: CommandContext,
  when: "before" | "after",
): Promise<void> {
  const { directory } = await session.facts();
  for (const step of commandSteps(when, options, project.directory, directory)) {
    session.emit({ type: "step", step });
    const { command } = step;
    const result = await session.sudo(command);
    if (result.code === 0) continue;
    const text = `${command} ended with status ${result.code ?? result.signal}.`;
    if (options.strictCommands) {
      throw new BuildoutError("strict-command-failed", text, { hint: STRICT_HINTS[when] });
    }
    session.emit({ type: "warning", text });
  }
}

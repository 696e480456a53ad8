/** Runs the buildout of a host in the buildout directory. */
import { secretsInput } from "../../buildout/secrets/sent-secrets.ts";
import { BuildoutError } from "../../errors/error.ts";
import { removable } from "../host/history.ts";
import { STATE } from "../host/probe.ts";
import {
  type BuiltRelease,
  buildScript,
  type Ending,
  NOT_NOTED,
  NOT_SETTLED,
  restScript,
} from "../host/release-state.ts";
import { buildStep, buildSteps } from "../plan/steps.ts";
import type { CommandContext } from "../run/chain.ts";
import { buildoutAside, warnOfStaying } from "./aside.ts";
import { failed } from "./failed.ts";
import { requireUploaded } from "./upload.ts";
import { usersDiffer } from "./users.ts";

export async function buildout(context: CommandContext, args: readonly string[]): Promise<void> {
  const { session, deployment, options } = context;
  if (options.atomic) return buildoutAside(context, args);
  const input = secretsInput(await deployment.secrets());
  const facts = await session.facts();
  const { id, configuration } = await deployment.release();
  await session.noteRelease(id);
  const release = await requireUploaded(context);
  const { current, releases } = facts;
  const isFirst = deployment.mayRest && args.length === 0 && session.isAsSeen;
  const { number } = release;
  const isNew = number !== current?.number;
  const kept = [...(releases?.kept.keys() ?? [])];
  const seconds = null;
  const ending = {
    shared: usersDiffer(options),
    removed: releases ? removable(releases.history, kept, number, options.keepReleases) : [],
    notes: {
      done: isNew ? JSON.stringify({ number, result: "ok", seconds }) : "",
      failed: isNew ? JSON.stringify({ number, result: "failed", seconds }) : "",
    },
  };
  const built = { ...release, configuration };
  const steps = buildSteps({ id, configuration }, facts, isFirst);
  if (steps.length === 0 && (!facts.settled?.isNew || (await rest(context, built, ending)))) {
    session.note("The buildout's inputs have not changed since its last run");
    facts.current = release;
    return;
  }
  session.emit({ type: "step", step: buildStep(configuration) });
  const result = await session.run(buildScript(facts.path, built, args, ending), {
    cwd: null,
    label: ["bin/buildout", "-c", configuration, ...args].join(" "),
    input,
  });
  if (result.code === NOT_NOTED) {
    session.forget();
    throw failed(`Making release ${number} the current one`, result);
  }
  if (result.code !== 0) {
    session.forget();
    throw new BuildoutError(
      "remote-buildout-failed",
      `The buildout on ${options.host} failed with status ${result.code ?? result.signal}.`,
      {
        hint:
          current === undefined
            ? "Nothing was deployed before; correct the buildout and deploy again."
            : `The files of release ${current.number} (${current.id}) are back in place; the failed files are in ${facts.path}/${STATE}/failed.`,
      },
    );
  }
  warnOfStaying(context, facts.path, result.stdout);
  facts.current = release;
  if (facts.link !== undefined) Object.assign(facts, { link: ".", directory: facts.path });
}

/** Makes a release that needs no build the current one. Returns false if it needs one after all. */
async function rest(
  context: CommandContext,
  release: BuiltRelease,
  ending: Ending,
): Promise<boolean> {
  const { session } = context;
  const { path } = await session.facts();
  const connection = await session.buildoutConnection();
  const result = await connection.sh(restScript(path, release, ending), { signal: session.signal });
  if (result.code === NOT_SETTLED) return false;
  if (result.code === 0) {
    warnOfStaying(context, path, result.stdout);
    return true;
  }
  session.forget();
  throw failed(`Making release ${release.number} the current one`, result);
}

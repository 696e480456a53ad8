/** Runs the buildout of a host in the buildout directory. */
import { secretsInput } from "../../buildout/secrets/sent-secrets.ts";
import { BuildoutError } from "../../errors/error.ts";
import { STATE } from "../host/probe.ts";
import { buildScript, NOT_NOTED } from "../host/release-state.ts";
import { buildStep, buildSteps } from "../plan/steps.ts";
import type { CommandContext } from "../run/chain.ts";
import { buildoutAside } from "./aside.ts";
import { buildEndingOf, warnOfStaying } from "./ending.ts";
import { failed } from "./failed.ts";
import { requireUploaded } from "./upload.ts";

export async function buildout(context: CommandContext, args: readonly string[]): Promise<void> {
  const { session, deployment, options } = context;
  if (options.atomic) return buildoutAside(context, args);
  const input = secretsInput(await deployment.secrets());
  const facts = await session.facts();
  const { id, configuration } = await deployment.release();
  await session.noteRelease(id);
  const release = await requireUploaded(context);
  const { current } = facts;
  const isFirst = deployment.mayRest && args.length === 0 && session.isAsSeen;
  const { number } = release;
  if (buildSteps({ id, configuration }, facts, isFirst).length === 0) {
    session.note("The buildout's inputs have not changed since its last run");
    return;
  }
  session.emit({ type: "step", step: buildStep(configuration) });
  const ending = buildEndingOf(options, facts, number);
  const built = { ...release, configuration };
  const started = deployment.takeAhead(buildScript(facts.path, built, args, ending, "ahead"));
  const result = await session.run(buildScript(facts.path, built, args, ending), {
    cwd: null,
    label: ["bin/buildout", "-c", configuration, ...args].join(" "),
    input,
    started,
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

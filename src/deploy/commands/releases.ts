import { readOwnWords } from "../../arguments/own-words.ts";
import { secretsInput } from "../../buildout/secrets/sent-secrets.ts";
import { BuildoutError } from "../../errors/error.ts";
import { type Attempt, formerRelease, isLost } from "../host/history.ts";
import type { NumberedRelease } from "../host/probe.ts";
import { buildScript } from "../host/release-state.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { build, buildRootParts, switchTo } from "./aside.ts";
import { checkDataVersion } from "./data-version.ts";
import { reportDeployed } from "./deployed.ts";
import { checkRolledBack } from "./health.ts";
import { configurationOf, RELEASE_NUMBER } from "./kept-release.ts";
import { placeOf } from "./place.ts";
import { checkOut, hostReleases, repairState } from "./upload.ts";
import { useCache } from "./use-cache.ts";
import { usersDiffer } from "./users.ts";

const source = "collective.hostout";

const RELEASES: CommandDefinition = {
  name: "releases",
  releases: true,
  description: "List the releases of the host",
  arguments: "none",
  help: "An asterisk marks the current one. Those in parentheses are no longer on the host.",
  source,
  async run(context) {
    const { session } = context;
    const { built, current } = await session.facts();
    const { history, kept } = await hostReleases(context);
    const releases = history.attempts.map((attempt) => ({
      ...attempt,
      current: attempt.number === current?.number,
      kept: kept.has(attempt.number),
      built: built.has(attempt.number),
    }));
    if (releases.length === 0) session.note("No release has been deployed yet");
    else session.emit({ type: "table", head: HEAD, rows: releases.map(row) });
    return releases;
  },
};

const ROLLBACK: CommandDefinition = {
  name: "rollback",
  changes: true,
  releases: true,
  description: "Roll back to an earlier release on the host",
  arguments: "[NUMBER]",
  forms: { NUMBER: { pattern: /^-?[1-9]\d{0,8}$/, needs: RELEASE_NUMBER.needs } },
  own: [
    {
      name: "reason",
      long: "reason",
      value: { placeholder: "TEXT", called: "text" },
      help: "Why the current release is bad",
    },
    { name: "dataOk", long: "data-ok", help: "The release can work with the current data" },
  ],
  help: "NUMBER is a release, or -1 (the default) for the last good one before the current one. Steps:\nprecommands, the files of the release, its buildout offline, postdeploy; with atomic, if the\nrelease is still built: precommands, its sudo-parts, the switch, postdeploy. The health check comes\nlast. Nothing is uploaded. A release that is rolled back from is marked as bad. If the data version\nhas changed since the release was deployed, --data-ok is required.",
  example: "rollback 5 --reason slow",
  source,
  run(context, words) {
    const { args, given } = readOwnWords(ROLLBACK, words.map(String));
    const [wanted = "-1"] = args;
    return rollback(context, { wanted, reason: given.get("reason"), dataOk: given.has("dataOk") });
  },
};

export const releasesCommands: CommandDefinition[] = [RELEASES, ROLLBACK];

const HEAD = ["", "RELEASE", "ID", "START", "WHO", "COMMIT", "TOOK", "RESULT"];

function row(attempt: Attempt & { current: boolean; kept: boolean }): string[] {
  const { number, id, start = "", who = "", commit = "", dirty, seconds, result, reason } = attempt;
  return [
    attempt.current ? "*" : "",
    attempt.kept ? `${number}` : `(${number})`,
    id,
    start.replace("T", " "),
    who,
    `${commit.slice(0, 7)}${dirty ? "+" : ""}`,
    seconds === undefined ? "" : `${seconds} s`,
    `${result ?? (isLost(attempt) ? "unknown" : "interrupted")}${reason === undefined ? "" : `: ${reason}`}`,
  ];
}

interface RollbackWords {
  /** A release, or `-N`: the Nth good one before the current one. */
  wanted: string;
  reason: string | undefined;
  /** The release can work with the current data. */
  dataOk: boolean;
}

async function rollback(
  context: CommandContext,
  { wanted, reason, dataOk }: RollbackWords,
): Promise<void> {
  const { session, deployment, options, call } = context;
  await repairState(context);
  await useCache(context);
  const facts = await session.facts();
  const { current } = facts;
  const { history, kept } = await hostReleases(context);
  const numbers = [...kept.keys()];
  const target = wanted.startsWith("-")
    ? formerRelease(history, numbers, current?.number ?? 0, -Number(wanted))
    : history.attempts.find(({ number }) => String(number) === wanted && kept.has(number));
  // One that was interrupted right after the switch continues.
  const isSwitched = facts.aside !== undefined && facts.aside.number === facts.link;
  if (
    target === undefined ||
    current === undefined ||
    (target.number === current.number && !isSwitched)
  ) {
    throw new BuildoutError(
      "no-release",
      `${options.name} has no release '${wanted}' to roll back to.`,
      {
        hint: `Run 'bin/hostout ${options.name} releases' to list its releases.`,
      },
    );
  }
  const { number, id } = target;
  // The current ones: those that the release was built with are not recorded.
  const input = secretsInput(await deployment.secrets(target.secrets));
  const configuration = await configurationOf(context, target);
  if (!dataOk) await checkDataVersion(context, target);
  await session.noteRelease(id);
  deployment.offline = true;
  // The current ones may be parts that it does not have.
  deployment.sudoParts = target.sudoParts ?? options.sudoParts;
  await call("precommands");
  const leavesBad = number < current.number;
  const done = [
    ...(leavesBad ? [{ number: current.number, result: "bad", reason }] : []),
    ...(number === current.number
      ? []
      : [
          {
            ...{ event: "rollback", start: null, who: session.purpose.who },
            ...{ from: current.number, to: number, reason },
          },
        ]),
  ]
    .map((line) => JSON.stringify(line))
    .join("\n");
  const release = { number, id, configuration };
  if (options.atomic) {
    if (!facts.built.has(number)) {
      await putBack(context, number);
      await build(context, release, ["-o"], { input, again: false, failed: "" });
    }
    // What they create elsewhere is from the release that is rolled back from.
    await buildRootParts(context, release);
    await switchTo(context, release, { removed: [], done, input });
  } else {
    await putBack(context, number);
    await buildInPlace(context, release, current, { input, done });
  }
  session.forget();
  await call("postdeploy");
  deployment.offline = false;
  deployment.sudoParts = options.sudoParts;
  if (leavesBad) session.note(`Release ${current.number} is marked as bad`);
  await reportDeployed(context);
  await checkRolledBack(context);
}

/** Puts the files of a release in their place. */
async function putBack(context: CommandContext, number: number): Promise<void> {
  const { options, deployment } = context;
  const place = placeOf(options, await deployment.folders());
  if (await checkOut(context, number, place, "")) return;
  throw new BuildoutError("state-damaged", `Release ${number} is damaged on ${options.name}.`, {
    hint: "Roll back to another one, or deploy, which sends damaged files again.",
  });
}

async function buildInPlace(
  { session, options }: CommandContext,
  release: NumberedRelease & { configuration: string },
  current: NumberedRelease,
  { input, done }: { input: string; done: string },
): Promise<void> {
  const { path } = await session.facts();
  const args = ["-o"];
  const result = await session.run(
    buildScript(path, release, args, {
      ...{ shared: usersDiffer(options), removed: [], done, failed: "" },
    }),
    { cwd: null, label: ["bin/buildout", "-c", release.configuration, ...args].join(" "), input },
  );
  if (result.code === 0) return;
  session.forget();
  throw new BuildoutError(
    "remote-buildout-failed",
    `The buildout of release ${release.number} on ${options.host} failed with status ${result.code ?? result.signal}.`,
    { hint: `The files of release ${current.number} (${current.id}) are back in place.` },
  );
}

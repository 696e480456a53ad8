/** status: the state of a host. Changes nothing. */
import type { HostStatus } from "../../events/host-status.ts";
import { answerText, type Health } from "../host/ask-health.ts";
import { isLost } from "../host/history.ts";
import { describeHolders } from "../host/lock-state.ts";
import type { HostReleases } from "../host/release-list.ts";
import { checkState } from "../host/release-state.ts";
import { parseStatus, type SaidStatus, statusScript } from "../host/said-status.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { askOnce } from "./health.ts";
import { hostReleases } from "./upload.ts";
import { isCutOff } from "./verify.ts";

export const statusCommand: CommandDefinition = {
  name: "status",
  releases: true,
  parallel: true,
  description: "Show the host's release, lock, hand edits, health, disk and programs",
  arguments: "none",
  help: "Changes nothing. Fails if something is wrong: nothing is deployed, the release is bad, files were changed\nby hand, a deployment was interrupted, the health check fails, or a program of supervisord has failed.",
  source: "collective.hostout",
  run: status,
};

async function status(context: CommandContext): Promise<false | undefined> {
  const { session } = context;
  const found = await lookAt(context);
  session.emit({ type: "status", ...found });
  return found.ok ? undefined : false;
}

async function lookAt(context: CommandContext): Promise<HostStatus> {
  const { session, options, commands, name } = context;
  const facts = await session.facts();
  checkState(facts, options);
  if (!facts.exists || !facts.buildoutUser) {
    const problem = facts.buildoutUser
      ? `there is no ${facts.path}`
      : `${options.buildoutUser} cannot log in`;
    return { ...NOTHING, problems: [problem] };
  }
  const releases = await hostReleases(context);
  // A plugin with its own status command shows the programs itself.
  const isAlone = commands.chains.get(name)?.length === 1;
  const [said, health] = await Promise.all([
    ask(context, statusScript(facts.path, facts.directory, isAlone)),
    options.health !== undefined && facts.current !== undefined
      ? askOnce(context, options.health)
      : undefined,
  ]);
  const { aside, interrupted, unfinished } = facts;
  const cutOff = interrupted || (options.atomic ? isCutOff(aside) : unfinished);
  return statusOf(context, releases, said, {
    current: facts.current,
    // A deployment in progress is not interrupted.
    cutOff: cutOff && said.lock.deployment === undefined && said.lock.program === undefined,
    health,
  });
}

const NOTHING: HostStatus = {
  ...{ ok: false, problems: [], locks: [], drift: [] },
  kept: { releases: 0 },
};

async function ask({ session }: CommandContext, script: string): Promise<SaidStatus> {
  const connection = await session.buildoutConnection();
  const result = await connection.sh(script, { signal: session.signal });
  if (result.code !== 0) throw failed("Inspecting the host", result);
  return parseStatus(result.stdout);
}

interface Found {
  current: { number: number; id: string } | undefined;
  cutOff: boolean;
  health: Health | undefined;
}

function statusOf(
  { options }: CommandContext,
  { drift, kept, history }: HostReleases,
  said: SaidStatus,
  { current, cutOff, health }: Found,
): HostStatus {
  const attempt = history.attempts.find(({ number }) => number === current?.number);
  const { start, who, commit, dirty, result, reason } = attempt ?? {};
  const answer = health?.answers.at(-1);
  const { supervisor, disk } = said;
  const down = supervisor?.lines.filter((line) => /\s(BACKOFF|FATAL|EXITED)\b/.test(line)) ?? [];
  const problems = [
    ...(current === undefined ? ["nothing is deployed"] : []),
    ...(attempt !== undefined && !isLost(attempt) && result !== undefined && result !== "ok"
      ? [`release ${attempt.number} is ${result}`]
      : []),
    ...(cutOff ? ["a deployment was interrupted"] : []),
    ...(drift.length > 0
      ? [
          drift.length === 1
            ? "1 file was changed by hand"
            : `${drift.length} files were changed by hand`,
        ]
      : []),
    ...(answer !== undefined && !answer.ok
      ? [`not healthy (${answerText(answer).split("\n")[0]})`]
      : []),
    ...(health?.noTool ? ["the host has no program to check its health with"] : []),
    ...(supervisor !== undefined && (down.length > 0 || ![0, 3].includes(supervisor.status))
      ? [
          down.length === 0
            ? "supervisord does not answer"
            : `not running: ${down.map((line) => line.split(/\s/)[0]).join(", ")}`,
        ]
      : []),
  ];
  return {
    ok: problems.length === 0,
    problems,
    ...(current !== undefined && {
      release: {
        ...{ number: current.number, id: current.id },
        ...(start !== undefined && { start }),
        ...(who !== undefined && { who }),
        ...(commit !== undefined && { commit }),
        ...(dirty !== undefined && { dirty }),
        ...(result !== undefined && { result }),
        ...(reason !== undefined && { reason }),
      },
    }),
    locks: describeHolders(options.name, said.lock),
    drift: drift.map(({ what, path }) => ({ what, path })),
    ...(answer !== undefined && { health: { check: options.health!.shown, answer } }),
    ...(disk !== undefined && { disk }),
    kept: { releases: kept.size, ...(said.kept !== undefined && { bytes: said.kept }) },
    ...(supervisor !== undefined && { supervisor }),
  };
}

/** audit: who did what to a host, and when. */
import { type Attempt, isLost, type LoggedEvent, parseHistory } from "../host/history.ts";
import { readHolds } from "../host/lock.ts";
import { describeHolders, lockState } from "../host/lock-state.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { hostReleases } from "./upload.ts";

export const auditCommand: CommandDefinition = {
  name: "audit",
  releases: true,
  description: "List who deployed, rolled back, cleaned up or locked the host, and when",
  arguments: "none",
  help: "Times are in UTC, by the host's clock. Foreign lines in the logs are counted.",
  source: "collective.hostout",
  run: audit,
};

/** One line of the list. */
interface Act {
  start: string;
  who: string;
  what: string;
}

async function audit(context: CommandContext): Promise<Act[]> {
  const { session, options } = context;
  const { history } = await hostReleases(context);
  const connection = await session.buildoutConnection();
  const { path } = await session.facts();
  const said = await readHolds(connection, options.name, path);
  const holds = parseHistory(said.filter((line) => line.startsWith("{")));
  const acts = [
    ...history.attempts.filter((attempt) => !isLost(attempt)).map(deployment),
    ...[...history.events, ...holds.events].map(otherAct),
  ].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  if (acts.length === 0) session.note("Nothing has been done yet");
  else {
    const rows = acts.map(({ start, who, what }) => [start.replace("T", " "), who, what]);
    session.emit({ type: "table", head: ["TIME", "WHO", "WHAT"], rows });
  }
  for (const line of describeHolders(options.name, lockState(said))) session.note(line);
  const rubbish = history.rubbish + holds.rubbish;
  if (rubbish > 0) {
    const lines = rubbish === 1 ? "1 line of the logs was" : `${rubbish} lines of the logs were`;
    session.emit({ type: "warning", text: `${lines} not written by hostout.` });
  }
  return acts;
}

function deployment({ number, id, start = "", who = "", commit, dirty, ...rest }: Attempt): Act {
  const from = commit === undefined ? "" : `, commit ${commit.slice(0, 7)}${dirty ? "+" : ""}`;
  const seconds = rest.seconds === undefined ? "" : `, ${rest.seconds} s`;
  const result = rest.result ?? "interrupted or in progress";
  const reason = rest.reason === undefined ? "" : `: ${rest.reason}`;
  return {
    start,
    who,
    what: `deployed release ${number} (${id}${from}): ${result}${reason}${seconds}`,
  };
}

function otherAct({ event, start = "", who = "", reason, ...more }: LoggedEvent): Act {
  const why = reason === undefined ? "" : `: ${reason}`;
  const whats: Record<LoggedEvent["event"], string> = {
    rollback: `went from release ${more.from} to release ${more.to}`,
    cleanup: `removed releases ${(more.removed ?? []).join(", ")}`,
    hold: "blocked deployments",
    free: more.force ? "released the lock by force" : "allowed deployments again",
  };
  return { start, who, what: `${whats[event]}${why}` };
}

import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import type { HiddenValues } from "../../buildout/secrets/hidden-values.ts";
import type { HostoutEvent } from "../../events/deployment.ts";
import type { Reporter } from "../../events/reporter.ts";
import type { Interaction } from "../../ssh/target.ts";
import type { Purpose } from "../host/lock.ts";
import { HostSession } from "../host/session.ts";
import { Tally } from "../host/tally.ts";
import type { Project } from "../part/project.ts";
import { revealedOptions, revealer } from "../part/revealed.ts";
import { SecretReader } from "../part/secret-reader.ts";
import { Deployment, type Planning, type Programs, SharedWork } from "../release/deployment.ts";
import { type CommandChains, runCommand } from "./chain.ts";
import { hidingReporter } from "./hidden-events.ts";

/** Commands for some hosts of a project. */
export interface HostsRequest {
  project: Project;
  hosts: readonly string[];
  /** The commands that each of these hosts has. */
  chains: ReadonlyMap<string, CommandChains>;
  /** What to run, in this order on every host. */
  commands: readonly string[];
  /** Arguments of the last command. */
  args: readonly unknown[];
  /** All hosts at once, unless a command objects. */
  parallel: boolean;
  /** Trust hosts never seen before, whatever their options say. */
  acceptNew: boolean;
  /** Seconds to wait where another deployment has the lock of a host; undefined: not at all. */
  lockWait: number | undefined;
  /** Leave what others have changed on a host. */
  keepDrift: boolean;
  /** What plans show; default: all. */
  planning?: Planning;
  programs: Programs;
  report: Reporter<HostoutEvent>;
  interaction: Interaction;
  signal: AbortSignal;
  /** Learns the secrets that are read: no output may contain them. */
  hidden: HiddenValues;
  /** Called as soon as a host has failed: the others may still run. */
  onFailure?(host: string, error: unknown): void;
}

export interface HostResult {
  host: string;
  /** `not-run`: a host before it failed. */
  outcome: "done" | "failed" | "not-run";
  /** What the last command returned; a command that returns `false` fails. */
  value?: unknown;
  /** What a command threw. */
  error?: unknown;
}

/**
 * Runs the commands on every host, one host after the other or all at once. The first host that
 * fails ends the former; the latter go on to their end. Returns a result for each host, in the
 * order asked for. Throws only when `signal` is aborted.
 */
export async function runHosts(given: HostsRequest): Promise<HostResult[]> {
  const { project, interaction, signal, hidden } = given;
  const request = { ...given, report: hidingReporter(given.report, hidden) };
  const { directory } = project;
  const secrets = new SecretReader({ directory, env: interaction.env, signal }, hidden);
  const shared = new SharedWork(
    secrets,
    revealer(project, secrets),
    request.planning ?? { diffs: true },
  );
  const purpose = {
    who: `${userInfo().username}@${hostname()}`,
    what: request.commands.join(" "),
    run: randomUUID(),
    wait: request.lockWait,
  };
  if (request.hosts.length > 1 && runsTogether(request)) {
    return Promise.all(request.hosts.map((host) => runHost(host, request, purpose, shared)));
  }
  const results: HostResult[] = [];
  for (const host of request.hosts) {
    const before = results.at(-1);
    const skip = before !== undefined && before.outcome !== "done";
    results.push(
      skip ? { host, outcome: "not-run" } : await runHost(host, request, purpose, shared),
    );
  }
  return results;
}

/** Whether the hosts may run at the same time: the request says so, or every command does. */
function runsTogether({ parallel, commands, hosts, chains }: HostsRequest): boolean {
  const marks = commands.flatMap((name) =>
    hosts.map((host) => chains.get(host)?.chains.get(name)?.[0]?.parallel),
  );
  return parallel ? !marks.includes(false) : marks.every((mark) => mark === true);
}

async function runHost(
  host: string,
  request: HostsRequest,
  purpose: Purpose,
  shared: SharedWork,
): Promise<HostResult> {
  try {
    const value = await runCommands(host, request, purpose, shared);
    return { host, outcome: value === false ? "failed" : "done", value };
  } catch (error) {
    if (request.signal.aborted) throw error;
    request.onFailure?.(host, error);
    return { host, outcome: "failed", error };
  }
}

/** Returns what the last command that ran returned. */
async function runCommands(
  host: string,
  {
    project,
    chains,
    commands,
    args,
    acceptNew,
    keepDrift,
    programs,
    report,
    ...rest
  }: HostsRequest,
  purpose: Purpose,
  shared: SharedWork,
): Promise<unknown> {
  const { interaction, signal } = rest;
  const { directory } = project;
  const { reveal } = shared;
  const own = await revealedOptions(project.hosts.get(host)!, directory, reveal);
  const options = { ...own, acceptNew: own.acceptNew || acceptNew, keepDrift };
  const tally = new Tally();
  const counting = tally.counting(report);
  const session = new HostSession(options, interaction, counting, signal, purpose, reveal);
  const deployment = new Deployment(project, session, programs, interaction.env, shared, tally);
  let last: unknown;
  try {
    for (const [index, command] of commands.entries()) {
      signal.throwIfAborted();
      const isLast = index === commands.length - 1;
      last = await runCommand(chains.get(host)!, deployment, command, isLast ? args : []);
      if (last === false) return false;
    }
  } finally {
    await session.close();
  }
  return last;
}

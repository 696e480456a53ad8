import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import type { HiddenValues } from "../../buildout/secrets/hidden-values.ts";
import type { HostOutcome, HostoutEvent } from "../../events/deployment.ts";
import type { Reporter } from "../../events/reporter.ts";
import type { Interaction } from "../../ssh/target.ts";
import { endingWith } from "../../system/ending.ts";
import type { Purpose } from "../host/lock.ts";
import { HostSession } from "../host/session.ts";
import { Tally } from "../host/tally.ts";
import type { HostOptions } from "../part/options.ts";
import type { Project } from "../part/project.ts";
import { type Reveal, revealedOptions, revealer } from "../part/revealed.ts";
import type { MaxFail, Rollout } from "../part/rollout.ts";
import { SecretReader } from "../part/secret-reader.ts";
import { Deployment, type Planning, type Programs, SharedWork } from "../release/deployment.ts";
import { LocalWork } from "../release/local-work.ts";
import { type CommandChains, changesFilesHere, locateHost, runCommand } from "./chain.ts";
import { type Course, companionsOf, type HostResult, isUnhealthy } from "./companions.ts";
import { hidingReporter } from "./hidden-events.ts";
import { inPool } from "./pool.ts";
import { scheduleOf } from "./schedule.ts";

/** Commands for some hosts of a project. */
export interface HostsRequest {
  project: Project;
  hosts: readonly string[];
  /** The commands of each host. */
  chains: ReadonlyMap<string, CommandChains>;
  /** The commands to run, in this order on every host. */
  commands: readonly string[];
  /** Arguments of the last command. */
  args: readonly unknown[];
  /** How many hosts run at the same time; undefined: determined by commands and parts. */
  pool?: number | undefined;
  /** The batches, overriding the parts. */
  rollout?: Rollout | undefined;
  /** How many hosts may fail before no more batches start, overriding the parts. */
  maxFail?: MaxFail | undefined;
  /** Accept the keys of unknown hosts, overriding their options. */
  acceptNew: boolean;
  /** Seconds to wait if another deployment holds the lock of a host; undefined: do not wait. */
  lockWait: number | undefined;
  /** Keep foreign changes on a host. */
  keepDrift: boolean;
  /** What plans show; default: everything. */
  planning?: Planning;
  programs: Programs;
  report: Reporter<HostoutEvent>;
  interaction: Interaction;
  /** Ends whatever runs. */
  signal: AbortSignal;
  /** Starts no more hosts; running ones continue. */
  stop?: AbortSignal;
  /** Collects the secrets that are read, to hide them in output. */
  hidden: HiddenValues;
  /** Called as soon as a host has failed; others may still be running. */
  onFailure?(host: string, error: unknown): void;
  /** Called when a host starts and when it ends. */
  onRunning?(host: string, isRunning: boolean): void;
}

/**
 * Runs the commands on every host, in batches. Within a batch, all hosts finish; no more batches start once
 * too many hosts have failed or `stop` is aborted. Returns a result for each host in the requested order,
 * and reports each as it arrives. If a host is unhealthy, others are rolled back with it according to its
 * `rollback-on-failure`. Throws `usage` before anything runs.
 */
export async function runHosts(given: HostsRequest): Promise<HostResult[]> {
  const { project, interaction, signal, stop, hidden, hosts } = given;
  const several = hosts.length > 1 && { sudoPasswords: new Map<string, Promise<string>>() };
  const request = {
    ...given,
    report: hidingReporter(given.report, hidden),
    interaction: { ...interaction, ...several },
  };
  const { batches, pool, maxFail } = scheduleOf({
    ...{ chains: request.chains, commands: request.commands, pool: request.pool },
    ...{ rollout: request.rollout, maxFail: request.maxFail },
    hosts: hosts.map((host) => project.hosts.get(host)!),
  });
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
  const isTogether = pool > 1 && batches.some((batch) => batch.length > 1);
  const questions = isTogether ? new Questions(request, shared.reveal, pool) : undefined;
  const courses = new Map<string, Course>();
  let failed = 0;
  const isOver = () => signal.aborted || stop?.aborted === true;
  const signals = new HostSignals(signal);
  const course = async (host: string, given: HostsRequest) => {
    request.onRunning?.(host, true);
    const started = performance.now();
    const own = { ...given, signal: signals.begin(host) };
    const after = await runHost(host, own, purpose, shared, questions);
    signals.end(host);
    request.onRunning?.(host, false);
    return { ...after, seconds: Math.ceil((performance.now() - started) / 1000) };
  };
  const finish = (host: string, { seconds, ...end }: Course & { seconds: number }) => {
    courses.set(host, end);
    request.report({ type: "finished", host, outcome: end.result.outcome, seconds });
    if (end.result.outcome !== "done") failed++;
  };
  try {
    for (const batch of batches) {
      if (isOver() || failed > maxFail) break;
      await inPool(batch, pool, async (host) => {
        if (!isOver()) finish(host, await course(host, request));
      });
      const scopeOf = (host: string) => project.hosts.get(host)!.rollbackOnFailure;
      const companions = isOver() ? new Map() : companionsOf(batch, courses, scopeOf);
      await inPool([...companions], pool, async ([host, unhealthy]) => {
        const text = `${host} is rolled back, since ${unhealthy} is not healthy`;
        request.report({ type: "note", host, text });
        const args = ["--reason", `${unhealthy} was unhealthy`];
        const end = await course(host, { ...request, commands: ["rollback"], args });
        const { result } = end;
        const outcome = result.outcome === "done" ? "rolled-back" : result.outcome;
        finish(host, { ...end, result: { ...result, outcome } });
      });
    }
  } finally {
    signals.close();
  }
  return hosts.map((host) => {
    const result = courses.get(host)?.result;
    if (result === undefined) request.report({ type: "finished", host, outcome: "not-reached" });
    return result ?? { host, outcome: "not-reached" };
  });
}

/** Asks the questions of all logins together, before the first one. */
class Questions {
  #answers: Promise<ReadonlyMap<string, string>> | undefined;
  /** Why nobody can log in. */
  failure: unknown;
  readonly #ask: () => Promise<ReadonlyMap<string, string>>;

  constructor(request: HostsRequest, reveal: Reveal, pool: number) {
    const { project, acceptNew, interaction, signal } = request;
    this.#ask = async () => {
      const options: HostOptions[] = [];
      for (const host of request.hosts) {
        const own = project.hosts.get(host)!;
        // A missing secret is a failure of its host.
        const revealed = await revealedOptions(own, project.directory, reveal).catch(() => own);
        options.push({ ...revealed, acceptNew: revealed.acceptNew || acceptNew });
      }
      const { askBefore } = await import("./questions.ts");
      return askBefore(options, { ...interaction, signal }, reveal, pool);
    };
  }

  /** The typed password for this host, if any. */
  async password(host: string): Promise<string | undefined> {
    this.#answers ??= this.#ask();
    try {
      return (await this.#answers).get(host);
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

/** A signal for each running host, whose listeners are removed when the host is done. */
class HostSignals {
  readonly #signal: AbortSignal;
  readonly #running = new Map<string, AbortController>();
  readonly #abort = () => {
    for (const controller of this.#running.values()) controller.abort(this.#signal.reason);
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#abort, { once: true });
  }

  begin(host: string): AbortSignal {
    const controller = new AbortController();
    this.#running.set(host, controller);
    if (this.#signal.aborted) controller.abort(this.#signal.reason);
    return controller.signal;
  }

  end(host: string): void {
    this.#running.delete(host);
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#abort);
  }
}

async function runHost(
  host: string,
  request: HostsRequest,
  purpose: Purpose,
  shared: SharedWork,
  questions: Questions | undefined,
): Promise<Course> {
  let hasNewRelease = false;
  let isBack = false;
  const report: HostsRequest["report"] = (event) => {
    if (event.type === "deployed" && event.before !== undefined) hasNewRelease = true;
    if (event.type === "result" && event.name === "rollback") isBack = true;
    request.report(event);
  };
  try {
    const value = await endingWith(request.signal, () =>
      runCommands(host, { ...request, report }, purpose, shared, questions),
    );
    return { result: { host, outcome: value === false ? "failed" : "done" }, hasNewRelease };
  } catch (error) {
    const end = (outcome: HostOutcome) => ({ result: { host, outcome, error }, hasNewRelease });
    if (request.signal.aborted) return end("interrupted");
    // It concerns all hosts: none has logged in.
    if (questions?.failure !== undefined && error === questions.failure) throw error;
    request.onFailure?.(host, error);
    // It was unhealthy, but its earlier release is healthy.
    return end(isBack && isUnhealthy(error) ? "rolled-back" : "failed");
  }
}

/** Returns the result of the last command that ran. */
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
  questions: Questions | undefined,
): Promise<unknown> {
  const { interaction, signal } = rest;
  const { directory } = project;
  const { reveal } = shared;
  const given = await revealedOptions(project.hosts.get(host)!, directory, reveal);
  const options = { ...given, acceptNew: given.acceptNew || acceptNew, keepDrift };
  const tally = new Tally();
  const counting = tally.counting(report);
  const session = new HostSession(options, interaction, counting, signal, purpose, reveal, {
    ...(questions && { beforeLogin: () => questions.password(host) }),
  });
  const own = chains.get(host)!;
  const work = changesFilesHere(own, commands) ? { ...shared, local: new LocalWork() } : shared;
  const deployment = new Deployment(project, session, programs, interaction.env, work, tally);
  let last: unknown;
  try {
    for (const [index, command] of commands.entries()) {
      signal.throwIfAborted();
      const isLast = index === commands.length - 1;
      await locateHost(own, deployment, command);
      last = await runCommand(own, deployment, command, isLast ? args : []);
      if (last === false) return false;
    }
  } finally {
    await session.close();
  }
  return last;
}

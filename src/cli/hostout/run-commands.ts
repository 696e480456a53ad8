import type { HiddenValues } from "../../buildout/secrets/hidden-values.ts";
import type { Project } from "../../deploy/part/project.ts";
import type { Programs } from "../../deploy/release/deployment.ts";
import type { CommandChains } from "../../deploy/run/chain.ts";
import type { HostResult } from "../../deploy/run/companions.ts";
import { hidingReporter } from "../../deploy/run/hidden-events.ts";
import { runHosts } from "../../deploy/run/hosts.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { HostoutEvent } from "../../events/deployment.ts";
import { errorData } from "../../events/error-data.ts";
import type { Reporter } from "../../events/reporter.ts";
import { doneEvent } from "../../program/done-event.ts";
import { orderOf } from "../../program/order.ts";
import { followed, type PlanEvent, withOwnPlan } from "../../program/planning.ts";
import { painter, useColor } from "../../report/color.ts";
import { textReporter } from "../../report/hostout.ts";
import type { JobSummary } from "../../report/job-summary.ts";
import { drawable, StatusLine } from "../../report/progress.ts";
import { terminalInteraction } from "../terminal/interaction.ts";
import type { Interruption } from "../terminal/interruption.ts";
import { commandLine } from "./again.ts";
import { collecting, planRequest, refuseUnused } from "./plan-request.ts";
import { showError, statusOf } from "./show-error.ts";
import type { Invocation } from "./words.ts";
import { writeSummary } from "./write-summary.ts";

/** The context of one call of the command line. */
interface Call {
  programs: Programs;
  interruption: Interruption;
  /** The secrets that were read. */
  hidden: HiddenValues;
  /** Receives the events of the run if they are wanted as JSON. */
  lines: Reporter<HostoutEvent> | undefined;
  /** Receives them if they go to a file, in addition to the text. */
  file: Reporter<HostoutEvent> | undefined;
}

/**
 * Runs the commands of a command line on its hosts; returns the exit status. Over 80 lines: it sets up the
 * context of a call once.
 */
export async function runCommands(
  invocation: Invocation,
  project: Project,
  chains: ReadonlyMap<string, CommandChains>,
  { interruption, programs, lines, file, hidden }: Call,
): Promise<number> {
  const { options, hosts, commands, args } = invocation;
  const { stdout, stderr } = process;
  const { quiet, plain } = options;
  const paint = painter(!plain && useColor(stdout, process.env));
  const paintErrors = painter(!plain && useColor(stderr, process.env));
  const status = new StatusLine(
    plain ? { write: () => {} } : drawable(stderr, process.env),
    hosts.length,
  );
  const usesTerminal = (host: string, command: string) =>
    chains.get(host)?.chains.get(command)?.[0]?.usesTerminal === true;
  refuseUnused(options, commands, chains);
  refuseCompany(invocation, chains);
  const planning = planRequest(options, commands, chains);
  const { diff, format } = planning ?? {};
  // Nothing else is printed with a document.
  const out = format === undefined ? stdout : { write: () => {} };
  const terminal = { stdout: out, stderr, status, usesTerminal, hosts };
  const text = lines ?? textReporter({ ...terminal, quiet, diff, paint, paintErrors });
  const plans: PlanEvent[] = [];
  const summary = await summaryOf(invocation, chains);
  const shown = planning === undefined ? text : collecting(text, plans);
  const report: Reporter<HostoutEvent> = (event) => {
    shown(event);
    file?.(event);
    summary?.report(event);
  };
  if (lines !== undefined) stdout.write = stderr.write.bind(stderr);
  const isOne = hosts.length === 1;
  const running = new Set<string>();
  if (!isOne && planning === undefined) {
    interruption.grace((signal) => {
      status.clear();
      const again = signal === "SIGINT" ? "Ctrl-C again" : "A second signal";
      const all = `${again} ends ${running.size === 1 ? "it" : "them"} at once.`;
      stderr.write(
        `\nNo further host is started. Still running: ${[...running].join(", ")}. ${all}\n`,
      );
    });
  }
  const work = runHosts({
    ...{ project, hosts, chains, commands, args, programs, report },
    ...(planning && { commands: ["plan"], chains: withOwnPlan(chains) }),
    planning: {
      diffs: diff !== "no",
      ...(await followed(
        options.from,
        hosts.map((name) => project.hosts.get(name)!),
      )),
    },
    ...orderOf(options, { rollout: "--rollout", maxFail: "--max-fail" }),
    acceptNew: options.acceptNew,
    lockWait: options.lockWait,
    keepDrift: options.keepDrift,
    interaction: terminalInteraction(process.env, interruption.now, status),
    ...{ signal: interruption.signal, stop: interruption.stop, hidden },
    onRunning: (host, isRunning) => void (isRunning ? running.add(host) : running.delete(host)),
    onFailure: (host, error) => {
      status.clear();
      hidingReporter(report, hidden)({ type: "error", host, ...errorData(error) });
      if (lines === undefined) showError(error, options, hidden, isOne ? undefined : host);
    },
  });
  const summarize = () => {
    if (summary === undefined) return;
    const wrong = writeSummary(process.env.GITHUB_STEP_SUMMARY!, summary, hosts, diff ?? "full");
    if (wrong !== undefined) stderr.write(`Warning: ${wrong}\n`);
  };
  const results = await work
    .finally(() => {
      interruption.grace(undefined);
      status.close();
    })
    .catch((error) => {
      if (summary !== undefined)
        hidingReporter(summary.report, hidden)({ type: "error", ...errorData(error) });
      summarize();
      throw error;
    });
  summarize();
  if (isOne && interruption.status !== undefined) {
    throw new BuildoutError("interrupted", "Interrupted.");
  }
  if (interruption.status !== undefined) {
    report({ type: "error", ...errorData(new BuildoutError("interrupted", "Interrupted.")) });
  }
  const missed = results.filter(({ outcome }) => outcome !== "done").map(({ host }) => host);
  report({
    ...doneEvent(results),
    ...(!isOne && missed.length > 0 && { again: commandLine(invocation, missed, chains) }),
  });
  if (interruption.status !== undefined) {
    stderr.write("\nInterrupted.\n");
    return interruption.status;
  }
  if (planning !== undefined && missed.length === 0) {
    const { endOfPlan } = await import("./plan-output.ts");
    const place = (plan: PlanEvent) => hosts.indexOf(plan.host);
    plans.sort((one, other) => place(one) - place(other));
    return endOfPlan(plans, planning, (document) => void stdout.write(document));
  }
  return Math.max(0, ...results.map(resultStatus));
}

/** Writes the outcome for each host to the summary of a GitHub job, for plans and for commands that change hosts. */
async function summaryOf(
  { commands }: Invocation,
  chains: ReadonlyMap<string, CommandChains>,
): Promise<JobSummary | undefined> {
  if (!process.env.GITHUB_STEP_SUMMARY) return undefined;
  const isWorth = [...chains.values()].some((own) =>
    commands.some((name) => own.chains.get(name)?.some(({ changes, looks }) => changes || looks)),
  );
  if (!isWorth) return undefined;
  const { JobSummary } = await import("../../report/job-summary.ts");
  return new JobSummary(`hostout ${commands.join(" ")}`);
}

function resultStatus({ outcome, error }: HostResult): number {
  if (outcome === "done" || outcome === "not-reached") return 0;
  return error === undefined ? 1 : statusOf(error);
}

/**
 * Throws `usage` if an interactive command has several hosts, or JSON output, and if a command would download
 * the files of several hosts to the same place.
 */
function refuseCompany(
  { options, hosts, commands }: Invocation,
  chains: ReadonlyMap<string, CommandChains>,
): void {
  const commandThat = (isOrDoes: "alone" | "fetches") =>
    commands.find((name) =>
      [...chains.values()].some((own) => own.chains.get(name)?.[0]?.[isOrDoes]),
    );
  const fetching = commandThat("fetches");
  if (fetching !== undefined && hosts.length > 1) {
    throw new BuildoutError("usage", `'${fetching}' takes one host, not ${hosts.length}.`, {
      hint: "Run it once for each host, with different targets: otherwise the files overwrite each other.",
    });
  }
  const alone = commandThat("alone");
  if (alone === undefined) return;
  if (options.json) throw new BuildoutError("usage", `'${alone}' has no JSON output.`);
  if (hosts.length === 1) return;
  throw new BuildoutError("usage", `'${alone}' takes one host, not ${hosts.length}.`, {
    hint: `bin/hostout ${hosts[0]} ${alone}`,
  });
}

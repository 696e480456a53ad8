import type { HostoutEvent } from "../events/deployment.ts";
import type { HostStatus } from "../events/host-status.ts";
import type { Reporter } from "../events/reporter.ts";
import { isEscaped, originalBytes } from "../pythonic/surrogate-escape.ts";
import type { Paint } from "./color.ts";
import { deploymentPlanText, type ShownDiff } from "./deployment-plan-text.ts";
import { allDoneText, doneText, type Outcome, releaseText } from "./done-text.ts";
import { countChanges, fileChanges } from "./file-changes.ts";
import { follower } from "./follower.ts";
import type { StatusLine } from "./progress.ts";
import { statusTable, statusText } from "./status-text.ts";
import { type HostSummary, summaryText } from "./summary-text.ts";
import { tableText } from "./table-text.ts";
import { unreachable } from "./unreachable.ts";

interface Output {
  write(text: string | Uint8Array): void;
}

export interface ReportOptions {
  stdout: Output;
  stderr: Output;
  /** Follows long-running work, except commands that use the terminal themselves. */
  status: StatusLine;
  usesTerminal(host: string, command: string): boolean;
  /** The hosts of the call. If there are several, lines start with the host's name. */
  hosts: readonly string[];
  /** Print only remote output, warnings and errors. */
  quiet: boolean;
  /** How plans show changed files; default: all of the changes. */
  diff?: ShownDiff | undefined;
  /** For standard output. */
  paint: Paint;
  /** For standard error. */
  paintErrors: Paint;
}

/** Prints a deployment as lines, in the words of the original document. Over 80 lines: one case per event. */
export function textReporter(options: ReportOptions): Reporter<HostoutEvent> {
  const { stdout, stderr, status, quiet, paint, paintErrors, hosts } = options;
  const isOne = hosts.length === 1;
  let failed = false;
  const follow = quiet ? () => {} : follower(options);
  const addresses = new Map<string, string>();
  const statuses = new Map<string, HostStatus>();
  const outcome: Outcome = { deployed: new Map(), warnings: [] };
  const label = (host: string) => `[${isOne ? (addresses.get(host) ?? host) : host}]`;
  const begin = (host: string) => (isOne ? "" : `[${host}] `);
  const ends = new Map<string, HostSummary>();
  const errors = new Map<string, string>();
  const say = (text: string) => {
    if (!quiet) stdout.write(`${text}\n`);
  };
  /** Requested output. */
  const print = (lines: readonly string[], host?: string) => {
    const head = host === undefined || isOne ? [] : [`[${host}]`];
    stdout.write([...head, ...lines].map((one) => `${one}\n`).join(""));
  };
  const summarize = (ok: boolean, again: string | undefined) => {
    const rows = hosts.flatMap((host) => {
      const deployed = outcome.deployed.get(host);
      const release = deployed && releaseText(deployed);
      const end = ends.get(host);
      return end === undefined ? [] : [{ ...end, release, error: errors.get(host) }];
    });
    const lines = [
      ...summaryText(rows),
      ...(ok ? [allDoneText(outcome)] : []),
      ...(again === undefined ? [] : [`Again: ${again}`]),
    ];
    if (!quiet) print(lines);
    else if (!ok) stderr.write(lines.map((one) => `${one}\n`).join(""));
  };
  // One write per line would take longer than everything else, so lines are batched.
  let lines = "";
  const flush = () => {
    const text = lines;
    lines = "";
    if (text !== "") stdout.write(isEscaped(text) ? originalBytes(text) : text);
  };
  return (event) => {
    if (event.type !== "output") flush();
    if (event.type !== "transfer") status.clear();
    follow(event);
    switch (event.type) {
      case "transfer":
        return;
      case "command":
        return say(
          `${begin(event.host)}Hostout: Running command '${event.name}' from '${event.source}'`,
        );
      case "login":
        addresses.set(event.host, event.address);
        return say(
          isOne
            ? `Logging into the following hosts as ${event.user}:\n    ${event.address}`
            : `${begin(event.host)}Logging in to ${event.address} as ${event.user}`,
        );
      case "run":
        return say(`${label(event.host)} run: ${paint(event.command, "dim")}`);
      case "local":
        return say(`${begin(event.host)}[localhost] local: ${paint(event.command, "dim")}`);
      case "output": {
        const place = event.local ? `${begin(event.host)}[localhost]` : label(event.host);
        if (lines === "") queueMicrotask(flush);
        lines += `${place} ${event.stream}: ${event.line}\n`;
        return;
      }
      case "note":
        return say(`${begin(event.host)}Hostout: ${event.text}`);
      case "table":
        return print(tableText(event.head, event.rows), event.host);
      case "diff":
        return print(
          [
            ...fileChanges(event.differences, event.detail),
            event.differences.length === 0
              ? "No differences."
              : `${countChanges(event.differences)}.`,
          ],
          event.host,
        );
      case "deployed":
        outcome.deployed.set(event.host, event);
        return;
      case "warning":
        outcome.warnings.push(event);
        return void stderr.write(
          `${begin(event.host)}${paintErrors("Hostout: Warning:", "yellow")} ${event.text}\n`,
        );
      case "done":
        if (statuses.size > 0 && !isOne) print(statusTable(inOrder(statuses, hosts), new Date()));
        if (!isOne) return summarize(event.ok && !failed, event.again);
        return doneText(outcome, event.ok && !failed).forEach(say);
      case "finished":
        ends.set(event.host, event);
        return;
      // Shown by the caller, which has the error.
      case "error":
        failed = true;
        if (event.host !== undefined) errors.set(event.host, event.message);
        return;
      case "plan": {
        const text = deploymentPlanText(event.host, event, {
          diff: options.diff ?? "full",
          now: new Date(),
        });
        return void stdout.write(`${text}\n`);
      }
      case "status":
        statuses.set(event.host, event);
        if (isOne) print(statusText(event.host, event, paint, new Date()));
        return;
      case "step":
      case "health-try":
      case "health":
      case "result":
      case "closed":
        return;
      default:
        return unreachable(event);
    }
  };
}

/** The same in the order of the call. */
function inOrder<T>(some: ReadonlyMap<string, T>, hosts: readonly string[]): Map<string, T> {
  return new Map(hosts.flatMap((host) => (some.has(host) ? [[host, some.get(host)!]] : [])));
}

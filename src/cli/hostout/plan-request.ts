import { builtinCommands } from "../../deploy/commands/builtin.ts";
import type { CommandChains } from "../../deploy/run/chain.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { Detail, HostoutEvent } from "../../events/deployment.ts";
import type { Reporter } from "../../events/reporter.ts";
import type { PlanEvent } from "../../program/planning.ts";
import { type HostoutOptions, NO_OPTIONS, OPTIONS, optionsWith } from "./hostout-options.ts";

/** What the command line asks of a plan. */
export interface PlanRequest {
  diff: Detail;
  /** A document instead of text; undefined: text, or events. */
  format: "markdown" | "json" | undefined;
  /** Status 2 where there is something to do. */
  detailedExitcode: boolean;
  /** Where to save it. */
  out: string | undefined;
}

/**
 * What is asked of a plan; undefined where none is wanted. Throws `usage` for options of plans without
 * one, or with a value that they do not have.
 */
export function planRequest(
  options: HostoutOptions,
  commands: readonly string[],
  chains: ReadonlyMap<string, CommandChains>,
): PlanRequest | undefined {
  const command = commands.length === 1 ? commands[0]! : "";
  const isPlan = [...chains.values()].every((own) => own.chains.get("plan")?.[0]?.looks === true);
  if (options.plan && command !== "deploy" && !(command === "plan" && isPlan)) {
    if (commands.length > 1) throw usage("'--plan' goes with 'deploy' alone.");
    throw usage(`'${command}' has no option '--plan'.`);
  }
  if (options.from !== undefined && (command !== "deploy" || options.plan)) {
    throw usage("'--from' goes with 'deploy' alone, without '--plan'.", "deploy --from FILE");
  }
  const isWanted = options.plan || (command === "plan" && isPlan);
  const idle = Object.entries(PLAN_OPTIONS).find(([name]) => {
    const value = options[name as keyof typeof PLAN_OPTIONS];
    return value !== undefined && value !== false;
  });
  if (!isWanted) {
    if (idle !== undefined) throw usage(`'${idle[1]}' goes with 'deploy --plan'.`);
    return undefined;
  }
  if (options.format !== undefined && options.json) {
    throw usage("'--format' and '--json' exclude each other.");
  }
  return {
    // The table of options has their words.
    diff: (options.diff ?? "full") as PlanRequest["diff"],
    format: options.format as PlanRequest["format"],
    detailedExitcode: options.detailedExitcode,
    out: options.out,
  };
}

const PLAN_OPTIONS = {
  diff: "--diff",
  detailedExitcode: "--detailed-exitcode",
  out: "--out",
  format: "--format",
} as const;

function usage(message: string, words = "deploy --plan"): BuildoutError {
  return new BuildoutError("usage", message, { hint: `Usage: bin/hostout HOST... ${words}` });
}

/**
 * Throws `usage` for `--lock-wait` and `--keep-drift` with commands that make no use of them. Commands of
 * plugins and fabfiles may call those that do.
 */
export function refuseUnused(
  options: HostoutOptions,
  commands: readonly string[],
  chains: ReadonlyMap<string, CommandChains>,
): void {
  for (const [name, goesWith] of [
    ["lockWait", "commands that change the host"],
    ["keepDrift", "commands that put a release in place"],
  ] as const) {
    if (options[name] === NO_OPTIONS[name]) continue;
    const isUsed = commands.some(
      (command) =>
        optionsWith(command).some((option) => option.name === name) ||
        [...chains.values()].some((own) => own.chains.get(command)?.[0]?.source !== BUILTIN),
    );
    const long = `--${OPTIONS.find((option) => option.name === name)!.long}`;
    if (!isUsed)
      throw usage(`'${long}' goes with ${goesWith}, not '${commands[0]}'.`, `${long} deploy`);
  }
}

/** The source of our own commands. */
const BUILTIN = builtinCommands[0]!.source;

/** Passes events on and keeps the plans among them. */
export function collecting(
  report: Reporter<HostoutEvent>,
  plans: PlanEvent[],
): Reporter<HostoutEvent> {
  return (event) => {
    if (event.type === "plan") plans.push(event);
    report(event);
  };
}

import { builtinCommands } from "../../deploy/commands/builtin.ts";
import type { CommandChains } from "../../deploy/run/chain.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { Detail, HostoutEvent } from "../../events/deployment.ts";
import type { Reporter } from "../../events/reporter.ts";
import type { PlanEvent } from "../../program/planning.ts";
import { type HostoutOptions, NO_OPTIONS, OPTIONS, optionsWith } from "./hostout-options.ts";

/** What the command line requests of a plan. */
export interface PlanRequest {
  diff: Detail;
  /** A document instead of text; undefined: text, or events. */
  format: "markdown" | "json" | undefined;
  /** Exit with status 2 if there is something to do. */
  detailedExitcode: boolean;
  /** Where to save it. */
  out: string | undefined;
}

/**
 * The request for a plan; undefined if there is none. Throws `usage` for options of plans without a plan,
 * or with an invalid value.
 */
export function planRequest(
  options: HostoutOptions,
  commands: readonly string[],
  chains: ReadonlyMap<string, CommandChains>,
): PlanRequest | undefined {
  const command = commands.length === 1 ? commands[0]! : "";
  const isPlan = [...chains.values()].every((own) => own.chains.get("plan")?.[0]?.looks === true);
  if (options.plan && command !== "deploy" && !(command === "plan" && isPlan)) {
    if (commands.length > 1) throw usage("'--plan' works only with 'deploy'.");
    throw usage(`'${command}' has no option '--plan'.`);
  }
  if (options.from !== undefined && (command !== "deploy" || options.plan)) {
    throw usage("'--from' works only with 'deploy', and not with '--plan'.", "deploy --from FILE");
  }
  const isWanted = options.plan || (command === "plan" && isPlan);
  const idle = Object.entries(PLAN_OPTIONS).find(([name]) => {
    const value = options[name as keyof typeof PLAN_OPTIONS];
    return value !== undefined && value !== false;
  });
  if (!isWanted) {
    if (idle !== undefined) throw usage(`'${idle[1]}' works only with 'deploy --plan'.`);
    return undefined;
  }
  if (options.format !== undefined && options.json) {
    throw usage("'--format' and '--json' cannot be used together.");
  }
  return {
    // The table of options has checked the value.
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
 * Throws `usage` for `--lock-wait` and `--keep-drift` with commands that do not use them. Commands of
 * plugins and fabfiles may call some that do.
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
      throw usage(
        `'${long}' works only with ${goesWith}, not with '${commands[0]}'.`,
        `${long} deploy`,
      );
  }
}

/** The source of the built-in commands. */
const BUILTIN = builtinCommands[0]!.source;

/** Passes events on and collects the plans among them. */
export function collecting(
  report: Reporter<HostoutEvent>,
  plans: PlanEvent[],
): Reporter<HostoutEvent> {
  return (event) => {
    if (event.type === "plan") plans.push(event);
    report(event);
  };
}

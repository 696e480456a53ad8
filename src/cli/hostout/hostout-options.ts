import type { OptionDefinition, OptionUse } from "../../arguments/grammar.ts";
import { builtinCommands } from "../../deploy/commands/builtin.ts";
import { DETAIL } from "../../deploy/commands/diff.ts";
import { USUAL_POOL } from "../../deploy/run/schedule.ts";
import { POOL } from "../../program/order.ts";

/** The parsed options of `hostout`. */
export interface HostoutOptions {
  config: string | undefined;
  acceptNew: boolean;
  /** How many hosts run at the same time; undefined: their commands decide. */
  parallel: number | undefined;
  rollout: string | undefined;
  maxFail: string | undefined;
  /** Seconds to wait for another deployment of the same host; undefined: not at all. */
  lockWait: number | undefined;
  keepDrift: boolean;
  /** Only show what 'deploy' would do. */
  plan: boolean;
  diff: string | undefined;
  detailedExitcode: boolean;
  /** Save the plan in this file. */
  out: string | undefined;
  /** Deploy the plan in this file. */
  from: string | undefined;
  format: string | undefined;
  json: boolean;
  /** Write events to this file, in addition to the text. */
  jsonFile: string | undefined;
  quiet: boolean;
  /** Plain lines: nothing is redrawn, and no colors. */
  plain: boolean;
  /** Report at the end where the time went. */
  timings: boolean;
  debug: boolean;
  help: boolean;
  version: boolean;
}

interface HostoutOption extends OptionDefinition {
  /** The commands it works with; undefined: any. */
  goesWith?: readonly string[];
}

const PLANNING = ["deploy", "plan"] as const;
/** Commands that lock the host. */
const LOCKING = builtinCommands.flatMap((one) => (one.changes || one.locks ? [one.name] : []));
/** Commands that put the files of a release in place, or show how. */
const PLACING = ["deploy", "plan", "rollback", "uploadbuildout"] as const;

/** The options of `hostout`. */
export const OPTIONS = [
  {
    name: "config",
    letter: "c",
    long: "config",
    value: { placeholder: "FILE", called: "file name" },
    help: "Use this instead of parts/hostout/hostout.cfg",
  },
  {
    name: "parallel",
    letter: "P",
    long: "parallel",
    value: { placeholder: "N", called: "number of hosts", optional: true, form: POOL },
    help: `Run on N hosts at once (${USUAL_POOL} without N)`,
  },
  {
    name: "rollout",
    long: "rollout",
    value: { placeholder: "SIZES", called: "sizes of batches" },
    help: "Run in batches, such as '1 25% 100%'",
  },
  {
    name: "maxFail",
    long: "max-fail",
    value: { placeholder: "N", called: "number of hosts" },
    help: "How many hosts may fail before no more are started: a number or a percentage",
  },
  { name: "acceptNew", long: "accept-new", help: "Accept the keys of unknown hosts" },
  {
    name: "lockWait",
    long: "lock-wait",
    value: {
      placeholder: "SECONDS",
      called: "number of seconds",
      optional: true,
      form: { pattern: /^\d{1,6}$/, needs: "a whole number of seconds" },
    },
    help: "Wait for another deployment of the same host",
    goesWith: LOCKING,
  },
  {
    name: "keepDrift",
    long: "keep-drift",
    help: "Keep files that were changed on the host",
    goesWith: PLACING,
  },
  {
    name: "plan",
    long: "plan",
    help: "Show what deploy would do, but change nothing",
    goesWith: PLANNING,
  },
  {
    name: "diff",
    long: "diff",
    value: DETAIL,
    help: "How a plan shows changed files; default: full",
    goesWith: PLANNING,
  },
  {
    name: "detailedExitcode",
    long: "detailed-exitcode",
    help: "With a plan: exit with 2 if there is something to do",
    goesWith: PLANNING,
  },
  {
    name: "out",
    long: "out",
    value: { placeholder: "FILE", called: "file name" },
    help: "Save a plan for --from",
    goesWith: PLANNING,
  },
  {
    name: "from",
    long: "from",
    value: { placeholder: "FILE", called: "file name" },
    help: "Deploy exactly what a saved plan says, or fail",
    goesWith: ["deploy"],
  },
  {
    name: "format",
    long: "format",
    value: { placeholder: "markdown|json", called: "format", choices: ["markdown", "json"] },
    help: "Print a plan in this format",
    goesWith: PLANNING,
  },
  {
    name: "json",
    long: "json",
    value: { placeholder: "FILE", called: "file name", optional: true },
    help: "Print events as JSON lines, or write them to FILE",
  },
  {
    name: "quiet",
    letter: "q",
    long: "quiet",
    help: "Print only remote output, warnings and errors",
  },
  { name: "plain", long: "plain", help: "Print plain lines: no colors, no progress bars" },
  { name: "timings", long: "timings", help: "Report at the end where the time went" },
  { name: "debug", letter: "D", long: "debug", help: "Show the stack of every error" },
  { name: "help", letter: "h", long: "help", help: "Show this help, or the help of a command" },
  { name: "version", long: "version", help: "Show the version" },
] as const satisfies readonly HostoutOption[];

export const NO_OPTIONS: HostoutOptions = {
  config: undefined,
  acceptNew: false,
  lockWait: undefined,
  parallel: undefined,
  rollout: undefined,
  maxFail: undefined,
  keepDrift: false,
  plan: false,
  diff: undefined,
  detailedExitcode: false,
  out: undefined,
  from: undefined,
  format: undefined,
  json: false,
  jsonFile: undefined,
  quiet: false,
  plain: false,
  timings: false,
  debug: false,
  help: false,
  version: false,
};

/** Options of `hostout` that work with a command. */
export function optionsWith(command: string): readonly HostoutOption[] {
  const all: readonly HostoutOption[] = OPTIONS;
  return all.filter(({ goesWith }) => goesWith === undefined || goesWith.includes(command));
}

/** Those of them that work with few other commands. */
export function specialOptions(command: string): readonly HostoutOption[] {
  return optionsWith(command).filter(({ goesWith }) => goesWith !== undefined);
}

/** Resets an option. */
export function forgetOption(options: HostoutOptions, name: keyof HostoutOptions): void {
  Object.assign(options, { [name]: NO_OPTIONS[name] });
}

/** Notes one option. */
export function applyOption(options: HostoutOptions, { option, value }: OptionUse): void {
  const { name } = option;
  if (isText(name)) options[name] = value;
  else if (name === "json" && value !== undefined) options.jsonFile = value;
  else if (name === "lockWait") options.lockWait = Number(value ?? NO_LIMIT);
  else if (name === "parallel") options.parallel = Number(value ?? USUAL_POOL);
  else options[name as Exclude<keyof HostoutOptions, TextOption | OtherOption>] = true;
}

const TEXTS = ["config", "rollout", "maxFail", "diff", "out", "from", "format"] as const;
type TextOption = (typeof TEXTS)[number];
type OtherOption = "lockWait" | "parallel" | "jsonFile";

function isText(name: string): name is TextOption {
  return TEXTS.some((one) => one === name);
}

/** For --lock-wait without a value: a week, which is as good as no limit. */
const NO_LIMIT = 604_800;

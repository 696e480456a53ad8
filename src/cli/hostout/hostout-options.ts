import { BuildoutError } from "../../errors/error.ts";
import type { OptionDefinition, OptionUse } from "../options/grammar.ts";

/** What the options of a command line of `hostout` say. */
export interface HostoutOptions {
  config: string | undefined;
  acceptNew: boolean;
  parallel: boolean;
  /** Seconds to wait for another deployment of the same host; undefined: not at all. */
  lockWait: number | undefined;
  keepDrift: boolean;
  /** Show what 'deploy' would do. */
  plan: boolean;
  diff: string | undefined;
  detailedExitcode: boolean;
  /** Keep the plan in this file. */
  out: string | undefined;
  /** Deploy what this file of a plan says. */
  from: string | undefined;
  format: string | undefined;
  json: boolean;
  quiet: boolean;
  debug: boolean;
  help: boolean;
  version: boolean;
}

/** The options of `hostout`. */
export const OPTIONS = [
  {
    name: "config",
    letter: "c",
    long: "config",
    value: { placeholder: "FILE", called: "file name" },
    help: "Read this instead of parts/hostout/hostout.cfg",
  },
  { name: "parallel", letter: "P", long: "parallel", help: "Run on all hosts at once" },
  { name: "acceptNew", long: "accept-new", help: "Trust hosts never seen before" },
  {
    name: "lockWait",
    long: "lock-wait",
    value: { placeholder: "SECONDS", called: "number of seconds", optional: true },
    help: "Wait for another deployment of the same host",
  },
  { name: "keepDrift", long: "keep-drift", help: "Keep files that were changed on the host" },
  { name: "plan", long: "plan", help: "Show what deploy would do, and change nothing" },
  {
    name: "diff",
    long: "diff",
    value: { placeholder: "no|stat|full", called: "kind of diff" },
    help: "How a plan shows changed files; default: full",
  },
  {
    name: "detailedExitcode",
    long: "detailed-exitcode",
    help: "With a plan: status 2 if there is something to do",
  },
  {
    name: "out",
    long: "out",
    value: { placeholder: "FILE", called: "file name" },
    help: "Save a plan for --from",
  },
  {
    name: "from",
    long: "from",
    value: { placeholder: "FILE", called: "file name" },
    help: "Deploy exactly what a saved plan says, or fail",
  },
  {
    name: "format",
    long: "format",
    value: { placeholder: "markdown|json", called: "format" },
    help: "Print a plan as a document",
  },
  { name: "json", long: "json", help: "Print events as JSON lines" },
  { name: "quiet", letter: "q", long: "quiet", help: "Print only remote output, warnings, errors" },
  { name: "debug", letter: "D", long: "debug", help: "Show the stack of every error" },
  { name: "help", letter: "h", long: "help", help: "Show this text, or the help of a command" },
  { name: "version", long: "version", help: "Show the version" },
] as const satisfies readonly OptionDefinition[];

export const NO_OPTIONS: HostoutOptions = {
  config: undefined,
  acceptNew: false,
  lockWait: undefined,
  parallel: false,
  keepDrift: false,
  plan: false,
  diff: undefined,
  detailedExitcode: false,
  out: undefined,
  from: undefined,
  format: undefined,
  json: false,
  quiet: false,
  debug: false,
  help: false,
  version: false,
};

/** Notes one option. */
export function applyOption(options: HostoutOptions, { option, value, word }: OptionUse): void {
  const { name } = option;
  if (isText(name)) options[name] = value;
  else if (name === "lockWait") options.lockWait = seconds(value, word);
  else options[name as Exclude<keyof HostoutOptions, TextOption | "lockWait">] = true;
}

const TEXTS = ["config", "diff", "out", "from", "format"] as const;
type TextOption = (typeof TEXTS)[number];

function isText(name: string): name is TextOption {
  return TEXTS.some((one) => one === name);
}

/** Without a value there is no limit: a week. */
function seconds(value = "604800", word: string): number {
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new BuildoutError("usage", `The value must be a whole number of seconds: ${word}`);
}

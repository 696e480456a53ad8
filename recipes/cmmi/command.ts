import { type Log, type Part, runCommand } from "../../src/index.ts";

/** A command that is still running says so this often, in milliseconds. */
const PROGRESS = 20_000;

/** How much of what a command said is shown when it fails, in lines. */
const TAIL = 40;

/** Whether the buildout is to show all that its commands say: `-v`. */
export async function isVerbose({ buildout }: Pick<Part, "buildout">): Promise<boolean> {
  const options = await buildout.section("buildout");
  return Number(options.get("verbosity") ?? 0) >= 10 || options.get("log-level") === "DEBUG";
}

export interface BuildCommand {
  command: string;
  directory: string;
  environment: Record<string, string>;
  /** Show everything that it says; otherwise only, now and then, that it still runs. */
  verbose: boolean;
  log: Log;
}

export interface BuildOutcome {
  /** As `runCommand` has it. */
  status: number;
  /** The last that it said; empty if all was shown. */
  output: string;
}

/** Runs one command of a build to its end. */
export async function runBuildCommand(request: BuildCommand): Promise<BuildOutcome> {
  const { command, verbose, log } = request;
  if (verbose) return { status: await runCommand(request), output: "" };
  const lines: string[] = [];
  const onLine = (line: string) => {
    lines.push(line);
    if (lines.length > TAIL) lines.shift();
  };
  const start = Date.now();
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - start) / 1000);
    log.info(`'${command}' has been running for ${seconds} s: ${lines.at(-1) ?? ""}`);
  }, PROGRESS);
  try {
    const status = await runCommand({ ...request, onLine });
    return { status, output: lines.join("\n") };
  } finally {
    clearInterval(timer);
  }
}

/** The end of a sentence on a command that failed. */
export function howItEnded(status: number): string {
  return status < 0 ? `was ended by signal ${-status}` : `returned non-zero exit status ${status}`;
}

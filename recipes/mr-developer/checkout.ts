import { existsSync, lstatSync } from "node:fs";
import { BuildoutError, didYouMean, type Log } from "../../src/index.ts";
import { workingCopyOf } from "./kinds.ts";
import { redact } from "./redact.ts";
import type { Source } from "./sources.ts";
import {
  type CheckoutOptions,
  shouldUpdate,
  type WorkingCopy,
  WorkingCopyError,
} from "./working-copy.ts";

/** The line that answers a question; undefined if nobody can answer. */
export type Ask = (question: string) => Promise<string | undefined>;

export interface CheckoutContext {
  sources: ReadonlyMap<string, Source>;
  /** The buildout directory. */
  directory: string;
  threads: number;
  log: Log;
  /** Lines that are not log messages. */
  print(line: string): void;
  ask: Ask;
  /** Show the output of the version control system. */
  verbose: boolean;
}

interface Job {
  workingCopy: WorkingCopy;
  action: "checkout" | "update";
  options: CheckoutOptions;
  /** Its log messages, to be shown together. */
  lines: [level: keyof Log, message: string][];
}

/** Asks until the answer is valid. No answer means no. */
export async function askYesNoAll(ask: Ask, question: string): Promise<"yes" | "no" | "all"> {
  for (;;) {
    const answer = (await ask(`${question} [yes/No/all] `))?.trim().toLowerCase();
    if (answer === undefined || ["", "n", "no"].includes(answer)) return "no";
    if (["y", "yes"].includes(answer)) return "yes";
    if (["a", "all"].includes(answer)) return "all";
    question = `You have to answer with y, yes, n, no, a or all.\n${question}`;
  }
}

function sourceOf(name: string, { sources }: CheckoutContext): Source {
  const source = sources.get(name);
  if (source) return source;
  const hint = didYouMean(name, sources.keys());
  throw new BuildoutError(
    "missing-source",
    `Checkout failed. No source defined for '${name}'.`,
    hint ? { hint } : {},
  );
}

function jobFor(
  source: Source,
  action: Job["action"],
  options: CheckoutOptions,
  { directory }: CheckoutContext,
): Job {
  const lines: Job["lines"] = [];
  const note = (level: keyof Log) => (message: string) => void lines.push([level, message]);
  const log = {
    debug: note("debug"),
    info: note("info"),
    warning: note("warning"),
    error: note("error"),
  };
  return { workingCopy: workingCopyOf({ source, directory, log }), action, options, lines };
}

/** Runs one job. Returns whether it succeeded; throws errors other than those of a working copy. */
async function run(job: Job, { log, print, verbose }: CheckoutContext): Promise<boolean> {
  const { workingCopy, action, options, lines } = job;
  let output = "";
  let failure: string[] = [];
  try {
    output = await workingCopy[action](options);
  } catch (error) {
    if (!(error instanceof WorkingCopyError)) throw error;
    failure = error.message.split("\n");
  }
  for (const [level, message] of lines) log[level](message);
  for (const line of failure) log.error(line);
  if (verbose && output.trim() !== "") print(redact(output.trimEnd()));
  return failure.length === 0;
}

/** Several jobs at the same time; after a failure, no more are started. Throws `checkout-failed`. */
async function runAll(jobs: Job[], context: CheckoutContext): Promise<void> {
  const waiting = [...jobs];
  let failed = false;
  const thrown: unknown[] = [];
  const worker = async () => {
    for (let job = waiting.shift(); job && !failed; job = waiting.shift()) {
      try {
        if (!(await run(job, context))) failed = true;
      } catch (error) {
        failed = true;
        thrown.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: context.threads }, worker));
  if (thrown.length > 0) throw thrown[0];
  if (failed) {
    throw new BuildoutError("checkout-failed", "There have been errors, see messages above.");
  }
}

/** Asks about a dirty working copy. Returns the options to continue with; undefined: skip it. */
async function confirmDirty(
  name: string,
  options: CheckoutOptions,
  workingCopy: WorkingCopy,
  { ask }: CheckoutContext,
): Promise<{ options: CheckoutOptions; all: boolean } | undefined> {
  if (options.force || (await workingCopy.status()).status === "clean") {
    return { options, all: false };
  }
  const question = `The package '${name}' is dirty.\nDo you want to update it anyway?`;
  const answer = await askYesNoAll(ask, question);
  if (answer === "no") return undefined;
  return { options: { ...options, force: true }, all: answer === "all" };
}

async function collect(
  names: readonly string[],
  action: Job["action"],
  wished: CheckoutOptions,
  context: CheckoutContext,
): Promise<Job[]> {
  const { log } = context;
  const jobs: Job[] = [];
  let general = wished;
  for (const name of names) {
    const source = sourceOf(name, context);
    let options = general;
    const job = jobFor(source, action, options, context);
    const isLink = lstatSync(source.path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    if (isLink) {
      log.info(`Skipped update of linked '${name}'.`);
      continue;
    }
    const updates = action === "update" || shouldUpdate(source, options);
    if (updates && existsSync(source.path)) {
      const confirmed = await confirmDirty(name, options, job.workingCopy, context);
      if (!confirmed) {
        log.info(`Skipped update of '${name}'.`);
        continue;
      }
      options = confirmed.options;
      if (confirmed.all) general = options;
    }
    log.info(`Queued '${name}' for ${action}.`);
    jobs.push({ ...job, options });
  }
  return jobs;
}

/** Checks out missing working copies, and updates existing ones if requested. Throws `checkout-failed`. */
export async function checkOut(
  names: readonly string[],
  options: CheckoutOptions,
  context: CheckoutContext,
): Promise<void> {
  await runAll(await collect(names, "checkout", options, context), context);
}

/** Updates existing working copies. Throws `checkout-failed`. */
export async function update(
  names: readonly string[],
  options: CheckoutOptions,
  context: CheckoutContext,
): Promise<void> {
  await runAll(await collect(names, "update", options, context), context);
}

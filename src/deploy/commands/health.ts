/** The health check: whether an application responds as expected, and what happens if not. */
import { PassThrough } from "node:stream";
import { BuildoutError } from "../../errors/error.ts";
import {
  evidenceText,
  type Health,
  healthInput,
  healthReader,
  healthScript,
  healthSeconds,
} from "../host/ask-health.ts";
import type { NumberedRelease } from "../host/probe.ts";
import { noteScript } from "../host/release-state.ts";
import type { HealthCheck } from "../part/health-check.ts";
import { DEFAULT_SHELL } from "../part/options.ts";
import { healthSteps } from "../plan/steps.ts";
import type { CommandContext } from "../run/chain.ts";
import { reportDeployed } from "./deployed.ts";
import { failed } from "./failed.ts";

/** Seconds that a host may take for our program, in addition to the check. */
const SLACK = 60;
/** Why a release is bad. */
const REASON = "unhealthy";

/**
 * The end of a deployment on a host that was at release `before`: waits until it is healthy, or rolls back.
 *
 * @throws BuildoutError `unhealthy`, `no-health-tool`
 */
export async function checkDeployed(
  context: CommandContext,
  before: number | undefined,
): Promise<void> {
  const health = await waitForHealth(context);
  if (health === undefined) return;
  if (health.healthy) return noteGood(context);
  const error = unhealthy(context, health);
  const { output, ...end } = await goBack(context, before);
  throw new BuildoutError(error.code, error.message, {
    output: [error.output, output].filter(Boolean).join("\n"),
    hint: end.hint,
  });
}

/** The end of a rollback. An unhealthy release is reported, but stays. */
export async function checkRolledBack(context: CommandContext): Promise<void> {
  const health = await waitForHealth(context);
  if (health === undefined || health.healthy) return;
  const { message, output } = unhealthy(context, health);
  const hint = `${await whereIs(context)}, which is not healthy.`;
  throw new BuildoutError("unhealthy", message, { ...(output !== undefined && { output }), hint });
}

/** Checks once whether the application is healthy. */
export function askOnce(context: CommandContext, check: HealthCheck): Promise<Health> {
  return ask(context, check, true);
}

/** Undefined if there is no check. */
async function waitForHealth(context: CommandContext): Promise<Health | undefined> {
  const { session, options } = context;
  const { name, health: check } = options;
  const [step] = healthSteps(options);
  if (step === undefined || check === undefined) return undefined;
  session.emit({ type: "step", step });
  session.note(`Waiting for ${name} to be healthy: ${firstLine(check.shown)}`);
  const health = await ask(context, check, false);
  const { healthy, passes, answers, logs, seconds = 0 } = health;
  const { shown, passes: wanted } = check;
  session.emit({
    ...{ type: "health", check: shown, healthy, passes, wanted, seconds, answers, logs },
  });
  if (healthy) session.note(`${name} is healthy: passed ${passes} times in a row, ${seconds} s`);
  return health;
}

async function ask(context: CommandContext, check: HealthCheck, once: boolean): Promise<Health> {
  const { session, options } = context;
  const { directory } = await session.facts();
  const input = new PassThrough();
  input.write(healthInput(check.asks));
  const wanted = once ? 1 : check.passes;
  const { health, push } = healthReader((passes, answer) => {
    if (!once) session.emit({ type: "health-try", passes, wanted, answer });
  });
  const isOver = () => health.seconds !== undefined || health.noTool;
  const how = {
    ...{ cwd: null, shell: DEFAULT_SHELL, quiet: true, keep: "end" as const, input },
    timeout: healthSeconds(check, once) + SLACK,
    onBytes(stream: "out" | "err", bytes: Buffer) {
      if (stream === "out") push(bytes);
      // The program ends when its input ends.
      if (isOver()) input.end();
    },
  };
  const script = healthScript(directory, check, once);
  const { effectiveUser, buildoutUser = options.user } = options;
  // Requesting a URL once takes no right that the buildout user lacks: `status` works without sudo.
  const needsNobodyElse = effectiveUser === buildoutUser || (once && "url" in check.asks);
  const user = needsNobodyElse ? undefined : effectiveUser;
  const result =
    user === undefined
      ? await session.run(script, how)
      : await session.sudo(script, { ...how, user });
  input.end();
  if (health.noTool) {
    throw new BuildoutError(
      "no-health-tool",
      `The health of ${options.name} cannot be checked: it has no curl, wget, Python 3 or Node.`,
      { hint: "Install one of them there, or set 'health-check' to a shell command." },
    );
  }
  if (!isOver()) throw failed(`Checking the health of ${options.name}`, result);
  return health;
}

function unhealthy({ options }: CommandContext, health: Health): BuildoutError {
  const { name, health: check } = options;
  const { shown, passes, timeout } = check!;
  const times = passes === 1 ? "" : ` ${passes} times in a row`;
  return new BuildoutError(
    "unhealthy",
    `${name} is not healthy: '${firstLine(shown)}' did not pass${times} within ${timeout} s.`,
    { output: evidenceText(health) },
  );
}

/** A release that was bad but is good after all. */
async function noteGood(context: CommandContext): Promise<void> {
  const { current, releases } = await context.session.facts();
  const attempt = releases?.history.attempts.find(({ number }) => number === current?.number);
  if (attempt?.result === "bad" && attempt.reason === REASON) await note(context, "ok", "");
}

async function note(context: CommandContext, result: "ok" | "bad", reason: string): Promise<void> {
  const { session } = context;
  const { path, current } = await session.facts();
  if (current === undefined) return;
  const connection = await session.buildoutConnection();
  const line = { number: current.number, result, reason };
  const noted = await connection.sh(noteScript(path, line), { signal: session.signal });
  if (noted.code !== 0) throw failed("Recording the health of the release", noted);
}

/** Rolls back an unhealthy host unless there is a reason not to; returns its current state in words. */
async function goBack(
  context: CommandContext,
  before: number | undefined,
): Promise<{ hint: string; output?: string }> {
  const { session, options, call } = context;
  const { current } = await session.facts();
  const stay = async (why: string, isBad = true) => {
    if (isBad) await note(context, "bad", REASON);
    await reportDeployed(context);
    return { hint: `${why}\n${await whereIs(context)}${isBad ? ", which is marked as bad" : ""}.` };
  };
  if (current?.number === before) {
    return stay("The deployment made no new release, so nothing is rolled back.", false);
  }
  if (options.rollbackOnFailure === "no") return stay("rollback-on-failure = no");
  if (before === undefined) return stay("It is the first release: there is none to roll back to.");
  session.note(`${options.name} is not healthy: it goes back to the previous release`);
  // Refresh the list of its releases.
  session.forget();
  try {
    await call("rollback", "--reason", REASON);
  } catch (error) {
    if (!(error instanceof BuildoutError) || session.signal.aborted) throw error;
    const { code, message, output } = error;
    if (code === "unhealthy") {
      const { hint } = error;
      return {
        ...(output !== undefined && { output: `After the rollback:\n${output}` }),
        hint: hint!,
      };
    }
    if (code === "no-release") return stay("No earlier good release is kept.");
    if (code === "data-version-differs") return stay(`It is not rolled back. ${message}`);
    const hint = `The rollback failed: ${message}\n${await whereIs(context)}.`;
    return { ...(output !== undefined && { output }), hint };
  }
  return { hint: `${await whereIs(context)} again, which is healthy.` };
}

/** The release of a host, if it can be asked. */
async function whereIs({ session, options }: CommandContext): Promise<string> {
  session.forget();
  const facts = await session.facts().catch((error: unknown) => {
    if (error instanceof BuildoutError && !session.signal.aborted) return undefined;
    throw error;
  });
  if (facts === undefined) return `It is unknown which release ${options.name} is at`;
  const { current } = facts;
  if (current === undefined) return `${options.name} is at no release`;
  return describe(options.name, current);
}

function describe(name: string, { number, id }: NumberedRelease): string {
  return `${name} is at release ${number} (${id})`;
}

function firstLine(text: string): string {
  const [first = "", ...more] = text.split("\n");
  return more.length === 0 ? first : `${first} ...`;
}

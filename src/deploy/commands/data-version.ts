/** `data-version`: a rollback does not restore an application's data. */
import { BuildoutError } from "../../errors/error.ts";
import type { ExecResult } from "../../ssh/commands/exec.ts";
import type { Attempt } from "../host/history.ts";
import { noteScript } from "../host/release-state.ts";
import { dataSteps } from "../plan/steps.ts";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";

/** Maximum length of a recorded version. */
const LONGEST = 200;

/** Records the version of the data for the current release. */
export async function recordDataVersion(context: CommandContext): Promise<void> {
  const { session, options } = context;
  const { current, path, releases } = await session.facts();
  const [step] = dataSteps(options);
  if (step === undefined || current === undefined) return;
  session.emit({ type: "step", step });
  const asked = await ask(context, step.command);
  if (asked.code !== 0) {
    const text = `data-version of ${options.name} ended with status ${asked.code ?? asked.signal}: no version is recorded.`;
    return session.emit({ type: "warning", text });
  }
  const { number } = current;
  const data = printed(asked);
  const known = releases?.history.attempts.find((attempt) => attempt.number === number);
  if (known?.data === data) return;
  const connection = await session.buildoutConnection();
  const noted = await connection.sh(noteScript(path, { number, data }), { signal: session.signal });
  if (noted.code !== 0) throw failed("Recording the version of the data", noted);
}

/** @throws BuildoutError `data-version-differs` if the data differs from that of `target` */
export async function checkDataVersion(context: CommandContext, target: Attempt): Promise<void> {
  const { options } = context;
  if (options.dataVersion === undefined) return;
  const asked = await ask(context, options.dataVersion);
  const { number, data } = target;
  if (asked.code === 0 && data !== undefined && data === printed(asked)) return;
  const now = asked.code === 0 ? `'${printed(asked)}'` : "unknown";
  const then = data === undefined ? "none was recorded" : `it was '${data}'`;
  throw new BuildoutError(
    "data-version-differs",
    `The data version on ${options.name} is ${now}; for release ${number} ${then}.`,
    {
      hint: "Restore the data first, or add --data-ok if the release can work with it. Nothing was changed.",
    },
  );
}

function ask({ session }: CommandContext, command: string): Promise<ExecResult> {
  return session.run(command);
}

/** One line, without control characters. */
function printed({ stdout }: ExecResult): string {
  return stdout
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, LONGEST);
}

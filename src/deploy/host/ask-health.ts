/** Health checks on a host: programs/health.sh and its output. */
import type { HealthAnswer, HealthLog } from "../../events/health.ts";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import type { HealthCheck, HealthQuestion } from "../part/health-check.ts";
import { outputLines } from "./output-lines.ts";
import program from "./programs/health.sh?raw";

/** Time limit of one try, in seconds. */
const LONGEST = 10;
/** Lines of each log to show for an unhealthy host. */
const LINES = 10;
/** Number of answers to keep. */
const MOST_ANSWERS = 5;
/** Number of log files to show. */
const MOST_LOGS = 20;

/** Maximum run time of the program, in seconds. */
export function healthSeconds({ timeout }: HealthCheck, once: boolean): number {
  return once ? LONGEST : timeout;
}

/** `once`: one try, and one pass is enough. */
export function healthScript(directory: string, check: HealthCheck, once: boolean): string {
  const { interval, passes, logs } = check;
  const numbers = [interval, healthSeconds(check, once), once ? 1 : passes, once ? 1 : 0];
  const args = [...numbers, LONGEST, LINES].map(String);
  return shellProgram(program, [directory, ...args, ...(once ? [] : logs)]);
}

/** The program's input, which must stay open until it has ended. */
export function healthInput(asks: HealthQuestion): string {
  if ("url" in asks) return `url\n${asks.url}\n${asks.authorization}\n`;
  const lines = asks.command.split("\n");
  return ["command", String(lines.length), ...lines, ""].join("\n");
}

/** The result for a host; `seconds` undefined: the program was interrupted. */
export interface Health {
  healthy: boolean;
  seconds: number | undefined;
  /** Passes in a row at the end. */
  passes: number;
  /** The last answers. */
  answers: HealthAnswer[];
  logs: HealthLog[];
  /** The host has no program to fetch a URL. */
  noTool: boolean;
}

/** Reads the program's output as it arrives; calls `onTry` for each try. */
export function healthReader(onTry: (passes: number, answer: HealthAnswer) => void) {
  const health: Health = {
    ...{ healthy: false, seconds: undefined, passes: 0 },
    ...{ answers: [], logs: [], noTool: false },
  };
  let said: string[] = [];
  const read = (line: string) => {
    const [, word = "", rest = ""] = /^(\S+)(?: (.*))?$/.exec(line) ?? [];
    if (word === "said") said.push(rest);
    else if (word === "try") {
      const answer = answerOf(rest, said);
      said = [];
      if (answer === undefined) return;
      health.passes = Number(rest.split(" ")[0]);
      health.answers = [...health.answers, answer].slice(-MOST_ANSWERS);
      onTry(health.passes, answer);
    } else if (word === "log") {
      if (health.logs.length < MOST_LOGS) health.logs.push({ path: rest, lines: [] });
    } else if (word === "line") health.logs.at(-1)?.lines.push(rest);
    else if (word === "no-tool") health.noTool = true;
    else if (word === "end") {
      const [, state, seconds] = /^(healthy|unhealthy) (\d{1,9})$/.exec(rest) ?? [];
      if (state === undefined) return;
      health.healthy = state === "healthy";
      health.seconds = Number(seconds);
    }
  };
  const decoder = new TextDecoder();
  const lines = outputLines(read);
  return {
    health,
    push: (bytes: Uint8Array) => lines.push(decoder.decode(bytes, { stream: true })),
  };
}

/** Parses `3 http 200`. */
function answerOf(text: string, lines: string[]): HealthAnswer | undefined {
  const [, passes = "", kind, number] =
    /^(\d{1,9}) (http|exit|late|none)(?: (\d{1,3}))?$/.exec(text) ?? [];
  if (kind === undefined) return undefined;
  const ok = Number(passes) > 0;
  if (kind === "late") return { ok, late: true, lines };
  if (number === undefined) return { ok, lines };
  return kind === "http"
    ? { ok, status: Number(number), lines }
    : { ok, exit: Number(number), lines };
}

/** An answer in words, one line or more. */
export function answerText({ status, exit, late, lines }: HealthAnswer): string {
  if (late) return `no answer within ${LONGEST} s`;
  if (status !== undefined) return [`HTTP ${status}`, ...lines.slice(0, 1)].join(": ");
  if (exit === undefined) return ["no answer", ...lines.slice(-1)].join(": ");
  return [`exit status ${exit}`, ...lines].join("\n  ");
}

/** The result in words: the answers, equal ones combined, and the ends of the logs. */
export function evidenceText({ answers, logs }: Pick<Health, "answers" | "logs">): string {
  const texts: { text: string; times: number }[] = [];
  for (const text of answers.map(answerText)) {
    const last = texts.at(-1);
    if (last?.text === text) last.times += 1;
    else texts.push({ text, times: 1 });
  }
  return [
    "The last answers:",
    ...texts.map(
      ({ text, times }) =>
        `  ${times > 1 ? `${times} times ` : ""}${text.replaceAll("\n", "\n  ")}`,
    ),
    ...logs.flatMap(({ path, lines }) => [`${path}:`, ...lines.map((line) => `  ${line}`)]),
  ].join("\n");
}

/** Asking on a host whether its application is healthy: programs/health.sh, and what it prints. */
import type { HealthAnswer, HealthLog } from "../../events/health.ts";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import type { HealthCheck, HealthQuestion } from "../part/health-check.ts";
import { outputLines } from "./output-lines.ts";
import program from "./programs/health.sh?raw";

/** Seconds that one try may take. */
const LONGEST = 10;
/** Lines of each log that tell why a host is not healthy. */
const LINES = 10;
/** Answers that tell how it has been. */
const MOST_ANSWERS = 5;
/** Log files of which something is kept. */
const MOST_LOGS = 20;

/** Seconds that the program takes at most. */
export function healthSeconds({ timeout }: HealthCheck, once: boolean): number {
  return once ? LONGEST : timeout;
}

/** `once`: there is one try, and one pass is enough. */
export function healthScript(directory: string, check: HealthCheck, once: boolean): string {
  const { interval, passes, logs } = check;
  const numbers = [interval, healthSeconds(check, once), once ? 1 : passes, once ? 1 : 0];
  const args = [...numbers, LONGEST, LINES].map(String);
  return shellProgram(program, [directory, ...args, ...(once ? [] : logs)]);
}

/** What the program reads, which has to stay open until it has ended. */
export function healthInput(asks: HealthQuestion): string {
  if ("url" in asks) return `url\n${asks.url}\n${asks.authorization}\n`;
  const lines = asks.command.split("\n");
  return ["command", String(lines.length), ...lines, ""].join("\n");
}

/** How a host was found; `seconds` undefined: the program was cut off. */
export interface Health {
  healthy: boolean;
  seconds: number | undefined;
  /** Tries in a row that have passed, at the end. */
  passes: number;
  /** The last of them. */
  answers: HealthAnswer[];
  logs: HealthLog[];
  /** Nothing on the host can ask for a URL. */
  noTool: boolean;
}

/** Reads what the program prints, as it comes; `onTry` hears of each try. */
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

/** Of `3 http 200`. */
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

/** An answer for people, in one line or more. */
export function answerText({ status, exit, late, lines }: HealthAnswer): string {
  if (late) return `no answer within ${LONGEST} s`;
  if (status !== undefined) return [`HTTP ${status}`, ...lines.slice(0, 1)].join(": ");
  if (exit === undefined) return ["no answer", ...lines.slice(-1)].join(": ");
  return [`exit status ${exit}`, ...lines].join("\n  ");
}

/** What was found, for people: the answers, those that are the same as one, and the ends of the logs. */
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

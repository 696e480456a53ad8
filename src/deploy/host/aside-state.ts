/** The shell programs that build a release in a directory of its own, and make it the current one. */
import buildAside from "./programs/build-aside.sh?raw";
import failAside from "./programs/fail-aside.sh?raw";
import settleProgram from "./programs/settle.sh?raw";
import switchProgram from "./programs/switch.sh?raw";
import { stateProgram } from "./release-state.ts";

/**
 * Runs `bin/buildout -c CONFIGURATION ARGS` in the directory of the release. `again`: it was built before.
 * Nothing is marked as current. Secrets come on the input, for `readSentSecrets`.
 */
export function buildAsideScript(
  path: string,
  release: { number: number; id: string; configuration: string },
  args: readonly string[],
  { again, failed }: { again: boolean; failed: string },
): string {
  const { number, id, configuration } = release;
  const what = [path, String(number), id, configuration, again ? "yes" : "no", failed];
  return stateProgram(buildAside, [...what, ...args]);
}

/** Notes `line`, unless it is empty, and that what is in the directory of a release is of no use. */
export function failAsideScript(
  path: string,
  { number, id }: { number: number; id: string },
  line: string,
): string {
  return stateProgram(failAside, [path, String(number), id, line]);
}

/**
 * Makes a release with a directory of its own, which is built, the current one. With `later`, something is
 * to be done before `settleScript`. `parseSwitched` reads what it prints.
 */
export function switchScript(
  path: string,
  { number, id }: { number: number; id: string },
  how: { shared: boolean; removed: readonly number[]; done: string; later: boolean },
): string {
  const { shared, removed, done, later } = how;
  const flags = [shared ? "yes" : "no", removed.join(" "), done, later ? "yes" : "no"];
  return stateProgram(switchProgram, [path, String(number), id, ...flags]);
}

/** What `switchScript` has printed. */
export function parseSwitched(output: string): {
  /** Numbers of releases whose directories cannot be removed. */
  staying: number[];
  /** Entries of other releases are in the crontab still. */
  crontabStays: boolean;
  /** Parts that write their entries of the crontab now. */
  crontabParts: string[];
} {
  const lines = output.split("\n");
  return {
    staying: lines.flatMap((line) => Number(/^stays (\d+)$/.exec(line)?.[1] ?? []) || []),
    crontabStays: lines.includes("stays crontab"),
    crontabParts: lines.flatMap((line) => /^crontab (.+)$/.exec(line)?.[1] ?? []),
  };
}

/** Notes that all is done that comes with the switch to a release. */
export function settleScript(path: string, { number }: { number: number }): string {
  return stateProgram(settleProgram, [path, String(number)]);
}

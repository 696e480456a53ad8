/** The shell programs that build a release in its own directory, and make it current. */
import buildAside from "./programs/build-aside.sh?raw";
import failAside from "./programs/fail-aside.sh?raw";
import settleProgram from "./programs/settle.sh?raw";
import switchProgram from "./programs/switch.sh?raw";
import { stateProgram } from "./release-state.ts";

/**
 * Runs `bin/buildout -c CONFIGURATION ARGS` in the directory of the release. `again`: it was built before.
 * Nothing is marked as current. Secrets come on standard input, for `readSentSecrets`.
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

/** Records `line`, unless it is empty, and marks the directory of a release as unusable. */
export function failAsideScript(
  path: string,
  { number, id }: { number: number; id: string },
  line: string,
): string {
  return stateProgram(failAside, [path, String(number), id, line]);
}

/**
 * Makes a built release with its own directory current. With `later`, more happens before `settleScript`.
 * `parseSwitched` reads its output.
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

/** The output of `switchScript`. */
export function parseSwitched(output: string): {
  /** Releases whose directories cannot be removed, by number. */
  staying: number[];
  /** The crontab still has entries of other releases. */
  crontabStays: boolean;
  /** Parts that must write their crontab entries now. */
  crontabParts: string[];
} {
  const lines = output.split("\n");
  return {
    staying: lines.flatMap((line) => Number(/^stays (\d+)$/.exec(line)?.[1] ?? []) || []),
    crontabStays: lines.includes("stays crontab"),
    crontabParts: lines.flatMap((line) => /^crontab (.+)$/.exec(line)?.[1] ?? []),
  };
}

/** Records that the switch to a release is complete. */
export function settleScript(path: string, { number }: { number: number }): string {
  return stateProgram(settleProgram, [path, String(number)]);
}

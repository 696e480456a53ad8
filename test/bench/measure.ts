import { spawnSync } from "node:child_process";

/**
 * Milliseconds of whole processes. Commands alternate, so that all see the same state of the machine. `prepare`
 * is called before each round.
 */
export function alternate(
  commands: Record<string, () => void>,
  rounds: number,
  prepare: () => void = () => {},
): Record<string, number> {
  const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    prepare();
    for (const [name, command] of Object.entries(commands)) {
      settle();
      const start = process.hrtime.bigint();
      command();
      times.get(name)!.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  }
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)]));
}

/** Waits until processes left by the last command, such as a session that ends, have finished. */
function settle(): void {
  spawnSync("sync");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Runs a process until it ends. Throws if it fails: the time of a failure means nothing. */
export function run(
  command: string,
  args: string[],
  {
    statuses = [0],
    ...options
  }: { cwd?: string; env?: NodeJS.ProcessEnv; statuses?: readonly number[] } = {},
): string {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (!statuses.includes(result.status ?? -1)) {
    throw new Error(
      `${command} ${args.join(" ")}: status ${result.status}\n${result.stdout}${result.stderr}${result.error ?? ""}`,
    );
  }
  return result.stdout;
}

/** A row that `--check` checks: our milliseconds, those of a peer, and the maximum ratio. */
export function ratioRow(
  what: string,
  ours: number,
  beside: { name: string; time: number },
  goal: number,
  notes: readonly string[] = [],
): string[] {
  const ratio = `ratio ${(ours / beside.time).toFixed(2)}`;
  const theirs = `${beside.name}: ${ms(beside.time)}`;
  return [what, ms(ours), theirs, [ratio, ...notes].join("; "), `at most ${goal}`];
}

/** Whether a row misses its goal by more than a quarter; rows without a ratio miss nothing. */
export function misses([, , , note = "", goal = ""]: readonly string[]): boolean {
  const [, ratio] = /^ratio (\S+?)(?:;|$)/.exec(note) ?? [];
  const [, most] = /^at most ([\d.]+)(?:,|$)/.exec(goal) ?? [];
  return ratio !== undefined && most !== undefined && Number(ratio) > 1.25 * Number(most);
}

export const ms = (value: number) => `${value.toFixed(0)} ms`;

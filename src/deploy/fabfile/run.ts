import type { HostoutEvent } from "../../events/deployment.ts";
import type { Reporter } from "../../events/reporter.ts";

/** What the fabfiles of one call share across hosts. */
export interface FabfileRun {
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  /** Where output of fabfiles in Python goes: a stream of this process, or a function that makes events. */
  output: "stdout" | "stderr" | Reporter<HostoutEvent>;
  env: Record<string, string | undefined>;
  /** What to end when the commands are done. */
  closing: (() => Promise<void>)[];
  /** Results of functions that run once, by function. */
  once: Map<string, Once>;
}

/** A function that runs once for all hosts. */
interface Once {
  /** Who runs it. */
  owner: object;
  /** Undefined: it failed, and another host may try. */
  result: Promise<{ value: unknown } | undefined>;
  settle(result: { value: unknown } | undefined): void;
}

export function fabfileRun(
  signal: AbortSignal,
  output: FabfileRun["output"],
  env: FabfileRun["env"],
): FabfileRun {
  return { signal, output, env, closing: [], once: new Map() };
}

/** The result of the function `key`; undefined: `owner` must run it now and call `settleOnce`. */
export async function awaitOnce(
  { once }: FabfileRun,
  owner: object,
  key: string,
): Promise<{ value: unknown } | undefined> {
  for (let known = once.get(key); known !== undefined; known = once.get(key)) {
    if (known.owner === owner) return undefined;
    const result = await known.result;
    if (result !== undefined) return result;
    if (once.get(key) === known) once.delete(key);
  }
  let settle: Once["settle"] = () => {};
  const result = new Promise<{ value: unknown } | undefined>((resolve) => {
    settle = resolve;
  });
  once.set(key, { owner, result, settle });
  return undefined;
}

export function settleOnce(
  { once }: FabfileRun,
  key: string,
  result: { value: unknown } | undefined,
): void {
  once.get(key)?.settle(result);
}

/** Where a host is, as a plugin says that has made it or found it. */
import { BuildoutError } from "../../errors/error.ts";
import type { HostTarget } from "../../ssh/target.ts";

export interface HostLocation {
  /** Name or address. */
  host: string;
  /** Wins over what the options say of logins. */
  login?: Partial<HostTarget>;
  /** Seconds that logins are tried again, for a machine that has just been started. */
  patience?: number;
  /** There is no such machine yet: what a deployment would make. */
  absent?: string;
}

/** Between two tries, milliseconds. */
const PAUSE = 2000;

/** What the first minutes of a machine are like. */
const NOT_UP = new Set(["connection-lost", "handshake-failed", "host-unreachable"]);

export function noMachine({ host }: HostLocation, part: string): BuildoutError {
  return new BuildoutError("no-machine", `There is no machine '${host}' yet.`, {
    hint: `Run 'bin/hostout ${part} deploy', which makes it, or '... create'.`,
  });
}

/**
 * Tries until the time `end`, in milliseconds of Date.now, while the host does not answer, or refuses
 * keys and `refusesKeys` says that this will pass.
 */
export async function untilUp<T>(
  attempt: () => Promise<T>,
  {
    end,
    refusesKeys,
    signal,
    onWait,
  }: { end: number; refusesKeys: boolean; signal: AbortSignal; onWait: () => void },
): Promise<T> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || Date.now() >= end || !(error instanceof BuildoutError)) throw error;
      const passes = refusesKeys && error.code === "authentication-failed";
      if (!passes && !NOT_UP.has(error.code)) throw error;
      if (isFirst) onWait();
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

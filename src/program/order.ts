import { type MaxFail, type Rollout, readMaxFail, readRollout } from "../deploy/part/rollout.ts";
import { BuildoutError } from "../errors/error.ts";

/** The maximum of `parallel`. */
export const POOL = { pattern: /^[1-9]\d{0,3}$/, needs: "a whole number from 1" };

/** The order of hosts, as set by options. */
interface WrittenOrder {
  parallel?: number | undefined;
  rollout?: string | undefined;
  maxFail?: string | undefined;
}

interface Order {
  pool: number | undefined;
  rollout: Rollout | undefined;
  maxFail: MaxFail | undefined;
}

/** Reads these options; `names` are their names in messages. Throws `usage`. */
export function orderOf(
  { parallel, rollout, maxFail }: WrittenOrder,
  names: { rollout: string; maxFail: string },
): Order {
  return {
    pool: parallel,
    rollout: read(
      names.rollout,
      rollout,
      readRollout,
      "the sizes of batches, such as '1 25% 100%'",
    ),
    maxFail: read(
      ...([names.maxFail, maxFail, readMaxFail] as const),
      "a number of hosts or a percentage of all, such as 10%",
    ),
  };
}

function read<T extends object>(
  option: string,
  value: string | undefined,
  readValue: (text: string) => T | string,
  wanted: string,
): T | undefined {
  const result = value === undefined ? undefined : readValue(value);
  if (typeof result !== "string") return result;
  throw new BuildoutError("usage", `${option}: ${result}`, { hint: `Write ${wanted}.` });
}

import { BuildoutError } from "../../errors/error.ts";
import type { HostOptions } from "../part/options.ts";
import { batches, failuresAllowed, type MaxFail, type Rollout } from "../part/rollout.ts";
import type { CommandChains } from "./chain.ts";

/** Default number of parallel hosts. */
export const USUAL_POOL = 32;

/** Settings for the schedule. */
export interface Order {
  hosts: readonly HostOptions[];
  chains: ReadonlyMap<string, CommandChains>;
  commands: readonly string[];
  /** How many hosts run at the same time; undefined: one, unless commands or parts say more. */
  pool: number | undefined;
  /** Overrides the parts. */
  rollout: Rollout | undefined;
  maxFail: MaxFail | undefined;
}

/** Hosts of a batch run together; no more batches start once more than `maxFail` hosts have failed. */
export interface Schedule {
  batches: string[][];
  /** How many hosts run at the same time. */
  pool: number;
  maxFail: number;
}

/** @throws BuildoutError `usage` if hosts have different values */
export function scheduleOf(order: Order): Schedule {
  const { hosts, commands, chains, pool } = order;
  const names = hosts.map(({ name }) => name);
  const used = commands.flatMap((name) =>
    names.flatMap((host) => [chains.get(host)?.chains.get(name) ?? []]),
  );
  const marks = used.map((chain) => chain[0]?.parallel);
  const isSerial = marks.includes(false);
  const isParallel = !isSerial && (pool !== undefined || marks.every((mark) => mark === true));
  const changes = used.some((chain) => chain.some((one) => one.changes));
  const ofParts = changes && hosts.length > 1;
  const rollout = order.rollout ?? (ofParts ? shared(hosts, "rollout") : undefined);
  const maxFail = order.maxFail ?? (ofParts ? shared(hosts, "maxFail") : undefined);
  const together = isParallel ? [names] : names.map((name) => [name]);
  return {
    batches: rollout === undefined ? together : batches(names, rollout),
    pool: isSerial ? 1 : (pool ?? USUAL_POOL),
    maxFail: maxFail === undefined ? 0 : failuresAllowed(maxFail, names.length),
  };
}

const OPTIONS = { rollout: "rollout", maxFail: "max-fail" } as const;

/** The common value of this option. */
function shared<K extends keyof typeof OPTIONS>(
  hosts: readonly HostOptions[],
  key: K,
): HostOptions[K] {
  const [first] = hosts;
  const other = hosts.find((host) => host[key]?.text !== first![key]?.text);
  if (other === undefined) return first![key];
  const written = ({ name, [key]: value }: HostOptions) =>
    `${name} has ${value === undefined ? "no value" : `'${value.text}'`}`;
  const option = OPTIONS[key];
  throw new BuildoutError(
    "usage",
    `These hosts differ in '${option}': ${written(first!)}, ${written(other)}.`,
    { hint: `Set one value for all: --${option} ${key === "rollout" ? "'1 25% 100%'" : "0"}` },
  );
}

/** When a release becomes the current one. */
import { parseSwitched } from "../host/aside-state.ts";
import { removable } from "../host/history.ts";
import type { HostFacts } from "../host/probe.ts";
import type { Ending } from "../host/release-state.ts";
import type { HostOptions } from "../part/options.ts";
import { directoryOf } from "../plan/steps.ts";
import type { CommandContext } from "../run/chain.ts";
import { usersDiffer } from "./users.ts";

/** What happens on the host when release `number` becomes the current one. */
export function endingOf(options: HostOptions, facts: HostFacts, number: number): Ending {
  const { current, releases } = facts;
  const kept = [...new Set([...(releases?.kept.keys() ?? []), number])];
  return {
    shared: usersDiffer(options),
    removed: releases ? removable(releases.history, kept, number, options.keepReleases) : [],
    done: number === current?.number ? "" : resultOf(number, "ok"),
  };
}

/** The same for the end of its build, which may fail. */
export function buildEndingOf(
  options: HostOptions,
  facts: HostFacts,
  number: number,
): Ending & { failed: string } {
  const failed = number === facts.current?.number ? "" : resultOf(number, "failed");
  return { ...endingOf(options, facts, number), failed };
}

/** For the log of releases; the host adds the seconds. */
const resultOf = (number: number, result: "ok" | "failed") =>
  JSON.stringify({ number, result, seconds: null });

/** Warns about directories of releases that could not be removed, and their remaining crontab entries. */
export function warnOfStaying(
  { session }: Pick<CommandContext, "session">,
  path: string,
  output: string,
): void {
  const { staying, crontabStays } = parseSwitched(output);
  for (const number of staying) {
    const text = `${path}/${directoryOf(number)} stays: some of it cannot be removed.`;
    session.emit({ type: "warning", text });
  }
  if (crontabStays) {
    const text = `Entries of earlier releases in ${path} stay in the crontab, which cannot be written.`;
    session.emit({ type: "warning", text });
  }
}

/** A plan in a file, written by `--out` and followed by `--from`. */
import { createHash } from "node:crypto";
import { BuildoutError } from "../../errors/error.ts";
import type { HostPlan, SavedPlan } from "../../events/deployment-plan.ts";
import { readPipe } from "../../system/pipe.ts";
import { reasonOf } from "../../system/reason.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { addressOf } from "../part/address.ts";
import type { HostOptions } from "../part/options.ts";
import { isSecretName } from "./hide-options.ts";

/** The version of the file format. */
const FORM = 2;
/** It may reveal what is on a host. */
const PRIVATE = 0o600;

export function savePlans(file: string, plans: ReadonlyMap<string, HostPlan>, tool: string): void {
  const hosts = [...plans].map(([host, plan]) => {
    const { address, path, current, release, steps, basis } = plan;
    return [host, { address, path, current, release, steps, basis } satisfies Partial<SavedPlan>];
  });
  const text = `${JSON.stringify({ plan: FORM, tool, hosts: Object.fromEntries(hosts) }, undefined, 2)}\n`;
  try {
    writeFileAtomically(file, text, PRIVATE);
  } catch (error) {
    throw new BuildoutError("local-not-writable", `Cannot write ${file}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * The plans of a file for these hosts. Throws `invalid-plan`, and `stale-plan` if the plan is outdated
 * regardless of the hosts.
 */
export async function readPlans(
  file: string,
  hosts: readonly HostOptions[],
  tool: string,
): Promise<Map<string, SavedPlan>> {
  const plans = await plansOf(file, tool);
  for (const options of hosts) {
    const { name, path } = options;
    const address = addressOf(options);
    const saved = plans.get(name);
    if (saved === undefined) {
      const names = [...plans.keys()].join(", ");
      throw invalidPlan(`${file} has no plan for ${name}, only for ${names || "no host"}.`);
    }
    if (saved.address !== address || (path.startsWith("/") && path !== saved.path)) {
      throw otherPlace(name, saved, { address, path });
    }
    if (saved.basis.options !== hashOfOptions(options)) throw stalePlan(name, OTHER_OPTIONS);
  }
  return plans;
}

/** A hash of the options of a host, except passwords and the like. */
export function hashOfOptions({ all }: Pick<HostOptions, "all">): string {
  const written = [...all].filter(([option]) => !isSecretName(option)).sort();
  return hashOf(written);
}

export function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);
}

const OTHER_OPTIONS = "has different options than when the plan was made.";

async function plansOf(file: string, version: string): Promise<Map<string, SavedPlan>> {
  let text: string;
  try {
    text = (await readPipe(file)).toString();
  } catch (error) {
    throw invalidPlan(`Cannot read ${file}: ${reasonOf(error)}`, error);
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw invalidPlan(`${file} is not a plan.`, error);
  }
  const { plan, hosts, tool } = record(data);
  if (plan === undefined || hosts === undefined) throw invalidPlan(`${file} is not a plan.`);
  if (plan !== FORM || tool !== version) {
    const which = typeof tool === "string" ? `version ${tool}` : "another version";
    throw invalidPlan(`${file} is a plan of ${which} of hostout; this is version ${version}.`);
  }
  const plans = Object.entries(record(hosts));
  if (!plans.every((entry): entry is [string, SavedPlan] => isPlan(entry[1]))) {
    throw invalidPlan(`${file} is not a plan.`);
  }
  return new Map(plans);
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function isPlan(value: unknown): value is SavedPlan {
  const { address, path, current, release, steps, basis } = record(value);
  const { options, drift, installed } = record(basis);
  const isRelease = (one: unknown) => {
    const { number, id } = record(one);
    return typeof number === "number" && typeof id === "string";
  };
  return (
    [address, path, options, drift, installed].every((one) => typeof one === "string") &&
    (current === undefined || isRelease(current)) &&
    isRelease(release) &&
    Array.isArray(steps) &&
    steps.every((step) => typeof record(step).step === "string")
  );
}

function invalidPlan(message: string, cause?: unknown): BuildoutError {
  return new BuildoutError("invalid-plan", message, {
    hint: "Make one with 'bin/hostout HOST deploy --plan --out FILE'.",
    cause,
  });
}

/**
 * Throws `stale-plan` if a deployment would differ from the saved plan; `now` is the plan that the same
 * command makes now. Throws `invalid-plan` if it is for another host.
 */
export function checkPlan(host: string, saved: SavedPlan, now: HostPlan): void {
  if (saved.address !== now.address || saved.path !== now.path) {
    throw otherPlace(host, saved, now);
  }
  const why = difference(saved, now);
  if (why !== undefined) throw stalePlan(host, why);
}

type Place = Pick<SavedPlan, "address" | "path">;

function otherPlace(host: string, saved: Place, now: Place): BuildoutError {
  return invalidPlan(
    `The plan is for ${saved.path} on ${saved.address}; ${host} is ${now.path} on ${now.address}.`,
  );
}

function stalePlan(host: string, why: string): BuildoutError {
  return new BuildoutError("stale-plan", `${host} ${why}`, {
    hint: `Nothing was changed. Make a new plan with 'bin/hostout ${host} deploy --plan'.`,
  });
}

function difference(saved: SavedPlan, now: HostPlan): string | undefined {
  if (saved.current?.number !== now.current?.number || saved.current?.id !== now.current?.id) {
    const there = now.current === undefined ? "no release" : `release ${now.current.number}`;
    const then =
      saved.current === undefined ? "before the first one" : `at ${saved.current.number}`;
    return `is at ${there}, but the plan was made ${then}.`;
  }
  if (saved.basis.options !== now.basis.options) return OTHER_OPTIONS;
  if (saved.release.id !== now.release.id) {
    return `would get release ${now.release.id}, but the plan has ${saved.release.id}: files of the project have changed.`;
  }
  if (saved.basis.drift !== now.basis.drift) {
    return "has files that were changed by hand since the plan was made.";
  }
  if (saved.basis.installed !== now.basis.installed) {
    return "was built since the plan was made: its parts have changed.";
  }
  if (JSON.stringify(saved.steps) !== JSON.stringify(now.steps)) {
    return "needs different steps than the plan has.";
  }
  return undefined;
}

/**
 * Deployments from a program, in this process: `import { deploy, plan, hosts } from "hostout/deploy"`.
 * Nothing is printed, nobody is asked unless `ask` or `confirm` is given, and no process ends.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { HiddenValues } from "./buildout/secrets/hidden-values.ts";
import { fabfileRun } from "./deploy/fabfile/run.ts";
import { addressOf } from "./deploy/part/address.ts";
import type { Project } from "./deploy/part/project.ts";
import { Selection } from "./deploy/part/selection.ts";
import { hidingReporter, withoutValues } from "./deploy/run/hidden-events.ts";
import { runHosts } from "./deploy/run/hosts.ts";
import { BuildoutError } from "./errors/error.ts";
import { didYouMean } from "./errors/nearest.ts";
import type { HostOutcome, HostoutEvent } from "./events/deployment.ts";
import type { HostPlan } from "./events/deployment-plan.ts";
import { type ErrorData, errorData } from "./events/error-data.ts";
import { doneEvent } from "./program/done-event.ts";
import { loadCommands, openProject } from "./program/host-commands.ts";
import { orderOf, POOL } from "./program/order.ts";
import { followed, savePlansOf, withOwnPlan } from "./program/planning.ts";
import { programsOf } from "./program/programs.ts";
import { exactEvent } from "./report/json-lines.ts";

export type { ErrorCode } from "./errors/codes.ts";
export { BuildoutError } from "./errors/error.ts";
export type { ErrorData, HostOutcome, HostoutEvent, HostPlan };

export interface DeployOptions {
  /** The directory of the buildout, or one below it. Relative files of other options start there. */
  directory: string;
  /** Read this file instead of parts/hostout/hostout.cfg. */
  config?: string | undefined;
  /** Hosts, as on the command line: names, `@ROLE`, `web*`, `!web3`. Default: all. */
  hosts?: readonly string[] | undefined;
  /** How many hosts run at the same time; default: one, or as many as the batches of `rollout` have. */
  parallel?: number | undefined;
  /** Run in batches, such as `1 25% 100%`, overriding the parts. */
  rollout?: string | undefined;
  /** How many hosts may fail before no more are started: a number or a percentage. */
  maxFail?: number | string | undefined;
  /** Accept the keys of unknown hosts. */
  acceptNew?: boolean | undefined;
  /** Seconds to wait for another deployment of the same host; default: not at all. */
  lockWait?: number | undefined;
  /** Keep files that were changed on the host. */
  keepDrift?: boolean | undefined;
  /** A file: `plan` saves its plans there; `deploy` does exactly what they say or fails. */
  planFile?: string | undefined;
  /** Called with each event, as docs/events.md lists them. If it throws, the call ends. */
  onEvent?: ((event: HostoutEvent) => void) | undefined;
  /** Ends whatever is running. */
  signal?: AbortSignal | undefined;
  /** Starts no more hosts; those that are running continue to their end. */
  stop?: AbortSignal | undefined;
  /** Asks the user, for a password if `hidden`. Without it, a question is an error. */
  ask?: ((question: string, options?: { hidden?: boolean }) => Promise<string>) | undefined;
  /** Asks the user for a yes or no. */
  confirm?: ((question: string) => Promise<boolean>) | undefined;
}

/** A host of the project. */
export interface Host {
  name: string;
  roles: readonly string[];
  /** As in the option `host`. */
  address: string;
  /** Login user; undefined: from ~/.ssh/config or the system. */
  user: string | undefined;
  /** The directory of the buildout on the host. */
  path: string;
}

/** The outcome for a host. */
export interface HostResult {
  host: string;
  outcome: HostOutcome;
  /** How long it took, if it was started. */
  seconds?: number;
  /** What failed. */
  error?: ErrorData;
  /** For `plan`: what a deployment would do. */
  plan?: HostPlan;
  /** For `deploy`: the host's current release, if known. */
  release?: { number: number; id: string };
}

type Choice = Pick<DeployOptions, "directory" | "config" | "hosts">;

/** The hosts of a project that the options choose. Throws `no-hostout-cfg`, `unknown-host`. */
export async function hosts(options: Choice): Promise<Host[]> {
  const { project, names } = await open(options);
  return names.map((name) => {
    const own = project.hosts.get(name)!;
    const { roles, user, path } = own;
    return { name, roles, address: addressOf(own), user, path };
  });
}

/**
 * What `deploy` would do on each of the hosts; changes nothing there. A host that cannot be planned for has
 * an `error`. Throws what prevents all plans: `usage`, `no-hostout-cfg`, `unknown-host`,
 * `local-not-writable`.
 */
export async function plan(options: DeployOptions): Promise<HostResult[]> {
  return run(options, "plan");
}

/**
 * Deploys to the hosts. A host that fails has an `error`; others may not have been reached: check each
 * `outcome`. Throws what prevents all deployments, before anything is changed: `usage`, `no-hostout-cfg`,
 * `unknown-host`, `invalid-plan`, `stale-plan`.
 */
export async function deploy(options: DeployOptions): Promise<HostResult[]> {
  return run(options, "deploy");
}

async function run(options: DeployOptions, command: "plan" | "deploy"): Promise<HostResult[]> {
  const isPlan = command === "plan";
  const { maxFail, acceptNew = false, keepDrift = false, lockWait, planFile } = options;
  const { parallel, rollout, ask, confirm } = options;
  const { env } = process;
  const { project, directory, names } = await open(options);
  const written = maxFail === undefined ? undefined : String(maxFail);
  const order = orderOf(
    // Get the plans of all hosts, even if some fail.
    isPlan ? { parallel, maxFail: "100%" } : { parallel, rollout, maxFail: written },
    { rollout: "rollout", maxFail: "maxFail" },
  );
  const file = planFile === undefined ? undefined : resolve(directory, planFile);
  const own = names.map((name) => project.hosts.get(name)!);
  const saved = isPlan ? {} : await followed(file, own);
  const hidden = new HiddenValues();
  const { signal = new AbortController().signal } = options;
  const listener = new Listener(options.onEvent);
  const report = hidingReporter(listener.report, hidden);
  const stop = AbortSignal.any([listener.lost, ...(options.stop ? [options.stop] : [])]);
  const fabfiles = fabfileRun(signal, report, env);
  try {
    const chains = await loadCommands(project, names, fabfiles);
    const results = await runHosts({
      ...{ project, hosts: names, commands: [command], args: [], ...order },
      chains: isPlan ? withOwnPlan(chains) : chains,
      planning: { diffs: true, ...saved },
      ...{ acceptNew, keepDrift, lockWait, hidden, signal, stop },
      programs: programsOf(fileURLToPath(new URL("..", import.meta.url))),
      report: listener.report,
      interaction: { env, ...(ask && { ask }), ...(confirm && { confirm }) },
      onFailure: (host, error) => report({ type: "error", host, ...errorData(error) }),
    });
    const { plans } = listener;
    if (isPlan && file !== undefined && results.every(({ outcome }) => outcome === "done")) {
      await savePlansOf(file, [...plans.values()]);
    }
    await Promise.all(fabfiles.closing.splice(0).map((close) => close()));
    report(doneEvent(results));
    listener.throwIfFailed();
    return results.map(({ host, outcome, error }) => ({
      ...{ host, outcome, ...listener.of(host) },
      ...(error !== undefined && { error: withoutValues(errorData(error), hidden) as ErrorData }),
    }));
  } finally {
    await Promise.all(fabfiles.closing.map((close) => close()));
  }
}

/** The project and the selected hosts. */
async function open(
  options: Choice,
): Promise<{ project: Project; directory: string; names: string[] }> {
  refuseWrong(options);
  const directory = resolve(options.directory);
  const project = await openProject(options.config, directory);
  const { hosts: words = ["all"] } = options;
  const selection = new Selection([...project.hosts.values()]);
  for (const word of words) selection.add(word);
  if (words.length > 0) return { project, directory, names: selection.hosts() };
  throw new BuildoutError("unknown-host", "No host is chosen.", {
    hint: "Leave 'hosts' out for all of them.",
  });
}

/** Passes events to the program, and collects results. */
class Listener {
  readonly plans = new Map<string, Extract<HostoutEvent, { type: "plan" }>>();
  readonly #found = new Map<string, Omit<HostResult, "host" | "outcome" | "error">>();
  readonly #lost = new AbortController();
  readonly #onEvent: DeployOptions["onEvent"];

  constructor(onEvent: DeployOptions["onEvent"]) {
    this.#onEvent = onEvent;
  }

  /** Aborted when the program's own function fails: no more hosts start. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  readonly report = (event: HostoutEvent): void => {
    if (event.type === "plan") {
      const { type: _, host, ...plan } = event;
      this.plans.set(host, event);
      this.#note(host, { plan });
    } else if (event.type === "deployed") {
      this.#note(event.host, { release: { number: event.number, id: event.id } });
    } else if (event.type === "finished" && event.seconds !== undefined) {
      this.#note(event.host, { seconds: event.seconds });
    }
    if (this.lost.aborted) return;
    try {
      this.#onEvent?.(exactEvent(event));
    } catch (error) {
      this.#lost.abort(error);
    }
  };

  of(host: string) {
    return this.#found.get(host);
  }

  throwIfFailed(): void {
    this.lost.throwIfAborted();
  }

  #note(host: string, found: Omit<HostResult, "host" | "outcome" | "error">): void {
    this.#found.set(host, { ...this.#found.get(host), ...found });
  }
}

/** The type of each option. */
const OPTIONS = {
  directory: isText,
  config: isText,
  hosts: (value) => Array.isArray(value) && value.every(isText),
  parallel: (value) => typeof value === "number" && POOL.pattern.test(String(value)),
  rollout: isText,
  maxFail: (value) => typeof value === "number" || isText(value),
  acceptNew: isFlag,
  lockWait: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  keepDrift: isFlag,
  planFile: isText,
  onEvent: isFunction,
  signal: isSignal,
  stop: isSignal,
  ask: isFunction,
  confirm: isFunction,
} satisfies Record<keyof DeployOptions, (value: unknown) => boolean>;

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isFlag(value: unknown): boolean {
  return typeof value === "boolean";
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isSignal(value: unknown): boolean {
  return value instanceof AbortSignal;
}

/** Throws `usage`, since not every program is type-checked. */
function refuseWrong(options: Choice): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw new BuildoutError("usage", `There is no option '${name}'.`, {
        hint: didYouMean(name, Object.keys(OPTIONS)),
      });
    }
    if (value !== undefined && !OPTIONS[name as keyof DeployOptions](value)) {
      throw new BuildoutError("usage", `The option '${name}' has a value that it cannot have.`);
    }
  }
  if (options.directory === undefined) {
    throw new BuildoutError("usage", "The option 'directory' is missing.", {
      hint: "Name the directory of the buildout.",
    });
  }
}

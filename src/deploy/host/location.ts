/** The location of a host, from a plugin that has created or found it. */
import { BuildoutError } from "../../errors/error.ts";
import { connect } from "../../ssh/connect.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import type { HostTarget, Interaction } from "../../ssh/target.ts";

export interface HostLocation {
  /** Name or address. */
  host: string;
  /** Overrides the options for logins. */
  login?: Partial<HostTarget>;
  /** Seconds to retry logins, for a machine that was just started. */
  patience?: number;
  /** The machine that a deployment would create, if there is none yet. */
  absent?: string;
}

/** Initial and maximum milliseconds between tries. */
const PAUSE = 250;
const LONGEST_PAUSE = 2000;

/** How a newly started machine behaves. */
const NOT_UP = new Set(["connection-lost", "handshake-failed", "host-unreachable"]);

/** The location of one host, as reported by plugins. */
export class Whereabouts {
  #location: HostLocation | undefined;
  /** Time until which logins are retried. */
  #patientUntil = 0;

  /** What a deployment would create first; undefined: the machine exists. */
  get absent(): string | undefined {
    return this.#location?.absent;
  }

  get login(): HostLocation["login"] {
    return this.#location?.login;
  }

  /** Notes that the host exists now; true if it was absent, or still is. */
  move(location: HostLocation): boolean {
    const isOther = location.absent !== this.absent;
    this.#location = location;
    this.#patientUntil = Date.now() + (location.patience ?? 0) * 1000;
    return isOther;
  }

  /** Throws `no-machine`. */
  assertPresent({ name, host }: { name: string; host: string }): void {
    if (this.absent === undefined) return;
    throw new BuildoutError("no-machine", `There is no machine '${host}' yet.`, {
      hint: `Run 'bin/hostout ${name} deploy', which creates it, or '... create'.`,
    });
  }

  /** Logs in. While the machine is starting, it retries without asking for a password. */
  async connect(
    target: HostTarget,
    interaction: Interaction & { signal: AbortSignal },
    through: HostConnection | undefined,
    { isLoginUser, onWait }: { isLoginUser: boolean; onWait: () => void },
  ): Promise<HostConnection> {
    if (Date.now() >= this.#patientUntil) return connect(target, interaction, through);
    const { ask: _, ...silent } = interaction;
    const connection = await untilUp(
      () => connect({ ...target, askPassword: false }, silent, through),
      { end: this.#patientUntil, refusesKeys: isLoginUser, signal: interaction.signal, onWait },
    );
    if (isLoginUser) this.#patientUntil = 0;
    return connection;
  }
}

/**
 * Retries until `end` (Date.now milliseconds) while the host does not answer, or refuses keys and
 * `refusesKeys` expects that to pass.
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
  for (let pause = PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || Date.now() >= end || !(error instanceof BuildoutError)) throw error;
      const passes = refusesKeys && error.code === "authentication-failed";
      if (!passes && !NOT_UP.has(error.code)) throw error;
      if (pause === PAUSE) onWait();
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

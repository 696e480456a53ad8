/** Where a host is, as a plugin says that has made it or found it. */
import { BuildoutError } from "../../errors/error.ts";
import { connect } from "../../ssh/connect.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import type { HostTarget, Interaction } from "../../ssh/target.ts";

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

/** Between two tries at first, and at most, milliseconds. */
const PAUSE = 250;
const LONGEST_PAUSE = 2000;

/** What the first minutes of a machine are like. */
const NOT_UP = new Set(["connection-lost", "handshake-failed", "host-unreachable"]);

/** Where one host is, as far as plugins have said. */
export class Whereabouts {
  #location: HostLocation | undefined;
  /** Until when logins are tried again. */
  #patientUntil = 0;

  /** What a deployment would make first; undefined: the machine is there. */
  get absent(): string | undefined {
    return this.#location?.absent;
  }

  get login(): HostLocation["login"] {
    return this.#location?.login;
  }

  /** The host is there from now on; true if it was absent, or is. */
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
      hint: `Run 'bin/hostout ${name} deploy', which makes it, or '... create'.`,
    });
  }

  /** Logs in. As long as the machine starts it tries again, and asks nobody for a password. */
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

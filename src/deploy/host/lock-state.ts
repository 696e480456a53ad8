/** Who has the lock of a buildout directory: what the programs on the host print, in words. */

/** Somebody who has a lock, as noted on the host. */
interface Holder {
  /** `ann@ci-7`; empty for a program that may have lost its deployer. */
  who: string;
  /** What is done: commands, a build, or the reason of a hold by hand. */
  what: string;
  /** When it began, by the host's clock: ISO 8601. */
  since: string;
  /** On the host; empty for a hold by hand. */
  pid: string;
}

export interface LockState {
  /** The deployment that has it. */
  deployment: Holder | undefined;
  /** A program of a deployment. */
  program: Holder | undefined;
  /** Somebody keeps deployments out until further notice. */
  hold: Holder | undefined;
}

/** What the lines `said` tell, such as `lock-pid=811`. */
export function lockState(said: readonly string[]): LockState {
  return {
    deployment: holder(said, "lock"),
    program: holder(said, "working"),
    hold: holder(said, "hold"),
  };
}

function holder(said: readonly string[], file: string): Holder | undefined {
  const lines = said.filter((line) => line.startsWith(`${file}-`));
  if (lines.length === 0) return undefined;
  const value = (key: string) => {
    const head = `${file}-${key}=`;
    return (
      lines
        .filter((line) => line.startsWith(head))
        .at(-1)
        ?.slice(head.length) ?? ""
    );
  };
  const pid = /^[1-9]\d*$/.test(value("pid")) ? value("pid") : "";
  return { who: value("who"), what: value("what"), since: value("since"), pid };
}

/** Who has the lock, the one that matters most first; empty where it is free. */
export function describeHolders(
  name: string,
  { deployment, program, hold }: LockState,
  now = new Date(),
): string[] {
  const lines: string[] = [];
  if (hold) {
    const by = hold.who === "" ? "somebody" : hold.who;
    const why = hold.what === "" ? "no reason is noted" : hold.what;
    lines.push(`${name} is held by ${by} since ${timeOf(hold, now)}: ${why}`);
  }
  if (deployment) {
    const { who, what, pid } = deployment;
    const since = timeOf(deployment, now);
    // The note of who it is can be missing: a full disk does not keep the lock from working.
    const doing = pid === "" ? "nothing is noted of it" : `${what}, pid ${pid} on the host`;
    lines.push(`${name} is locked by ${who || "somebody"} since ${since} (${doing})`);
  }
  if (program) {
    const { what, pid } = program;
    const since = timeOf(program, now);
    const end = pid === "" ? "nothing is noted of it" : `'kill ${pid}' there ends it`;
    lines.push(`${name} still runs ${what || "a program"} since ${since} (${end})`);
  }
  return lines;
}

/** As the clock here shows it; with the date where that is not today. */
function timeOf({ since }: Holder, now: Date): string {
  const then = new Date(since);
  if (Number.isNaN(then.getTime())) return "an unknown time";
  const two = (number: number) => String(number).padStart(2, "0");
  const time = [then.getHours(), then.getMinutes(), then.getSeconds()].map(two).join(":");
  if (then.toDateString() === now.toDateString()) return time;
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`;
}

/** Who holds the lock of a buildout directory: output of the programs on the host, in words. */

/** The holder of a lock, as recorded on the host. */
interface Holder {
  /** `ann@ci-7`; empty for a program that may be orphaned. */
  who: string;
  /** The activity: commands, a build, or the reason for a manual lock. */
  what: string;
  /** Start time by the host's clock: ISO 8601. */
  since: string;
  /** On the host; empty for a manual lock. */
  pid: string;
}

export interface LockState {
  /** The deployment that holds it. */
  deployment: Holder | undefined;
  /** A program of a deployment. */
  program: Holder | undefined;
  /** A manual lock. */
  hold: Holder | undefined;
}

/** Parses lines such as `lock-pid=811`. */
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

/** The holders of the lock, most important first; empty if it is free. */
export function describeHolders(
  name: string,
  { deployment, program, hold }: LockState,
  now = new Date(),
): string[] {
  const lines: string[] = [];
  if (hold) {
    const by = hold.who === "" ? "somebody" : hold.who;
    const why = hold.what === "" ? "no reason given" : hold.what;
    lines.push(`${name} is held by ${by} since ${timeOf(hold, now)}: ${why}`);
  }
  if (deployment) {
    const { who, what, pid } = deployment;
    const since = timeOf(deployment, now);
    // The record of the holder can be missing: the lock works even if the disk is full.
    const doing = pid === "" ? "no details are recorded" : `${what}, pid ${pid} on the host`;
    lines.push(`${name} is locked by ${who || "somebody"} since ${since} (${doing})`);
  }
  if (program) {
    const { what, pid } = program;
    const since = timeOf(program, now);
    const end = pid === "" ? "no details are recorded" : `end it there with 'kill ${pid}'`;
    lines.push(`${name} has been running ${what || "a program"} since ${since} (${end})`);
  }
  return lines;
}

/** In local time; with the date if that is not today. */
function timeOf({ since }: Holder, now: Date): string {
  const then = new Date(since);
  if (Number.isNaN(then.getTime())) return "an unknown time";
  const two = (number: number) => String(number).padStart(2, "0");
  const time = [then.getHours(), then.getMinutes(), then.getSeconds()].map(two).join(":");
  if (then.toDateString() === now.toDateString()) return time;
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`;
}

import type { HostoutEvent } from "../events/deployment.ts";
import type { Step } from "../events/deployment-plan.ts";
import type { Reporter } from "../events/reporter.ts";
import type { StatusLine } from "./progress.ts";

interface Following {
  status: StatusLine;
  /** Whether a command of a host is using the terminal itself. */
  usesTerminal(host: string, command: string): boolean;
}

/** Follows each host on the status lines: its command, and the step. */
export function follower({ status, usesTerminal }: Following): Reporter<HostoutEvent> {
  const running = new Map<string, string[]>();
  /** Start of the health check, by host. */
  const asked = new Map<string, number>();
  const commandsOf = (host: string) => {
    const commands = running.get(host) ?? [];
    running.set(host, commands);
    return commands;
  };
  const wait = (host: string, text?: string) => {
    const command = commandsOf(host).at(-1);
    if (command === undefined || usesTerminal(host, command)) status.done(host);
    else status.wait(host, text ?? command);
  };
  return (event) => {
    if (!("host" in event) || event.host === undefined) return;
    const { host } = event;
    switch (event.type) {
      case "transfer":
        return status.transfer(host, event);
      case "command":
        commandsOf(host).push(event.name);
        return wait(host);
      case "result":
        commandsOf(host).pop();
        return wait(host);
      case "login":
        return wait(host, `logging in to ${event.address} as ${event.user}`);
      case "run":
      case "local":
        return wait(host, event.command);
      case "step":
        if (event.step.step !== "health") return wait(host, stepText(event.step));
        asked.set(host, Date.now());
        return status.wait(host, unhealthyText(0, event.step.passes), asked.get(host));
      case "health-try":
        return status.wait(host, unhealthyText(event.passes, event.wanted), asked.get(host));
      case "health":
        return wait(host);
      case "output":
        return status.heard(host, event.line);
      case "note":
        return status.heard(host, event.text);
      case "closed":
      case "error":
        return status.done(host);
      case "finished":
        return status.ended(host, event.outcome === "done");
      default:
        return status.heard(host);
    }
  };
}

/** The activity of a host; commands and the build show what they run. */
function stepText(step: Step): string | undefined {
  switch (step.step) {
    case "package":
      return `${step.name} ${step.version}`;
    case "release":
      return `release ${step.number}`;
    case "switch":
      return `switching to release ${step.number}`;
    default:
      return undefined;
  }
}

function unhealthyText(passes: number, wanted: number): string {
  return `waiting to be healthy: ${passes} of ${wanted} passes`;
}

import type { HostoutEvent } from "../events/deployment.ts";
import type { Reporter } from "../events/reporter.ts";
import { painter } from "./colour.ts";
import { transferProgress } from "./progress.ts";
import { unreachable } from "./unreachable.ts";

interface Terminal {
  write(text: string): void;
  isTTY?: boolean;
}

export interface ReportOptions {
  stdout: Terminal;
  stderr: Terminal;
  /** Leaves out everything but remote output, warnings and errors. */
  quiet: boolean;
  colour: boolean;
}

/** Tells a deployment as lines, in the words of the seed document. */
export function textReporter(options: ReportOptions): Reporter<HostoutEvent> {
  const { stdout, stderr, quiet, colour } = options;
  const paint = painter(colour);
  let failed = false;
  const progress = transferProgress(stderr);
  const addresses = new Map<string, string>();
  const label = (host: string) => `[${addresses.get(host) ?? host}]`;
  const say = (text: string) => {
    if (!quiet) stdout.write(`${text}\n`);
  };
  return (event) => {
    if (event.type !== "transfer") progress.clear();
    switch (event.type) {
      case "transfer":
        if (!quiet) progress.show(event);
        return;
      case "command":
        return say(`Hostout: Running command '${event.name}' from '${event.source}'`);
      case "login":
        addresses.set(event.host, event.address);
        return say(`Logging into the following hosts as ${event.user}:\n    ${event.address}`);
      case "run":
        return say(`${label(event.host)} run: ${paint(event.command, "dim")}`);
      case "local":
        return say(`[localhost] local: ${paint(event.command, "dim")}`);
      case "output": {
        const place = event.local ? "[localhost]" : label(event.host);
        return void stdout.write(`${place} ${event.stream}: ${event.line}\n`);
      }
      case "note":
        return say(`Hostout: ${event.text}`);
      case "warning":
        return void stderr.write(`${paint("Hostout: Warning:", "yellow")} ${event.text}\n`);
      case "done":
        if (!failed) say("Done.");
        return;
      // Shown by whoever has what was thrown.
      case "error":
        failed = true;
        return;
      case "result":
      case "closed":
        return;
      default:
        return unreachable(event);
    }
  };
}

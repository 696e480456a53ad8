import type { HostoutEvent, Reporter } from "../events/deployment.ts";
import { transferProgress } from "./progress.ts";

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
export function textReporter({ stdout, stderr, quiet, colour }: ReportOptions): Reporter {
  const dim = (text: string) => (colour ? `\u001b[2m${text}\u001b[22m` : text);
  const yellow = (text: string) => (colour ? `\u001b[33m${text}\u001b[39m` : text);
  const progress = transferProgress(stderr);
  const addresses = new Map<string, string>();
  const label = (host: string) => `[${addresses.get(host) ?? host}]`;
  return (event: HostoutEvent) => {
    if (event.type === "transfer") {
      if (!quiet) progress.show(event);
      return;
    }
    progress.clear();
    switch (event.type) {
      case "command":
        if (!quiet) {
          stdout.write(`Hostout: Running command '${event.name}' from '${event.source}'\n`);
        }
        break;
      case "login":
        addresses.set(event.host, event.address);
        if (!quiet) {
          stdout.write(
            `Logging into the following hosts as ${event.user}:\n    ${event.address}\n`,
          );
        }
        break;
      case "run":
        if (!quiet) stdout.write(`${label(event.host)} run: ${dim(event.command)}\n`);
        break;
      case "local":
        if (!quiet) stdout.write(`[localhost] local: ${dim(event.command)}\n`);
        break;
      case "output":
        stdout.write(
          `${event.local ? "[localhost]" : label(event.host)} ${event.stream}: ${event.line}\n`,
        );
        break;
      case "note":
        if (!quiet) stdout.write(`Hostout: ${event.text}\n`);
        break;
      case "warning":
        stderr.write(`${yellow("Hostout: Warning:")} ${event.text}\n`);
        break;
      case "done":
        if (!quiet) stdout.write("Done.\n");
        break;
    }
  };
}

/** Tells a deployment as JSON, one event a line. */
export function jsonReporter(stdout: Terminal): Reporter {
  return (event) => stdout.write(`${JSON.stringify(event)}\n`);
}

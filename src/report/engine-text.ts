import { formatPicked } from "../buildout/kit/picked-format.ts";
import { formatSection } from "../buildout/kit/section-format.ts";
import { runningText } from "../buildout/run/alone.ts";
import type { Warning } from "../config/merge/configuration.ts";
import type { EngineEvent } from "../events/engine.ts";
import { LEVELS, type LogLevel } from "../events/levels.ts";
import { repr } from "../pythonic/text.ts";
import { unreachable } from "./unreachable.ts";

/** The text for an event: a line of the log, or text at any level. */
export type Said =
  | { level: number; part?: string; message: string }
  | { level: "always"; message: string };

const LEVEL_OF: Record<LogLevel, number> = {
  debug: LEVELS.DEBUG,
  info: LEVELS.INFO,
  warning: LEVELS.WARNING,
  error: LEVELS.ERROR,
};

const always = (message: string): Said => ({ level: "always", message });
const info = (message: string): Said => ({ level: LEVELS.INFO, message });
const debug = (message: string): Said => ({ level: LEVELS.DEBUG, message });
const warning = (message: string): Said => ({ level: LEVELS.WARNING, message });

/** A warning, preceded by its location if known: `/x/base.cfg:3: ...`. */
export function warningText({ message, location }: Pick<Warning, "message" | "location">): string {
  if (location === undefined) return message;
  const { file, line } = location;
  return `${line === undefined ? file : `${file}:${line}`}: ${message}`;
}

function changed({ part, option, before, now }: EngineEvent & { type: "part-changed" }): string {
  if (now === undefined) return `Part ${part}, dropped option ${option}.`;
  if (before === undefined) return `Part ${part}, new option ${option}.`;
  return `Part ${part}, option ${option} changed:\n${repr(now)} != ${repr(before)}`;
}

type ConfigurationEvent = EngineEvent & { type: "configuration" };

function configurationText(sections: ConfigurationEvent["sections"]): string {
  return sections.map(({ name, options }) => formatSection(name, Object.entries(options))).join("");
}

/** zc.buildout's text for an event; undefined if it has none. Over 80 lines: one table for all events. */
export function engineText(event: EngineEvent): Said | undefined {
  switch (event.type) {
    case "notice":
      return always(event.message);
    case "print":
      return always(event.text);
    case "configuration":
      return always(`\nConfiguration data:\n${configurationText(event.sections)}\n`);
    case "warning": {
      const { message, file, line } = event;
      const location =
        file === undefined ? undefined : { file, ...(line !== undefined && { line }) };
      return warning(warningText({ message, location }));
    }
    case "socket-timeout":
      return event.seconds === undefined
        ? warning(
            `Default socket timeout is used !\nValue in configuration is not numeric: [${event.value}].\n`,
          )
        : info(`Setting socket time out to ${event.seconds} seconds.`);
    case "unused-options":
      return warning(
        `Section \`${event.section}\` contains unused option(s): ${event.options.map(repr).join(" ")}.\n` +
          "This may be an indication for either a typo in the option's name or a bug in the used recipe.",
      );
    case "directory-creating":
      return info(`Creating directory ${repr(event.path)}.`);
    case "file-creating":
      return always(`Creating ${repr(event.path)}.`);
    case "script-generated":
      return info(`Generated script ${repr(event.path)}.`);
    case "buildout-running":
      return warning(`${runningText(event.directory, event)}; waiting for it to end.`);
    case "waiting": {
      const process = event.pid ? ` (process ${event.pid})` : "";
      return info(`Waiting for another buildout${process} that installs into ${event.directory}.`);
    }
    case "develop":
      return info(`Develop: ${repr(event.path)}`);
    case "develop-missing":
      return warning(`Couldn't develop ${repr(event.path)} (not found)`);
    case "part-changed":
      return debug(changed(event));
    case "part-uninstalling":
      return info(`Uninstalling ${event.part}.`);
    case "part-recipe-gone":
      return debug(`Part ${event.part}, recipe not available any more: ${event.message}`);
    case "part-uninstall-recipe":
      return info("Running uninstall recipe.");
    case "part-installing":
      return info(`Installing ${event.part}.`);
    case "part-without-paths":
      return warning(
        `The ${event.part} install returned None.  A path or iterable os paths should be returned.`,
      );
    case "part-updating":
      return info(`Updating ${event.part}.`);
    case "part-without-update":
      return warning(
        `The recipe for ${event.part} doesn't define an update method. Using its install method.`,
      );
    case "part-not-cleaned":
      return warning(`Couldn't clean up ${repr(event.path)}.`);
    case "pip-preparing":
      return info(`Making a pip for ${event.executable}.`);
    case "distribution-getting":
      return event.kind === "python"
        ? info(`Getting distribution for '${event.requirement}'.`)
        : undefined;
    case "distribution-got":
      return event.kind === "python" ? info(`Got ${event.name} ${event.version}.`) : undefined;
    case "distribution-built":
      return debug(`Got ${event.name} ${event.version}.`);
    case "versions-picked":
      return always(
        "Versions had to be automatically picked.\n" +
          "The following part definition lists the versions picked:\n" +
          formatPicked(event.versions).join("\n"),
      );
    case "versions-written":
      return always(`Picked versions have been written to ${event.path}`);
    case "setup-running":
      return info(`Running setup script ${repr(event.script)}.`);
    case "output":
      return debug(event.line);
    case "log": {
      const { level, part, message } = event;
      return { level: LEVEL_OF[level], message, ...(part !== undefined && { part }) };
    }
    // The caller prints errors and plans, since it knows about colors and the directory.
    case "plan":
    case "error":
    case "configured":
    case "developed":
    case "part-uninstalled":
    case "part-installed":
    case "part-updated":
    case "part-kept":
    case "downloaded":
    case "done":
      return undefined;
    default:
      return unreachable(event);
  }
}

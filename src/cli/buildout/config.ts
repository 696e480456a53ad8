import type { Configuration } from "../../config/merge/configuration.ts";
import { initialize } from "../../config/resolve/initialize.ts";
import { Sections } from "../../config/resolve/sections.ts";
import { BuildoutError } from "../../errors/error.ts";
import { type ErrorData, errorData } from "../../events/error-data.ts";
import { type Resolved, resolvedJson, resolvedText } from "../../report/resolved.ts";
import { type BuildoutCommand, JSON_OPTION } from "./command.ts";
import { loadShown } from "./requests.ts";

export const config: BuildoutCommand = {
  name: "config",
  arguments: "[SECTION[:OPTION]...]",
  options: [JSON_OPTION],
  summary: "Print the substituted configuration; load no recipes",
  details: `A section that cannot be resolved is shown with its error, followed by the others.
A single SECTION:OPTION prints the bare value. The exit status is 1 if [buildout]
or a requested section cannot be resolved.`,
  example: "config web:port",
  async run(call) {
    const { text, failed } = configCommand(await loadShown(call), call.args, call.json);
    call.environment.write(`${text}\n`);
    return failed ? 1 : 0;
  },
};

export interface ConfigResult {
  text: string;
  /** [buildout] or a requested section could not be resolved. */
  failed: boolean;
}

interface Request {
  section: string;
  /** undefined: all of the section. */
  option: string | undefined;
}

function parseRequest(argument: string): Request {
  const colon = argument.indexOf(":");
  if (colon < 0) return { section: argument, option: undefined };
  return { section: argument.slice(0, colon) || "buildout", option: argument.slice(colon + 1) };
}

function attempt<T>(action: () => T): T | { error: ErrorData } {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    return { error: errorData(error) };
  }
}

/** All or some options of each requested section, in the order requested. */
function resolveAll(sections: Sections, requests: Request[]): Map<string, Resolved> {
  const results = new Map<string, Resolved>();
  for (const { section, option } of requests) {
    const found = attempt<ReadonlyMap<string, string>>(() => {
      const resolved = sections.resolve(section);
      return option === undefined
        ? new Map(resolved.entries())
        : new Map([[option, resolved.require(option)]]);
    });
    const before = results.get(section);
    const joined =
      before && !("error" in found) && !("error" in before)
        ? new Map([...before, ...found])
        : found;
    results.set(section, joined);
  }
  return results;
}

/** The error of [buildout] as a whole, for its entry in the results. Broken pins are reported as such. */
function startingError(
  configuration: Configuration,
  sections: Sections,
): { error: ErrorData } | undefined {
  const started = attempt(() => initialize(configuration, sections));
  if (!("error" in started)) return undefined;
  const pins = configuration.sections.get("buildout")?.get("versions") ?? "";
  return started.error.while?.includes(`Getting section ${pins}.`) ? undefined : started;
}

/**
 * `buildout config`: the configuration with references substituted, without loading recipes. Shows all
 * sections, or each `SECTION` or `SECTION:OPTION` given.
 */
export function configCommand(
  configuration: Configuration,
  args: readonly string[],
  json: boolean,
): ConfigResult {
  const sections = new Sections(configuration);
  const broken = startingError(configuration, sections);
  const named = args.map(parseRequest);
  const requests =
    named.length > 0
      ? named
      : sections
          .names()
          .sort()
          .map((section) => ({ section, option: undefined }));
  const results = resolveAll(sections, requests);
  if (broken !== undefined && results.has("buildout")) results.set("buildout", broken);
  const failed = broken !== undefined || [...results.values()].some((result) => "error" in result);
  if (json) return { text: resolvedJson(results), failed };
  const only = named.length === 1 ? named[0]! : undefined;
  const result = only?.option === undefined ? undefined : results.get(only.section);
  if (result && !("error" in result)) return { text: [...result.values()][0]!, failed };
  return { text: resolvedText(results), failed };
}

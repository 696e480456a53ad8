import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { nativeRecipes } from "../../../recipes/index.ts";
import { completions, parseDevelop } from "../../../recipes/mr-developer/commands/index.ts";
import { developedPackages, openProject } from "../../../recipes/mr-developer/project.ts";
import { readState, STATE_FILE } from "../../../recipes/mr-developer/state.ts";
import { Buildout } from "../../buildout/run/buildout.ts";
import { load } from "../../config/merge/load.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { EngineEvent } from "../../events/engine.ts";
import { LEVELS } from "../../events/levels.ts";
import { logOf } from "../../events/log.ts";
import type { Reporter } from "../../events/reporter.ts";
import { publicApi } from "../../program/public-api.ts";
import { VERSION } from "../../program/version.ts";
import { engineText } from "../../report/engine-text.ts";
import { parseArguments } from "./arguments.ts";
import type { Environment } from "./command.ts";

/** The nearest directory, from `directory` upwards, where mr.developer has written its state. */
function findBuildout(directory: string): string {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, STATE_FILE))) return folder;
    if (folder === dirname(folder)) {
      throw new BuildoutError(
        "no-buildout",
        `You are not in a path which has mr.developer installed (${STATE_FILE} not found).`,
        { hint: "Run bin/buildout with `extensions = mr.developer` first." },
      );
    }
  }
}

const NAMES = new Map<number, string>(
  Object.entries(LEVELS).map(([name, level]) => [level, name] as const),
);

/** Prints messages as `LEVEL: text` on stderr; of the engine, which only reads here, only warnings. */
function developReporter({ write, warn }: Environment): Reporter<EngineEvent> {
  return (event) => {
    const said = engineText(event);
    if (said === undefined) return;
    const { level, message } = said;
    if (level === "always") {
      write(`${message}\n`);
      return;
    }
    const least = said.part === undefined ? LEVELS.WARNING : LEVELS.INFO;
    if (level >= least) warn(`${NAMES.get(level)}: ${message}\n`);
  };
}

/**
 * `buildout develop ...`, which `bin/develop` calls: commands for the packages of mr.developer, on
 * the configuration that the last run of buildout used. Returns the exit status.
 */
export async function developCommand(
  argv: readonly string[],
  environment: Environment,
): Promise<number> {
  const { write, env, ask } = environment;
  const print = (line: string) => write(`${line}\n`);
  const request = parseDevelop(argv);
  if (request.kind === "text") {
    write(request.text);
    return 0;
  }
  if (request.kind === "version") {
    print(`hostout ${VERSION}`);
    return 0;
  }
  const directory = findBuildout(environment.directory);
  process.chdir(directory);
  const report = developReporter(environment);
  const log = logOf(report, "mr.developer");
  const recorded = parseArguments(readState(directory, log).buildoutArguments.slice(1));
  const configuration = await load({
    directory,
    file: recorded.file,
    assignments: recorded.assignments,
    userDefaults: recorded.userDefaults,
    env,
    notify: (notice) => environment.warn(`${notice}\n`),
  });
  const buildout = await Buildout.open({
    configuration,
    report,
    recipes: nativeRecipes,
    api: publicApi,
    signal: environment.signal,
  });
  const project = await openProject(buildout, log);
  const develop = (await buildout.section("buildout")).get("develop") ?? "";
  const developed = new Set(developedPackages(project, develop).paths.keys());
  const context = { project, developed, log, ask, print };
  if (request.kind === "completion") {
    print(completions(request.command, context));
    return 0;
  }
  return (await request.command.run(context, request.args)) ?? 0;
}

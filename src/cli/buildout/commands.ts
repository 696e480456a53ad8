import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { nativeExtensions, nativeRecipes } from "../../../recipes/index.ts";
import { bootstrap } from "../../buildout/run/bootstrap.ts";
import { type BuildoutRequest, placed } from "../../buildout/run/buildout.ts";
import { writeInitialConfiguration } from "../../buildout/run/init.ts";
import { install } from "../../buildout/run/install.ts";
import type { Program } from "../../buildout/run/launcher.ts";
import type { Configuration } from "../../config/merge/configuration.ts";
import { load } from "../../config/merge/load.ts";
import type { BuildoutError } from "../../errors/error.ts";
import { isUrl } from "../../pythonic/path.ts";
import type { Paint } from "../../report/colour.ts";
import { logOutput } from "../../report/log.ts";
import { annotateCommand } from "./annotate.ts";
import type { BuildoutArguments } from "./arguments.ts";
import { configCommand } from "./config.ts";
import { lintCommand } from "./lint.ts";
import { queryCommand } from "./query.ts";

/** What a command is given beside its arguments. */
export interface Surroundings {
  /** The working directory. */
  directory: string;
  env: Record<string, string | undefined>;
  /** Text for standard output. */
  write(text: string): void;
  /** Text for standard error. */
  warn(text: string): void;
  paint: Paint;
  /** The command line: the script that was called, and its arguments. */
  argv: readonly string[];
  /** The line that answers a question; undefined where nobody is there. */
  ask(question: string): Promise<string | undefined>;
  /** What `bin/buildout` has to start. */
  program: Program;
  signal: AbortSignal;
}

function loadConfiguration(
  parsed: Omit<BuildoutArguments, "file"> & { file: string | undefined },
  { directory, env }: Surroundings,
  notify: (text: string) => void,
  onError?: (error: BuildoutError) => void,
): Promise<Configuration> {
  return load({
    ...(onError && { onError }),
    directory,
    file: parsed.file,
    assignments: parsed.assignments,
    userDefaults: parsed.userDefaults,
    env,
    notify: (notice) => notify(`${notice}\n`),
  });
}

function buildoutRequest(
  configuration: Configuration,
  { commandGiven }: BuildoutArguments,
  { write, paint, signal, argv, ask }: Surroundings,
): BuildoutRequest {
  return {
    configuration,
    output: logOutput(write, paint),
    recipes: nativeRecipes,
    extensions: nativeExtensions({
      argv,
      commandGiven,
      ask,
      print: (line) => write(`${line}\n`),
    }),
    api: () => import("../../index.ts"),
    signal,
  };
}

async function init(parsed: BuildoutArguments, around: Surroundings): Promise<void> {
  const { directory, write, program } = around;
  writeInitialConfiguration(resolve(directory, parsed.file), parsed.commandArguments, (text) =>
    write(`${text}\n`),
  );
  const configuration = await loadConfiguration(parsed, around, write);
  await bootstrap(buildoutRequest(configuration, parsed, around), program);
  // A second run in the same process: its folders are there, its log lines are not repeated.
  if (parsed.commandArguments.length > 0) {
    await install(buildoutRequest(configuration, parsed, around), []);
  }
}

async function setupCommand(parsed: BuildoutArguments, around: Surroundings): Promise<void> {
  const { setup } = await import("../../buildout/run/setup.ts");
  // As in zc.buildout, `setup` does without a configuration and `runsetup` does not.
  const needed = parsed.command === "runsetup" || isUrl(parsed.file);
  const file =
    needed || existsSync(resolve(around.directory, parsed.file)) ? parsed.file : undefined;
  const configuration = await loadConfiguration({ ...parsed, file }, around, around.write);
  await setup(buildoutRequest(configuration, parsed, around), parsed.commandArguments);
}

/** Runs the command that the arguments name. Returns the exit status; errors are thrown. */
export async function runCommand(parsed: BuildoutArguments, around: Surroundings): Promise<number> {
  const { write } = around;
  const { command } = parsed;
  const json = parsed.commandArguments.includes("--json");
  const args = parsed.commandArguments.filter((argument) => argument !== "--json");
  // What is written as JSON has nothing else beside it.
  const configuration = (onError?: (error: BuildoutError) => void) =>
    loadConfiguration(parsed, around, json ? around.warn : write, onError);
  const shown = async () => {
    const loaded = await configuration();
    for (const warning of loaded.warnings) around.warn(`${placed(warning)}\n`);
    return loaded;
  };
  switch (command) {
    case "lint": {
      const { directory, paint } = around;
      const { text, failed } = await lintCommand(configuration, {
        directory,
        file: parsed.file,
        json,
        paint,
      });
      write(text);
      return failed ? 1 : 0;
    }
    case "setup":
    case "runsetup":
      await setupCommand(parsed, around);
      return 0;
    case "new-recipe": {
      const { newRecipeCommand } = await import("./new-recipe.ts");
      write(newRecipeCommand(parsed.commandArguments, around.directory));
      return 0;
    }
    case "init":
      await init(parsed, around);
      return 0;
    case "bootstrap":
      await bootstrap(buildoutRequest(await configuration(), parsed, around), around.program);
      return 0;
    case "annotate":
      for (const piece of annotateCommand(await shown(), args, json)) write(piece);
      return 0;
    case "query":
      write(`${queryCommand(await shown(), args)}\n`);
      return 0;
    case "config": {
      const { text, failed } = configCommand(await shown(), args, json);
      write(`${text}\n`);
      return failed ? 1 : 0;
    }
    default:
      await install(buildoutRequest(await configuration(), parsed, around), args);
      return 0;
  }
}

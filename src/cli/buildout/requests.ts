import { writeFileSync } from "node:fs";
import { nativeExtensions, nativeRecipes } from "../../../recipes/index.ts";
import type { Configuration } from "../../config/merge/configuration.ts";
import { load, userConfiguration } from "../../config/merge/load.ts";
import type { BuildoutRequest } from "../../contract/engine.ts";
import type { BuildoutError } from "../../errors/error.ts";
import { publicApi } from "../../program/public-api.ts";
import { warningText } from "../../report/engine-text.ts";
import type { CommandCall, Environment } from "./command.ts";

/** Loads the files named on the command line; with `file: undefined`, none at all. */
export function loadConfiguration(
  { parsed, json, events, environment }: CommandCall,
  request: { file?: string | undefined; onError?: (error: BuildoutError) => void } = {},
): Promise<Configuration> {
  const { directory, env, warn, report } = environment;
  return load({
    directory,
    file: parsed.file,
    assignments: parsed.assignments,
    userDefaults: parsed.userDefaults,
    env,
    notify(message) {
      // Nothing else is printed with JSON output.
      if (json && !events) warn(`${message}\n`);
      else report({ type: "notice", message });
    },
    ...request,
  });
}

/** The same with its warnings, for commands that show it. */
export async function loadShown(call: CommandCall): Promise<Configuration> {
  const loaded = await loadConfiguration(call);
  for (const warning of loaded.warnings) call.environment.warn(`${warningText(warning)}\n`);
  return loaded;
}

/** What the engine needs besides the configuration. */
export function buildoutRequest(
  configuration: Configuration,
  { parsed, environment }: CommandCall,
): BuildoutRequest {
  const { report, signal, argv, ask, shown, program } = environment;
  return {
    configuration,
    report,
    recipes: nativeRecipes,
    extensions: nativeExtensions({
      argv,
      commandGiven: parsed.commandGiven,
      ask,
      print: (text) => report({ type: "print", text }),
    }),
    api: publicApi,
    signal,
    shown,
    lockWait: parsed.lockWait,
    onSettled: settledWriter(environment),
    compiled: program.compiled,
  };
}

/** Names the file in which a deployment expects to find what the next run would look at. */
const SETTLED = "HOSTOUT_SETTLED";

function settledWriter({ env, program }: Environment): BuildoutRequest["onSettled"] {
  const file = env[SETTLED];
  // Not for buildouts that a part runs.
  delete env[SETTLED];
  if (!file) return undefined;
  return (paths) => {
    const own = [program.module, process.execPath, userConfiguration(env)];
    writeFileSync(file, [...own, ...paths].map((path) => `${path}\n`).join(""));
  };
}

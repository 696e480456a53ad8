import { nativeExtensions, nativeRecipes } from "../../../recipes/index.ts";
import type { Configuration } from "../../config/merge/configuration.ts";
import { load } from "../../config/merge/load.ts";
import type { BuildoutRequest } from "../../contract/engine.ts";
import type { BuildoutError } from "../../errors/error.ts";
import { publicApi } from "../../program/public-api.ts";
import { warningText } from "../../report/engine-text.ts";
import type { CommandCall } from "./command.ts";

/** Loads what the command line names; with `file: undefined` no file at all. */
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
      // What is written as JSON has nothing else beside it.
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

/** What the engine needs beside the configuration. */
export function buildoutRequest(
  configuration: Configuration,
  { parsed, environment }: CommandCall,
): BuildoutRequest {
  const { report, signal, argv, ask, shown } = environment;
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
  };
}

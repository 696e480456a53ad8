import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { nativeRecipes } from "../../../recipes/index.ts";
import type { Finding } from "../../buildout/lint/lint.ts";
import type { Configuration } from "../../config/merge/configuration.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { Paint } from "../../report/colour.ts";
import { findingsJson, findingsText } from "../../report/findings.ts";
import { type BuildoutCommand, JSON_OPTION } from "./command.ts";
import { loadConfiguration } from "./requests.ts";

export const lint: BuildoutCommand = {
  name: "lint",
  arguments: "none",
  options: [JSON_OPTION],
  summary: "Show everything that is wrong with the configuration",
  details: `Lines that cannot be read, references that lead nowhere and recipes that are
in no place are errors. Sections, options and pins that nothing uses, options
that are set twice, misspelt options of hostout parts and private keys of hosts that git
has are warnings. Only native
recipes are loaded. The exit status is 1 when there are errors.`,
  example: "lint --json",
  async run(call) {
    const { directory, paint, write } = call.environment;
    const home = call.environment.env.HOME;
    const request = { directory, home, file: call.parsed.file, json: call.json, paint };
    const load = (onError: (error: BuildoutError) => void) => loadConfiguration(call, { onError });
    const { text, failed } = await lintCommand(load, request);
    write(text);
    return failed ? 1 : 0;
  },
};

interface LintResult {
  text: string;
  /** Whether there is an error among the findings. */
  failed: boolean;
}

interface LintRequest {
  /** The working directory, and the main file as named on the command line. */
  directory: string;
  home: string | undefined;
  file: string;
  json: boolean;
  paint: Paint;
}

/**
 * `buildout lint`: everything wrong with the configuration that `load` gives. What `load` itself
 * tells or throws is a finding, too.
 */
async function lintCommand(
  load: (onError: (error: BuildoutError) => void) => Promise<Configuration>,
  { directory, home, file, json, paint }: LintRequest,
): Promise<LintResult> {
  const { errorFinding, lint: findAll } = await import("../../buildout/lint/lint.ts");
  let findings: Finding[];
  const errors: BuildoutError[] = [];
  try {
    const configuration = await load((error) => errors.push(error));
    const mainFolder = dirname(resolve(directory, file));
    findings = await findAll({
      configuration,
      errors,
      recipes: nativeRecipes,
      directory: mainFolder,
    });
    if (existsSync(mainFolder)) {
      const { exposedKeys } = await import("./private-keys.ts");
      findings = [...findings, ...(await exposedKeys(configuration, mainFolder, home))];
    }
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    findings = [...errors, error].map(errorFinding);
  }
  const text = json ? findingsJson(findings) : findingsText(findings, directory, paint);
  return { text, failed: findings.some(({ severity }) => severity === "error") };
}

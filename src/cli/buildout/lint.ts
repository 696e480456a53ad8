import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { nativeRecipes } from "../../../recipes/index.ts";
import type { OptionDefinition } from "../../arguments/grammar.ts";
import type { Finding } from "../../buildout/lint/lint.ts";
import type { Configuration } from "../../config/merge/configuration.ts";
import { BuildoutError } from "../../errors/error.ts";
import { VERSION } from "../../program/version.ts";
import { type BuildoutCommand, type CommandCall, JSON_OPTION } from "./command.ts";
import { loadConfiguration } from "./requests.ts";

const FORMAT_OPTION: OptionDefinition = {
  name: "format",
  long: "format",
  value: {
    placeholder: "github|sarif|json",
    called: "format",
    choices: ["github", "sarif", "json"],
  },
  help: "Print GitHub annotations, a SARIF log or JSON",
};

export const lint: BuildoutCommand = {
  name: "lint",
  arguments: "none",
  options: [JSON_OPTION, FORMAT_OPTION],
  summary: "Check the configuration and report every problem",
  details: `Unreadable lines, references to nothing and recipes that cannot be found are
errors. Unused sections, options and pins, options that are set twice, misspelled
options of hostout parts, and private keys of hosts in git are warnings. Only
native recipes are loaded. The exit status is 1 if there are errors.
--format github prints workflow commands for GitHub Actions, which shows the
findings at their lines; --format sarif is for other tools.`,
  example: "lint --format github",
  async run(call) {
    const format = formatOf(call);
    const findings = await findingsOf(call);
    call.environment.write(await shown(findings, format, call));
    return findings.some(({ severity }) => severity === "error") ? 1 : 0;
  },
};

type Format = "text" | "github" | "sarif" | "json";

function formatOf({ json, given }: CommandCall): Format {
  // The table of options has checked the value.
  const format = given.get("format") as Format | undefined;
  if (json && format !== undefined && format !== "json") {
    throw new BuildoutError("usage", "'--format' and '--json' cannot be used together.");
  }
  return format ?? (json ? "json" : "text");
}

/** All problems of the configuration. Warnings and errors from loading it are findings, too. */
async function findingsOf(call: CommandCall): Promise<Finding[]> {
  const { errorFinding, lint: findAll } = await import("../../buildout/lint/lint.ts");
  const errors: BuildoutError[] = [];
  let configuration: Configuration;
  try {
    configuration = await loadConfiguration(call, { onError: (error) => errors.push(error) });
    const folder = mainFolder(call);
    const findings = await findAll({
      configuration,
      errors,
      recipes: nativeRecipes,
      directory: folder,
    });
    if (!existsSync(folder)) return findings;
    const { exposedKeys } = await import("./private-keys.ts");
    const { HOME } = call.environment.env;
    return [...findings, ...(await exposedKeys(configuration, folder, HOME))];
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    return [...errors, error].map(errorFinding);
  }
}

/** The directory of the main file, as named on the command line. */
function mainFolder({ environment, parsed }: CommandCall): string {
  return dirname(resolve(environment.directory, parsed.file));
}

async function shown(
  findings: readonly Finding[],
  format: Format,
  { environment, parsed }: CommandCall,
): Promise<string> {
  const { directory, env, paint } = environment;
  if (format === "github" || format === "sarif") {
    const forms = await import("../../report/findings-elsewhere.ts");
    // Where the CI job has checked the repository out: findings are shown relative to it.
    const base = env.GITHUB_WORKSPACE || directory;
    if (format === "github") return forms.findingsGithub(findings, base);
    const main = { file: resolve(directory, parsed.file) };
    return forms.findingsSarif(findings, { base, main, version: VERSION });
  }
  const { findingsJson, findingsText } = await import("../../report/findings.ts");
  return format === "json" ? findingsJson(findings) : findingsText(findings, directory, paint);
}

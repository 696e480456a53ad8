import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { PythonBridge, type PythonCode } from "../../bridge/bridge.ts";
import { evaluateCondition } from "../../config/conditions/condition.ts";
import { interpreter } from "../../config/conditions/interpreter.ts";
import type { Configuration } from "../../config/merge/configuration.ts";
import { parse } from "../../config/syntax/parse.ts";
import type { Extension, ExtensionContext } from "../../contract/extension.ts";
import type { FoundRecipe } from "../../contract/found-recipe.ts";
import type { InstalledPaths, RecipeDefinition } from "../../contract/recipe.ts";
import { readEntryPoints } from "../../distributions/python/entry-points.ts";
import { readInterpreter } from "../../distributions/python/interpreter.ts";
import type { PythonDistribution } from "../../distributions/python/python-distribution.ts";
import { normalizeName, readRequirement } from "../../distributions/python/requirement.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { codeWorkingSet, EGG_RECIPES, FACADES, partWorkingSet } from "../kit/provided.ts";
import { contentHash } from "./signature.ts";

/** The buildout as Python code may change it. */
export interface PythonContext extends ExtensionContext {
  readonly request: { readonly configuration: Configuration; readonly signal?: AbortSignal };
  versions: ReadonlyMap<string, string>;
}

function bridgeFor(buildout: PythonContext): PythonBridge {
  const { configuration, signal } = buildout.request;
  return new PythonBridge(
    {
      directory: buildout.directory,
      binDirectory: buildout.binDirectory,
      eggsDirectory: buildout.eggsDirectory,
      logLevel: buildout.logLevel,
      log: buildout.log,
      facades: FACADES,
      raw: configuration.sections,
      get parts() {
        return buildout.parts;
      },
      get versions() {
        return buildout.versions;
      },
      logger: (name) => buildout.logger(name),
      section: (name) => buildout.section(name),
      setVersions: (versions) => {
        buildout.versions = versions;
      },
      parse: (text) => parseSections(text, configuration),
      workingSet: (requirements, options) => partWorkingSet(buildout, requirements, options),
      buildEgg: (requirement, build, options) => buildout.buildEgg(requirement, build, options),
      developPackage: (folder, build) => buildout.developPackage(folder, build),
      recipeExecutable: () => recipeExecutable(buildout),
    },
    signal,
  );
}

async function recipeExecutable(buildout: PythonContext): Promise<string> {
  const options = await buildout.section("buildout");
  const executable = resolve(buildout.directory, options.require("executable"));
  if (options.location("executable") !== undefined || !existsSync(executable)) return executable;
  // Not the shim of pyenv that was found on the PATH.
  return readInterpreter(executable, buildout.directory).facts().executable;
}

function parseSections(text: string, configuration: Configuration) {
  const { workingDirectory: directory, sections } = configuration;
  const executable = sections.get("buildout")?.get("executable");
  const { env } = process;
  const python = interpreter(executable, env, directory);
  const name = "<parsed text>";
  const parsed = parse(text, name, (expression, line) =>
    evaluateCondition(expression, { file: name, line }, { python, env, directory }),
  );
  const values = (options: ReadonlyMap<string, { value: string }>) =>
    new Map([...options].map(([option, { value }]) => [option, value]));
  return new Map([...parsed.sections].map(([section, options]) => [section, values(options)]));
}

/** zc.buildout's: content of what is developed, folder names of the others. */
function signatureOf(distributions: readonly PythonDistribution[]): string {
  const texts = distributions.map(({ name, location, developed }) =>
    developed ? `${name}-${contentHash(location)}` : basename(location),
  );
  return [...new Set(texts)].sort().join(" ");
}

const EGG = "zc.recipe.egg";

/** The recipes and extensions of one run that are written in Python. */
export class PythonRecipes {
  private readonly buildout: PythonContext;
  private readonly bridge: PythonBridge;

  constructor(buildout: PythonContext) {
    this.buildout = buildout;
    this.bridge = bridgeFor(buildout);
  }

  /**
   * The recipe that the distribution `requirement` declares as `entry`, installed if it is
   * missing. Throws `missing-entry-point` and what `workingSet` throws.
   */
  async find(requirement: string, entry: string): Promise<FoundRecipe> {
    const name = readRequirement(requirement)?.key;
    if (name === normalizeName(EGG)) return this.eggRecipe(entry);
    const distributions = await this.workingSet([requirement]);
    const distribution = distributions.find((one) => normalizeName(one.name) === name);
    const groups = distribution && readEntryPoints(distribution);
    const entryPoint = groups?.get("zc.buildout")?.get(entry);
    if (!distribution || !entryPoint) {
      const known = [...(groups?.get("zc.buildout")?.keys() ?? [])];
      throw missingEntryPoint(requirement, entry, known, distribution);
    }
    const title = `recipe ${requirement}${entry === "default" ? "" : `:${entry}`}`;
    const code: PythonCode = { title, distribution, distributions, entryPoint };
    const uninstaller = groups?.get("zc.buildout.uninstall")?.get(entry);
    let signature: string | undefined;
    return {
      definition: this.definition(
        code,
        uninstaller && { ...code, title: `uninstall ${title}`, entryPoint: uninstaller },
      ),
      entry,
      signature: () => {
        signature ??= signatureOf(distributions);
        return signature;
      },
    };
  }

  /** A recipe of our own zc.recipe.egg: where `native-recipes` leaves the name to Python. */
  private eggRecipe(entry: string): FoundRecipe {
    const attributes = EGG_RECIPES.get(entry);
    if (attributes === undefined) throw missingEntryPoint(EGG, entry, [...EGG_RECIPES.keys()]);
    const entryPoint = { name: entry, module: EGG, attributes, extras: [] };
    const code: PythonCode = { title: `recipe ${EGG}`, distributions: [], entryPoint };
    const signature = () => `${EGG}-${FACADES.get(EGG)}`;
    return { definition: this.definition(code, undefined), entry, signature };
  }

  /** One extension for each entry point in what `names` need, as zc.buildout calls them all. */
  async extensions(names: readonly string[]): Promise<Extension[]> {
    const { bridge } = this;
    const distributions = await this.workingSet(names);
    const inGroup = (group: string) =>
      distributions.flatMap((distribution) =>
        [...(readEntryPoints(distribution).get(group)?.values() ?? [])].map((entryPoint) => ({
          title: `extension ${distribution.name}`,
          distribution,
          distributions,
          entryPoint,
        })),
      );
    return [
      ...inGroup("zc.buildout.extension").map((code) => ({ default: () => bridge.extend(code) })),
      ...inGroup("zc.buildout.unloadextension").map((code) => ({
        unload: () => bridge.extend(code),
      })),
    ];
  }

  close(): Promise<void> {
    return this.bridge.close();
  }

  private async workingSet(requirements: readonly string[]): Promise<PythonDistribution[]> {
    const { buildout } = this;
    return codeWorkingSet(buildout, requirements, await recipeExecutable(buildout));
  }

  private definition(code: PythonCode, uninstaller: PythonCode | undefined): RecipeDefinition {
    const { bridge } = this;
    return {
      description: `The ${code.title}, in Python.`,
      init: (part) => bridge.construct(part, code),
      install: (part): Promise<InstalledPaths> => bridge.install(part.name, code, "install"),
      update: (part) => bridge.install(part.name, code, "update"),
      ...(uninstaller && {
        uninstall: (name: string, options: ReadonlyMap<string, string>) =>
          bridge.uninstall(name, uninstaller, options),
      }),
      distributions: async (part) =>
        [...code.distributions, ...bridge.distributions(part.name)].filter(
          ({ developed }) => !developed,
        ),
    };
  }
}

function missingEntryPoint(
  requirement: string,
  entry: string,
  known: readonly string[],
  found?: PythonDistribution,
): BuildoutError {
  const subject = found ? `${found.name} ${found.version}` : requirement;
  const which =
    known.length === 0
      ? "It is a Python package without recipes: none in the entry point group zc.buildout."
      : `It has ${known.map((name) => `'${name}'`).join(", ")}.`;
  const hint = [didYouMean(entry, known), which].filter(Boolean).join("\n");
  return new BuildoutError("missing-entry-point", `${subject} has no recipe '${entry}'.`, { hint });
}

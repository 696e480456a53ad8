import { basename } from "node:path";
import { PythonBridge, type PythonCode } from "../../bridge/bridge.ts";
import { codeWorkingSet, EGG_RECIPES, FACADES } from "../../bridge/provided.ts";
import { type EarlyInterpreter, recipeExecutable } from "../../bridge/recipe-executable.ts";
import { during } from "../../contract/during.ts";
import type { EngineContext, PythonCodes } from "../../contract/engine.ts";
import type { Extension } from "../../contract/extension.ts";
import type { FoundRecipe } from "../../contract/found-recipe.ts";
import type { InstalledPaths, RecipeDefinition } from "../../contract/recipe.ts";
import type { PythonDistribution } from "../../distributions/python/python-distribution.ts";
import { normalizeName, readRequirement } from "../../distributions/python/requirement.ts";
import { readEntryPoints } from "../../distributions/python/scripts/entry-points.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { repr } from "../../pythonic/text.ts";
import { contentHash } from "./signature.ts";

/**
 * As in zc.buildout: content of develop packages, directory names of others. Not the content of the
 * interpreter's own directory, which the original includes, since that changes for many reasons.
 */
function signatureOf(distributions: readonly PythonDistribution[]): string {
  const texts = distributions.map(({ name, version, location, developed, shared }) => {
    if (developed) return `${name}-${contentHash(location)}`;
    return shared ? `${name}-${version}` : basename(location);
  });
  return [...new Set(texts)].sort().join(" ");
}

const EGG = "zc.recipe.egg";

/** The Python recipes and extensions of one run. */
export class PythonRecipes implements PythonCodes {
  private readonly buildout: EngineContext;
  private readonly bridge: PythonBridge;
  /** Distributions required by the recipes and extensions found so far, by name and version. */
  private readonly needed = new Map<string, PythonDistribution>();

  constructor(buildout: EngineContext, interpreter: EarlyInterpreter | undefined) {
    this.buildout = buildout;
    this.bridge = new PythonBridge(buildout, interpreter);
  }

  /**
   * The recipe that the distribution `requirement` declares as `entry`, installed if it is missing. Throws
   * `missing-entry-point` and the errors of `workingSet`.
   */
  async find(requirement: string, entry: string): Promise<FoundRecipe> {
    const name = readRequirement(requirement)?.key;
    if (name === normalizeName(EGG)) return this.eggRecipe(entry);
    const distributions = await during(`Installing recipe ${requirement}.`, () =>
      this.workingSet([requirement]),
    );
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

  /** A recipe of our own zc.recipe.egg, if `native-recipes` excludes the name. */
  private eggRecipe(entry: string): FoundRecipe {
    const attributes = EGG_RECIPES.get(entry);
    if (attributes === undefined) throw missingEntryPoint(EGG, entry, [...EGG_RECIPES.keys()]);
    const entryPoint = { name: entry, module: EGG, attributes, extras: [] };
    const code: PythonCode = { title: `recipe ${EGG}`, distributions: [], entryPoint };
    const signature = () => `${EGG}-${FACADES.get(EGG)}`;
    return { definition: this.definition(code, undefined), entry, signature };
  }

  /** One extension for each entry point in the working set of `names`, all of which zc.buildout calls. */
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

  /** See `PythonCodes.finish`. */
  finish(): Promise<{ report(): Promise<void> } | undefined> {
    return this.bridge.finish();
  }

  close(): Promise<void> {
    return this.bridge.close();
  }

  private async workingSet(requirements: readonly string[]): Promise<PythonDistribution[]> {
    const { buildout } = this;
    const found = await codeWorkingSet(buildout, requirements, await recipeExecutable(buildout));
    // Pins and picks of one recipe are visible to the others, as in zc.buildout's own process.
    const first = found.map((one) => this.needed.get(`${one.name} ${one.version}`) ?? one);
    for (const one of first) this.needed.set(`${one.name} ${one.version}`, one);
    return found.map((one, at) => ({ ...one, picked: first[at]!.picked }));
  }

  /** Distributions required by the recipes and extensions of this run, including those of uninstalled parts. */
  get distributions(): PythonDistribution[] {
    return [...this.needed.values()].filter(({ developed }) => !developed);
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

/** The distribution has no such `entry`. */
function missingEntryPoint(
  requirement: string,
  entry: string,
  known: readonly string[],
  found?: PythonDistribution,
): BuildoutError {
  const subject = found ? `${found.name} ${found.version}` : requirement;
  const which =
    known.length === 0
      ? "This Python package has no recipes: its entry point group zc.buildout is empty."
      : `It has ${known.map((name) => `'${name}'`).join(", ")}.`;
  const hint = [didYouMean(entry, known), which].filter(Boolean).join("\n");
  const spec = entry === "default" ? requirement : `${requirement}:${entry}`;
  return new BuildoutError("missing-entry-point", `${subject} has no recipe '${entry}'.`, {
    while: [`Loading recipe ${repr(spec)}.`],
    hint,
  });
}

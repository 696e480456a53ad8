import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { whileDoing } from "../../config/merge/configuration.ts";
import { during } from "../../contract/during.ts";
import type { EngineContext } from "../../contract/engine.ts";
import type { FoundRecipe } from "../../contract/found-recipe.ts";
import { NOT_THERE } from "../../contract/not-there.ts";
import type { AnyRecipe } from "../../contract/recipe.ts";
import { normalizeName } from "../../distributions/python/requirement.ts";
import { BuildoutError, type Location, located } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { repr } from "../../pythonic/text.ts";
import {
  type EnginePackage,
  findInstalledPackage,
  isLinked,
  readEnginePackage,
} from "../kit/packages.ts";
import { loadModule } from "./module.ts";

export interface RecipeName {
  /** Without version and extras. */
  name: string;
  entry: string;
}

/** Whether the text is a path to a file rather than the name of a package. */
export function isFilePath(text: string): boolean {
  return /^(\.{0,2}\/|\.{1,2}$)/.test(text);
}

/** The string from `make`, computed on first use. */
function once(make: () => string): () => string {
  let text: string | undefined;
  return () => {
    text ??= make();
    return text;
  };
}

/** Splits `NAME[extra]>=1:ENTRY`. A path can contain anything but a colon. */
export function parseRecipeName(recipe: string): RecipeName {
  const [requirement = "", entry = "default"] = recipe.split(":");
  const name = isFilePath(requirement)
    ? requirement.trim()
    : requirement.replace(/[[<>=!~;\s][\s\S]*$/, "").trim();
  return { name, entry: entry.trim() };
}

function definitionIn(module: Readonly<Record<string, unknown>>, entry: string, file: string) {
  const exported = entry === "default" ? module.default : module[entry];
  const definition = exported as Partial<AnyRecipe> | undefined;
  if (typeof definition?.install === "function") return definition as AnyRecipe;
  throw new BuildoutError("invalid-recipe", `${file} exports no recipe as '${entry}'.`, {
    location: { file },
    hint: `Write \`export ${entry === "default" ? "default" : `const ${entry} =`} defineRecipe({...})\`.`,
  });
}

/** The name of a native recipe in the table of them. */
export function recipeKey({ name, entry }: RecipeName): string {
  return entry === "default" ? name : `${name}:${entry}`;
}

async function nativeRecipe(
  { name, entry }: RecipeName,
  { request, settings }: EngineContext,
): Promise<FoundRecipe | undefined> {
  const key = recipeKey({ name, entry });
  const load = settings.allowsNative(name) ? request.recipes.get(key) : undefined;
  if (!load) return undefined;
  const definition = (await load()).default;
  // Not the version of this package, since an upgrade would reinstall every part.
  const signature = () => `${key}-native.${definition.version ?? 1}`;
  return { definition, entry, signature };
}

async function packageRecipe(
  found: EnginePackage | undefined,
  entry: string,
  { request }: EngineContext,
): Promise<FoundRecipe | undefined> {
  const path = found?.recipes.get(entry);
  if (!found || path === undefined) return undefined;
  const file = join(found.folder, path);
  const { contentHash } = await import("./signature.ts");
  return {
    definition: definitionIn(await loadModule(file, request.api), "default", file),
    entry,
    source: found.folder,
    signature: once(
      () => `${found.name}-${isLinked(found) ? contentHash(found.folder) : found.version}`,
    ),
  };
}

async function fileRecipe(
  { name, entry }: RecipeName,
  { directory, request }: EngineContext,
  location: Location | undefined,
): Promise<FoundRecipe> {
  const file = resolve(directory, name);
  if (!existsSync(file)) {
    throw new BuildoutError("missing-recipe", `There is no ${file}.`, {
      ...(location && { location }),
    });
  }
  const { contentHash } = await import("./signature.ts");
  return {
    definition: definitionIn(await loadModule(file, request.api), entry, file),
    entry,
    source: file,
    signature: once(() => `${name}-${contentHash(file)}`),
  };
}

/** The nearest name in the package index. */
function guessOf({ hint }: BuildoutError): string | undefined {
  return /Did you mean .*/.exec(hint ?? "")?.[0];
}

function missingRecipe(
  recipe: string,
  { name, entry }: RecipeName,
  buildout: EngineContext,
  found: EnginePackage | undefined,
  python: BuildoutError,
): BuildoutError {
  const known = [
    ...buildout.request.recipes.keys(),
    ...buildout.developPackages.map((developed) => developed.name),
    ...[...(found?.recipes.keys() ?? [])].map((one) => recipeKey({ name, entry: one })),
  ];
  const tried = found
    ? `The package ${found.name} does not declare this recipe in "buildout": {"recipes": ...}.`
    : "It is not a native recipe, a develop package, an npm package installed here or a Python " +
      `distribution: ${[python.message, guessOf(python)].filter(Boolean).join(" ")}`;
  return new BuildoutError("missing-recipe", `Couldn't find a recipe for '${recipe}'.`, {
    hint: didYouMean(recipe, known) ?? didYouMean(recipeKey({ name, entry }), known) ?? tried,
    cause: python,
  });
}

async function pythonRecipe(
  recipe: string,
  parsed: RecipeName,
  buildout: EngineContext,
  source: EnginePackage | undefined,
): Promise<FoundRecipe> {
  const [requirement = ""] = recipe.split(":");
  try {
    return await (await buildout.pythonRecipes()).find(requirement.trim(), parsed.entry);
  } catch (error) {
    if (!(error instanceof BuildoutError) || !NOT_THERE.has(error.code)) throw error;
    throw whileDoing(missingRecipe(recipe, parsed, buildout, source, error), loading(recipe));
  }
}

/** The activity for a recipe that need not be installed first. */
function loading(recipe: string): string {
  return `Loading recipe ${repr(recipe)}.`;
}

/**
 * Looks a recipe up: local files, native recipes, develop packages, npm packages that can be resolved from
 * the buildout directory, Python distributions. `location` is where the configuration names the recipe.
 * Throws `missing-recipe`, `missing-entry-point`.
 */
export async function findRecipe(
  recipe: string,
  buildout: EngineContext,
  location?: Location,
): Promise<FoundRecipe> {
  const parsed = parseRecipeName(recipe);
  if (/[<>=!~]/.test(recipe) && buildout.request.recipes.has(recipeKey(parsed))) {
    const { checkNativeRequirement } = await import("./native-requirement.ts");
    checkNativeRequirement(recipe, buildout, location);
  }
  const here = await during(loading(recipe), async () => {
    if (isFilePath(parsed.name)) return fileRecipe(parsed, buildout, location);
    return (await nativeRecipe(parsed, buildout)) ?? recipeInPackages(parsed, buildout);
  });
  if ("definition" in here) return here;
  try {
    return await pythonRecipe(recipe, parsed, buildout, here.source);
  } catch (error) {
    throw error instanceof BuildoutError ? located(error, location) : error;
  }
}

/** A recipe of a develop package or an npm package; else the npm package that lacks it, if any. */
async function recipeInPackages(
  parsed: RecipeName,
  buildout: EngineContext,
): Promise<FoundRecipe | { source: EnginePackage | undefined }> {
  const developed = buildout.developPackages.filter(({ name, kind }) =>
    kind === "python" ? normalizeName(name) === normalizeName(parsed.name) : name === parsed.name,
  );
  const node = developed.find(({ kind }) => kind === "node");
  const source = node
    ? readEnginePackage(node.folder)
    : findInstalledPackage(buildout.directory, parsed.name);
  const isPython = developed.some(({ kind }) => kind === "python");
  const found = node || !isPython ? await packageRecipe(source, parsed.entry, buildout) : undefined;
  return found ?? { source };
}

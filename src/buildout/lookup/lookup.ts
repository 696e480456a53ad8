import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { FoundRecipe } from "../../contract/found-recipe.ts";
import { NOT_THERE } from "../../contract/not-there.ts";
import type { RecipeDefinition, RecipeTable } from "../../contract/recipe.ts";
import type { DevelopPackage } from "../../distributions/distribution.ts";
import { normalizeName } from "../../distributions/python/requirement.ts";
import { BuildoutError, type Location, located } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import {
  type EnginePackage,
  findInstalledPackage,
  isLinked,
  readEnginePackage,
} from "../kit/packages.ts";
import { loadModule, type PublicApi } from "./module.ts";

export type { FoundRecipe } from "../../contract/found-recipe.ts";

export interface LookupContext {
  /** The buildout directory. */
  directory: string;
  native: RecipeTable;
  /** Whether `[buildout] native-recipes` leaves a name to the native recipe. */
  allowsNative(name: string): boolean;
  developPackages: readonly DevelopPackage[];
  api: PublicApi;
  /** The recipe of a Python distribution that satisfies the requirement (PEP 508). */
  pythonRecipe(requirement: string, entry: string): Promise<FoundRecipe>;
}

export interface RecipeName {
  /** Without version and extras. */
  name: string;
  entry: string;
}

/** Whether the text is a path to a file rather than the name of a package. */
export function isFilePath(text: string): boolean {
  return /^(\.{0,2}\/|\.{1,2}$)/.test(text);
}

/** `make`'s text, made when it is first asked for. */
function once(make: () => string): () => string {
  let text: string | undefined;
  return () => {
    text ??= make();
    return text;
  };
}

/** Splits `NAME[extra]>=1:ENTRY`. A path to a file may hold anything but a colon. */
export function parseRecipeName(recipe: string): RecipeName {
  const [requirement = "", entry = "default"] = recipe.split(":");
  const name = isFilePath(requirement)
    ? requirement.trim()
    : requirement.replace(/[[<>=!~;\s][\s\S]*$/, "").trim();
  return { name, entry: entry.trim() };
}

function definitionIn(module: Readonly<Record<string, unknown>>, entry: string, file: string) {
  const exported = entry === "default" ? module.default : module[entry];
  const definition = exported as Partial<RecipeDefinition> | undefined;
  if (typeof definition?.install === "function") return definition as RecipeDefinition;
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
  { native, allowsNative }: LookupContext,
): Promise<FoundRecipe | undefined> {
  const key = recipeKey({ name, entry });
  const load = allowsNative(name) ? native.get(key) : undefined;
  if (!load) return undefined;
  const definition = (await load()).default;
  // Not the version of this package: an upgrade would reinstall every part.
  const signature = () => `${key}-native.${definition.version ?? 1}`;
  return { definition, entry, signature };
}

async function packageRecipe(
  found: EnginePackage | undefined,
  entry: string,
  { api }: LookupContext,
): Promise<FoundRecipe | undefined> {
  const path = found?.recipes.get(entry);
  if (!found || path === undefined) return undefined;
  const file = join(found.folder, path);
  const { contentHash } = await import("./signature.ts");
  return {
    definition: definitionIn(await loadModule(file, api), "default", file),
    entry,
    source: found.folder,
    signature: once(
      () => `${found.name}-${isLinked(found) ? contentHash(found.folder) : found.version}`,
    ),
  };
}

async function fileRecipe(
  { name, entry }: RecipeName,
  { directory, api }: LookupContext,
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
    definition: definitionIn(await loadModule(file, api), entry, file),
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
  context: LookupContext,
  found: EnginePackage | undefined,
  python: BuildoutError,
): BuildoutError {
  const known = [
    ...context.native.keys(),
    ...context.developPackages.map((developed) => developed.name),
    ...[...(found?.recipes.keys() ?? [])].map((one) => recipeKey({ name, entry: one })),
  ];
  const tried = found
    ? `The package ${found.name} declares no such recipe in "buildout": {"recipes": ...}.`
    : "It is no native recipe, no develop package, no npm package installed here and no Python " +
      `distribution: ${[python.message, guessOf(python)].filter(Boolean).join(" ")}`;
  return new BuildoutError("missing-recipe", `Couldn't find a recipe for '${recipe}'.`, {
    hint: didYouMean(recipe, known) ?? didYouMean(recipeKey({ name, entry }), known) ?? tried,
    cause: python,
  });
}

async function pythonRecipe(
  recipe: string,
  parsed: RecipeName,
  context: LookupContext,
  source: EnginePackage | undefined,
): Promise<FoundRecipe> {
  const [requirement = ""] = recipe.split(":");
  try {
    return await context.pythonRecipe(requirement.trim(), parsed.entry);
  } catch (error) {
    if (!(error instanceof BuildoutError) || !NOT_THERE.has(error.code)) throw error;
    throw missingRecipe(recipe, parsed, context, source, error);
  }
}

/**
 * Looks a recipe up: local files, native recipes, develop packages, npm packages that can be
 * resolved from the buildout directory, Python distributions.
 * `location` is where the recipe is named. Throws `missing-recipe`, `missing-entry-point`.
 */
export async function findRecipe(
  recipe: string,
  context: LookupContext,
  location?: Location,
): Promise<FoundRecipe> {
  const parsed = parseRecipeName(recipe);
  if (isFilePath(parsed.name)) return fileRecipe(parsed, context, location);
  const native = await nativeRecipe(parsed, context);
  if (native) return native;
  const developed = context.developPackages.filter(({ name, kind }) =>
    kind === "python" ? normalizeName(name) === normalizeName(parsed.name) : name === parsed.name,
  );
  const node = developed.find(({ kind }) => kind === "node");
  const source = node
    ? readEnginePackage(node.folder)
    : findInstalledPackage(context.directory, parsed.name);
  const isPython = developed.some(({ kind }) => kind === "python");
  const found = node || !isPython ? await packageRecipe(source, parsed.entry, context) : undefined;
  if (found) return found;
  try {
    return await pythonRecipe(recipe, parsed, context, source);
  } catch (error) {
    throw error instanceof BuildoutError ? located(error, location) : error;
  }
}

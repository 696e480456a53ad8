import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Extension } from "../../contract/extension.ts";
import { NOT_THERE } from "../../contract/not-there.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { words } from "../../pythonic/text.ts";
import { findInstalledPackage } from "../kit/packages.ts";
import { isFilePath } from "../lookup/lookup.ts";
import { loadModule } from "../lookup/module.ts";
import { callRecipe } from "../lookup/recipe-call.ts";
import type { Buildout } from "./buildout.ts";
import { develop } from "./develop.ts";

const SUPERSEDED = new Set(["buildout-versions", "buildout.dumppickedversions"]);

/** zc.buildout's words. */
const SUPERSEDED_MESSAGE =
  "Buildout now includes 'buildout-versions' (and part of the older 'buildout.dumppickedversions').\n" +
  "Remove the extension from your configuration and look at the 'show-picked-versions' option in " +
  "buildout's documentation.";

/**
 * The entries of `[buildout] extensions`: native extensions, files (`./tools/extension.ts`), installed npm
 * packages with `"buildout": {"extension": "./file.js"}`, Python distributions.
 */
export class Extensions {
  private readonly buildout: Buildout;
  private readonly loaded: Extension[] = [];
  /** Directories that were created before it was their turn to be reported. */
  readonly madeEarly = new Set<string>();

  constructor(buildout: Buildout) {
    this.buildout = buildout;
  }

  /** Throws `missing-extension` and errors from loading. */
  async load(): Promise<void> {
    const options = await this.buildout.section("buildout");
    const python: string[] = [];
    for (const name of words(options.get("extensions") ?? "")) {
      const extension = await this.find(name);
      if (extension) await this.begin(extension);
      else python.push(name);
    }
    if (python.length > 0) await this.loadPython(python);
  }

  async unload(): Promise<void> {
    const { buildout } = this;
    for (const extension of this.loaded) {
      await callRecipe(buildout.calls, () => extension.unload?.(buildout));
    }
  }

  private async begin(extension: Extension): Promise<void> {
    this.loaded.push(extension);
    const { buildout } = this;
    await callRecipe(buildout.calls, () => extension.default?.(buildout));
  }

  /** Undefined: it may be a Python distribution. */
  private async find(name: string): Promise<Extension | undefined> {
    const { request, settings, directory } = this.buildout;
    if (SUPERSEDED.has(name)) {
      const location = this.buildout.request.configuration.location("buildout", "extensions");
      throw new BuildoutError("missing-extension", SUPERSEDED_MESSAGE, {
        ...(location && { location }),
      });
    }
    const native = settings.allowsNative(name) ? request.extensions?.get(name) : undefined;
    if (native) return await native();
    if (isFilePath(name)) return await loadModule(resolve(directory, name), request.api);
    const found = findInstalledPackage(directory, name);
    if (found?.extension === undefined) return undefined;
    return await loadModule(join(found.folder, found.extension), request.api);
  }

  private async loadPython(names: readonly string[]): Promise<void> {
    const { buildout } = this;
    const failure = await this.developBefore();
    const recipes = await buildout.pythonRecipes();
    let extensions: Extension[];
    try {
      extensions = await recipes.extensions(names);
    } catch (error) {
      if (!(error instanceof BuildoutError) || !NOT_THERE.has(error.code)) throw error;
      if (failure !== undefined) throw failure;
      const tried =
        "It is not a native extension, an npm package installed here or a Python distribution: ";
      const hint = buildout.isPlan
        ? "A plan installs nothing: run bin/buildout once."
        : `${tried}${error.message}`;
      throw this.missing(names.join(" "), hint, error);
    }
    for (const extension of extensions) await this.begin(extension);
    await buildout.readSettings();
  }

  /**
   * An extension may be a develop package, which is processed later, or may have to be checked out by
   * another extension first: returns the error, to be thrown later.
   */
  private async developBefore(): Promise<BuildoutError | undefined> {
    const { buildout } = this;
    const { directory, developEggsDirectory } = buildout;
    const options = await buildout.section("buildout");
    if (!existsSync(developEggsDirectory)) this.madeEarly.add(developEggsDirectory);
    try {
      const { packages } = await develop({
        develop: options.get("develop") ?? "",
        ...{ directory, developEggsDirectory, location: undefined, report: () => {} },
        python: async () => (await buildout.pythonPackages()).developSettings(),
      });
      buildout.setDevelopPackages(packages);
    } catch (error) {
      if (!(error instanceof BuildoutError)) throw error;
      return error;
    }
    return undefined;
  }

  private missing(name: string, hint: string, cause?: unknown): BuildoutError {
    const location = this.buildout.request.configuration.location("buildout", "extensions");
    const meant = didYouMean(name, this.buildout.request.extensions?.keys() ?? []);
    return new BuildoutError("missing-extension", `Couldn't find the extension '${name}'.`, {
      ...{ hint: meant ?? hint, cause },
      ...(location && { location }),
    });
  }
}

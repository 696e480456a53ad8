import { join, resolve } from "node:path";
import { BuildoutError } from "../error/index.ts";
import type { Buildout } from "./buildout.ts";
import type { Extension } from "./extension.ts";
import { isFilePath } from "./lookup.ts";
import { loadModule } from "./module.ts";
import { findInstalledPackage } from "./packages.ts";
import { callRecipe } from "./recipe-call.ts";
import { splitWords } from "./values.ts";

const SUPERSEDED = new Set(["buildout-versions", "buildout.dumppickedversions"]);

/**
 * What `[buildout] extensions` names: native extensions, files (`./tools/extension.ts`)
 * or installed npm packages with `"buildout": {"extension": "./file.js"}`.
 */
export class Extensions {
  private readonly buildout: Buildout;
  private readonly loaded: Extension[] = [];

  constructor(buildout: Buildout) {
    this.buildout = buildout;
  }

  /** Throws `missing-extension` and what loading throws. */
  async load(): Promise<void> {
    const options = await this.buildout.section("buildout");
    for (const name of splitWords(options.get("extensions") ?? "")) {
      const extension = await this.find(name);
      this.loaded.push(extension);
      await callRecipe(() => extension.default?.(this.buildout));
    }
  }

  async unload(): Promise<void> {
    for (const extension of this.loaded) await callRecipe(() => extension.unload?.(this.buildout));
  }

  private async find(name: string): Promise<Extension> {
    const { request, settings } = this.buildout;
    const native = settings.allowsNative(name) ? request.extensions?.get(name) : undefined;
    return native ? await native() : await loadModule(this.file(name), request.api);
  }

  private file(name: string): string {
    const { directory, request } = this.buildout;
    if (isFilePath(name)) return resolve(directory, name);
    const found = SUPERSEDED.has(name) ? undefined : findInstalledPackage(directory, name);
    if (found?.extension !== undefined) return join(found.folder, found.extension);
    const location = request.configuration.location("buildout", "extensions");
    throw new BuildoutError("missing-extension", `Couldn't find the extension '${name}'.`, {
      ...(location && { location }),
      hint: SUPERSEDED.has(name)
        ? "Buildout does this itself: remove the extension and use show-picked-versions."
        : "Name a file (./tools/extension.ts) or an npm package that is installed here. Extensions written in Python are not supported.",
    });
  }
}

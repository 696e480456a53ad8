import { existsSync } from "node:fs";
import type { Section } from "../../config/resolve/section.ts";
import { during } from "../../contract/during.ts";
import type { BuildoutRequest } from "../../contract/engine.ts";
import { fromDirectory } from "../../contract/paths.ts";
import { BuildoutError } from "../../errors/error.ts";
import { LEVELS } from "../../events/levels.ts";
import { words } from "../../pythonic/text.ts";
import type { ConfiguredPart } from "../lookup/part.ts";
import { callWithRollback } from "../lookup/recipe-call.ts";
import { type Installed, InstalledFile, type InstalledPart } from "../record/installed.ts";
import { installedPaths } from "../record/installed-paths.ts";
import { PendingFile } from "../record/pending.ts";
import { removeCreated, removePaths } from "../record/removal.ts";
import { alone } from "./alone.ts";
import { Buildout } from "./buildout.ts";
import { develop, type OldNamespaces } from "./develop.ts";
import { createDirectories } from "./directories.ts";
import { Extensions } from "./extensions.ts";
import { reportConfiguration } from "./report-configuration.ts";
import { rememberedOptions, staleness } from "./staleness.ts";
import { uninstallPart } from "./uninstall.ts";

/** One run of the install command, after zc.buildout's order of steps. */
export async function install(request: BuildoutRequest, only: readonly string[]): Promise<void> {
  const buildout = await Buildout.open(request);
  process.chdir(buildout.directory);
  try {
    checkCache(buildout);
    // Read the record while nobody else can change it.
    await alone(buildout, () => new Installation(buildout).run(only));
  } finally {
    await buildout.close();
  }
}

async function removeStrayStamps(developEggsDirectory: string): Promise<void> {
  const stamps = await import("../../distributions/python/develop/develop-stamp.ts");
  stamps.removeStrayStamps(developEggsDirectory);
}

/** Throws `conflicting-options`. */
export function checkCache({ settings, downloadCache, request }: Buildout): void {
  if (!settings.python.installFromCache || downloadCache !== undefined) return;
  const location = request.configuration.location("buildout", "install-from-cache");
  throw new BuildoutError(
    "conflicting-options",
    "install-from-cache is true, but download-cache is not set.",
    { ...(location && { location }), hint: "Set download-cache in [buildout]." },
  );
}

function reportUnused(buildout: Buildout, section: Section): void {
  const options = [...section.unused].sort();
  if (options.length === 0) return;
  buildout.report({ type: "unused-options", section: section.name, options });
}

/** At the end of a run, so that it is not lost among the output of parts. */
async function reportNamespaces(buildout: Buildout, found: OldNamespaces): Promise<void> {
  if (found.size === 0) return;
  const { namespacesAdvice } = await import("../../distributions/python/given-up.ts");
  buildout.report({ type: "warning", code: "old-namespaces", message: namespacesAdvice(found) });
}

export async function configuredParts(
  buildout: Buildout,
  names: readonly string[],
): Promise<ConfiguredPart[]> {
  const found = await Promise.all(names.map((name) => buildout.part(name)));
  return found.filter((part) => part !== undefined);
}

class Installation {
  private readonly buildout: Buildout;
  private readonly file: InstalledFile;
  private readonly pending: PendingFile;
  private readonly installed: Installed;
  private oldNamespaces: OldNamespaces = new Map();

  constructor(buildout: Buildout) {
    this.buildout = buildout;
    this.file = new InstalledFile(buildout.settings.installed);
    this.pending = new PendingFile(buildout.settings.installed);
    this.installed = this.file.read();
  }

  async run(only: readonly string[]): Promise<void> {
    const { buildout } = this;
    const extensions = new Extensions(buildout);
    const parts = await during("Installing.", async () => {
      await during("Loading extensions.", () => extensions.load());
      await during("Setting up buildout directories", () =>
        createDirectories(buildout.settings, extensions.madeEarly, buildout.report),
      );
      this.repair();
      await this.develop();
      const wanted = await this.prepare(only);
      await this.uninstallOutdated(wanted, only.length === 0);
      return wanted;
    });
    reportUnused(buildout, await buildout.section("buildout"));
    try {
      for (const part of parts) {
        if (this.installed.parts.has(part.part.name)) await this.update(part);
        else await this.install(part);
      }
    } finally {
      this.save();
    }
    await buildout.finish();
    await reportNamespaces(buildout, this.oldNamespaces);
    await during("Unloading extensions.", () => extensions.unload());
    if (only.length > 0 || buildout.request.onSettled === undefined) return;
    await (await import("./settled.ts")).tellSettled(buildout, this.installed);
  }

  private save(): void {
    this.file.save(this.installed);
    this.pending.clear();
  }

  /** Removes what a part had created when an earlier run was killed. */
  private repair(): void {
    removeCreated(this.pending.read(), this.buildout.directory);
    this.pending.clear();
  }

  private async develop(): Promise<void> {
    const { buildout, installed } = this;
    const options = await buildout.section("buildout");
    const { packages, links, oldNamespaces } = await during(
      "Processing directories listed in the develop option",
      () =>
        develop({
          develop: options.get("develop") ?? "",
          directory: buildout.directory,
          developEggsDirectory: buildout.developEggsDirectory,
          location: buildout.request.configuration.location("buildout", "develop"),
          report: buildout.report,
          python: async () => (await buildout.pythonPackages()).developSettings(),
        }),
    );
    const gone = installed.developEggs.filter((file) => !links.includes(file));
    removePaths(gone, buildout.directory);
    if (gone.length > 0) await removeStrayStamps(buildout.developEggsDirectory);
    buildout.setDevelopPackages(packages);
    this.oldNamespaces = oldNamespaces;
    installed.developEggs = links;
    this.file.save(installed);
  }

  /** Initializes the parts, after those they refer to. */
  private async prepare(only: readonly string[]): Promise<ConfiguredPart[]> {
    const { buildout } = this;
    const options = await buildout.section("buildout");
    const all = words(options.require("parts"));
    const named = only.length > 0 ? only : all;
    const from = only.length > 0 ? undefined : options.location("parts");
    for (const name of named) await buildout.part(name, from);
    const parts = await configuredParts(buildout, only.length > 0 ? only : buildout.parts);
    if (buildout.settings.log.level < LEVELS.DEBUG) {
      await reportConfiguration(buildout);
    }
    return parts;
  }

  /** Uninstalls parts that are no longer wanted or have changed, last installed first. */
  private async uninstallOutdated(parts: ConfiguredPart[], dropOthers: boolean): Promise<void> {
    const { buildout, installed } = this;
    const wanted = new Map(parts.map((configured) => [configured.part.name, configured]));
    for (const [name, before] of [...installed.parts].reverse()) {
      const configured = wanted.get(name);
      if (configured && this.isCurrent(configured, before)) continue;
      if (!configured && !dropOthers) {
        buildout.report({ type: "part-kept", part: name });
        continue;
      }
      await uninstallPart(buildout, name, before, configured ? "changed" : "unwanted");
      if (before.paths.some((path) => path.endsWith(".egg-link"))) {
        await removeStrayStamps(buildout.developEggsDirectory);
      }
      installed.parts.delete(name);
      // If empty, it is removed at the end of the run, since recipes may look at it.
      this.file.save(installed, "kept");
    }
  }

  private isCurrent(configured: ConfiguredPart, before: InstalledPart): boolean {
    const { buildout } = this;
    const exists = (path: string) => existsSync(fromDirectory(buildout.directory, path));
    const stale = staleness(configured, before, exists, buildout.secrets);
    if (stale !== undefined && buildout.settings.log.level < LEVELS.DEBUG) {
      const part = configured.part.name;
      for (const change of stale.changes)
        buildout.report({ type: "part-changed", part, ...change });
    }
    return stale === undefined;
  }

  /** The paths returned by the recipe; undefined if it returned nothing. */
  private call(configured: ConfiguredPart, method: "install" | "update") {
    const { buildout, pending } = this;
    const { calls, directory, report, request, secrets } = buildout;
    const { part, recipe, prepared } = configured;
    const { definition } = recipe;
    const action = async () => {
      const isUpdate = method === "update" && definition.update !== undefined;
      const made = isUpdate
        ? await definition.update!(part, prepared)
        : await definition.install(part, prepared);
      return installedPaths(made, isUpdate ? "update" : "install");
    };
    const run = () =>
      callWithRollback(configured, action, {
        calls,
        directory,
        pending,
        report,
        signal: request.signal,
      });
    return secrets !== undefined && part.options.holdsSecrets
      ? import("../secrets/private-files.ts").then(({ callPrivately }) =>
          callPrivately(run, { secrets, directory, report }),
        )
      : run();
  }

  private async install(configured: ConfiguredPart): Promise<void> {
    const { part, recipe } = configured;
    const { report } = this.buildout;
    await during(`Installing ${part.name}.`, async () => {
      report({
        type: "part-installing",
        part: part.name,
        recipe: part.options.get("recipe") ?? "",
      });
      // Options that the recipe sets while installing are not recorded. Unread options are left alone until
      // it is known whether the recipe reads them.
      const unread = new Set(part.options.unused);
      const options = rememberedOptions(
        configured,
        part.options.keys().filter((option) => !unread.has(option)),
        this.buildout.secrets,
      );
      const made = await this.call(configured, "install");
      if (made === undefined) report({ type: "part-without-paths", part: part.name });
      reportUnused(this.buildout, part.options);
      this.installed.parts.set(part.name, {
        options: new Map([
          ...options,
          ...rememberedOptions(configured, unread, this.buildout.secrets),
        ]),
        signature: recipe.signature(),
        paths: made ?? [],
      });
      this.save();
      report({ type: "part-installed", part: part.name, paths: made ?? [] });
    });
  }

  private async update(configured: ConfiguredPart): Promise<void> {
    const { part } = configured;
    const { buildout, installed } = this;
    const { definition } = configured.recipe;
    const before = installed.parts.get(part.name)!;
    await during(`Updating ${part.name}.`, async () => {
      buildout.report({
        type: "part-updating",
        part: part.name,
        recipe: part.options.get("recipe") ?? "",
      });
      if (!definition.update) {
        buildout.report({ type: "part-without-update", part: part.name });
      }
      try {
        const made = await this.call(configured, "update");
        const added = (made ?? []).filter((path) => !before.paths.includes(path));
        installed.parts.delete(part.name);
        // Options and signature are unchanged, or the part would have been reinstalled.
        const paths = [...before.paths, ...added];
        installed.parts.set(part.name, added.length === 0 ? before : { ...before, paths });
        if (added.length > 0) this.save();
        else this.pending.clear();
        if (added.length > 0) {
          buildout.report({ type: "part-updated", part: part.name, paths: added });
        } else buildout.report({ type: "part-kept", part: part.name });
      } catch (error) {
        // It is unknown how far it got: the part is kept, as when zc.buildout's own process dies.
        if (error instanceof BuildoutError && error.code === "python-worker-died") throw error;
        installed.parts.delete(part.name);
        removePaths(before.paths, buildout.directory);
        this.save();
        buildout.report({ type: "part-uninstalled", part: part.name });
        throw error;
      }
      reportUnused(buildout, part.options);
    });
  }
}

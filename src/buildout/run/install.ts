import { existsSync } from "node:fs";
import type { Section } from "../../config/resolve/section.ts";
import { during } from "../../contract/during.ts";
import { LEVELS } from "../../contract/output.ts";
import { fromDirectory } from "../../contract/paths.ts";
import { repr } from "../../pythonic/repr.ts";
import { formatSection } from "../kit/section-format.ts";
import { splitWords } from "../kit/values.ts";
import type { ConfiguredPart } from "../lookup/part.ts";
import { callWithRollback } from "../lookup/recipe-call.ts";
import {
  asRemembered,
  type Installed,
  InstalledFile,
  type InstalledPart,
} from "../record/installed.ts";
import { installedPaths } from "../record/installed-paths.ts";
import { PendingFile } from "../record/pending.ts";
import { removeCreated, removePaths } from "../record/removal.ts";
import { Buildout, type BuildoutRequest } from "./buildout.ts";
import { develop } from "./develop.ts";
import { createDirectories } from "./directories.ts";
import { Extensions } from "./extensions.ts";
import { reportPicked } from "./picked.ts";
import { uninstallPart } from "./uninstall.ts";

/** One run of the install command, after zc.buildout's order of steps. */
export async function install(request: BuildoutRequest, only: readonly string[]): Promise<void> {
  const buildout = await Buildout.open(request);
  process.chdir(buildout.directory);
  try {
    await new Installation(buildout).run(only);
  } finally {
    await buildout.close();
  }
}

/** Name and password in an address, behind its scheme. */
const LOGIN = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/gi;

/** The values of these options as `.installed.cfg` keeps them: without secrets. */
function rememberedOptions(
  { part, recipe }: ConfiguredPart,
  names: Iterable<string>,
): Map<string, string> {
  const specs = new Map(Object.entries(recipe.definition.options ?? {}));
  const options = new Map<string, string>();
  for (const name of names) {
    const value = specs.get(name)?.secret ? undefined : part.options.get(name);
    if (value !== undefined) options.set(name, value);
  }
  return options;
}

function sameOptions(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([option, value]) => b.get(option) === value);
}

/** zc.buildout's debug lines on why a part is installed anew. */
function differences(
  name: string,
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): string[] {
  const changed = [...before].flatMap(([option, value]) => {
    const current = now.get(option);
    if (current === undefined) return [`Part ${name}, dropped option ${option}.`];
    if (current === value) return [];
    return [`Part ${name}, option ${option} changed:\n${repr(current)} != ${repr(value)}`];
  });
  const added = [...now.keys()].filter((option) => !before.has(option));
  return [...changed, ...added.map((option) => `Part ${name}, new option ${option}.`)];
}

function reportUnused(buildout: Buildout, section: Section): void {
  const unused = [...section.unused].sort();
  if (unused.length === 0) return;
  buildout.log.warning(
    `Section \`${section.name}\` contains unused option(s): ${unused.map(repr).join(" ")}.\n` +
      "This may be an indication for either a typo in the option's name or a bug in the used recipe.",
  );
}

class Installation {
  private readonly buildout: Buildout;
  private readonly file: InstalledFile;
  private readonly pending: PendingFile;
  private readonly installed: Installed;

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
        createDirectories(buildout.settings, buildout.log),
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
    await reportPicked(buildout);
    await during("Unloading extensions.", () => extensions.unload());
  }

  private save(): void {
    this.file.save(this.installed);
    this.pending.clear();
  }

  /** Removes what a part had made when an earlier run was killed. */
  private repair(): void {
    removeCreated(this.pending.read(), this.buildout.directory);
    this.pending.clear();
  }

  private async develop(): Promise<void> {
    const { buildout, installed } = this;
    const options = await buildout.section("buildout");
    const { packages, links } = await during(
      "Processing directories listed in the develop option",
      () =>
        develop({
          develop: options.get("develop") ?? "",
          directory: buildout.directory,
          developEggsDirectory: buildout.developEggsDirectory,
          location: buildout.request.configuration.location("buildout", "develop"),
          log: buildout.log,
          python: async () => (await import("./python.ts")).developSettings(buildout),
        }),
    );
    removePaths(
      installed.developEggs.filter((file) => !links.includes(file)),
      buildout.directory,
    );
    buildout.developPackages = packages;
    installed.developEggs = links;
    this.file.save(installed);
  }

  /** Brings the parts to life, those they refer to first. */
  private async prepare(only: readonly string[]): Promise<ConfiguredPart[]> {
    const { buildout } = this;
    const options = await buildout.section("buildout");
    const all = splitWords(options.require("parts"));
    const named = only.length > 0 ? only : all;
    const from = only.length > 0 ? undefined : options.location("parts");
    for (const name of named) await buildout.part(name, from);
    const parts = await Promise.all(
      (only.length > 0 ? only : buildout.parts).map((name) => buildout.part(name)),
    );
    if (buildout.settings.log.level < LEVELS.DEBUG) await this.printConfiguration();
    return parts;
  }

  private async printConfiguration(): Promise<void> {
    const { buildout } = this;
    const own = (await buildout.section("buildout")).entries();
    const parts = await Promise.all(buildout.parts.map((name) => buildout.part(name)));
    const texts = [
      formatSection("buildout", own),
      ...parts.map((configured) =>
        formatSection(
          configured.part.name,
          rememberedOptions(configured, configured.part.options.keys()),
        ),
      ),
    ];
    const text = texts.join("").replace(LOGIN, "$1");
    buildout.request.output.print(`\nConfiguration data:\n${text}\n`);
  }

  /** Uninstalls, last installed first, what is not wanted any more or has changed. */
  private async uninstallOutdated(parts: ConfiguredPart[], dropOthers: boolean): Promise<void> {
    const { buildout, installed } = this;
    const wanted = new Map(parts.map((configured) => [configured.part.name, configured]));
    for (const [name, before] of [...installed.parts].reverse()) {
      const configured = wanted.get(name);
      if (configured ? this.isCurrent(configured, before) : !dropOthers) continue;
      await uninstallPart(buildout, name, before);
      installed.parts.delete(name);
      this.file.save(installed);
    }
  }

  private isCurrent(configured: ConfiguredPart, before: InstalledPart): boolean {
    const { buildout } = this;
    const options = rememberedOptions(configured, configured.part.options.keys());
    const same =
      configured.recipe.signature() === before.signature &&
      (sameOptions(options, before.options) || sameOptions(asRemembered(options), before.options));
    const complete = () =>
      before.paths.every((path) => existsSync(fromDirectory(buildout.directory, path)));
    if (same && complete()) return true;
    if (buildout.settings.log.level < LEVELS.DEBUG) {
      const name = configured.part.name;
      for (const line of differences(name, before.options, options)) buildout.log.debug(line);
    }
    return false;
  }

  /** The paths that the recipe gives; undefined where it gives nothing. */
  private call(configured: ConfiguredPart, method: "install" | "update") {
    const { buildout, pending } = this;
    const { directory, log, request } = buildout;
    const { part, recipe } = configured;
    const { definition } = recipe;
    const action = async () => {
      const isUpdate = method === "update" && definition.update !== undefined;
      const made = isUpdate ? await definition.update!(part) : await definition.install(part);
      return installedPaths(made, isUpdate ? "update" : "install");
    };
    return callWithRollback(configured, action, {
      directory,
      pending,
      log,
      signal: request.signal,
    });
  }

  private async install(configured: ConfiguredPart): Promise<void> {
    const { part, recipe } = configured;
    const { log } = this.buildout;
    await during(`Installing ${part.name}.`, async () => {
      log.info(`Installing ${part.name}.`);
      // What the recipe sets while it installs is not remembered. Options that nobody
      // has read yet are left alone until it is known whether the recipe does.
      const unread = new Set(part.options.unused);
      const options = rememberedOptions(
        configured,
        part.options.keys().filter((option) => !unread.has(option)),
      );
      const made = await this.call(configured, "install");
      if (made === undefined) {
        log.warning(
          `The ${part.name} install returned None.  A path or iterable os paths should be returned.`,
        );
      }
      reportUnused(this.buildout, part.options);
      this.installed.parts.set(part.name, {
        options: new Map([...options, ...rememberedOptions(configured, unread)]),
        signature: recipe.signature(),
        paths: made ?? [],
      });
      this.save();
    });
  }

  private async update(configured: ConfiguredPart): Promise<void> {
    const { part } = configured;
    const { buildout, installed } = this;
    const { definition } = configured.recipe;
    const before = installed.parts.get(part.name)!;
    await during(`Updating ${part.name}.`, async () => {
      buildout.log.info(`Updating ${part.name}.`);
      if (!definition.update) {
        buildout.log.warning(
          `The recipe for ${part.name} doesn't define an update method. Using its install method.`,
        );
      }
      try {
        const made = await this.call(configured, "update");
        const added = (made ?? []).filter((path) => !before.paths.includes(path));
        installed.parts.delete(part.name);
        // Options and signature are as they were, else the part would have been installed anew.
        const paths = [...before.paths, ...added];
        installed.parts.set(part.name, added.length === 0 ? before : { ...before, paths });
        if (added.length > 0) this.save();
        else this.pending.clear();
      } catch (error) {
        installed.parts.delete(part.name);
        removePaths(before.paths, buildout.directory);
        this.save();
        throw error;
      }
      reportUnused(buildout, part.options);
    });
  }
}

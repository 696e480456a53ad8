import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import type { BuildoutRequest } from "../../contract/engine.ts";
import { NOT_THERE } from "../../contract/not-there.ts";
import { fromDirectory } from "../../contract/paths.ts";
import type { DevelopPackage } from "../../distributions/distribution.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { EngineEvent, OptionChange, PlannedPart } from "../../events/engine.ts";
import { words } from "../../pythonic/text.ts";
import type { ConfiguredPart } from "../lookup/part.ts";
import { type Installed, InstalledFile, type InstalledPart } from "../record/installed.ts";
import { Buildout } from "./buildout.ts";
import { develop, expandPattern } from "./develop.ts";
import { Extensions } from "./extensions.ts";
import { checkCache, configuredParts } from "./install.ts";
import { shownValue } from "./shown-options.ts";
import { type Staleness, staleness } from "./staleness.ts";

export type InstallPlan = Omit<EngineEvent & { type: "plan" }, "type">;

/** Events that a plan omits, since it installs nothing. */
const NOT_DONE: ReadonlySet<EngineEvent["type"]> = new Set(["configured", "develop", "developed"]);

/**
 * What the install command would do, in order, without changing anything. Only installed recipes are
 * loaded; unpinned packages count as installed. With `place`, the directory has the future files of the
 * directory at that path, and its record. Throws the errors that `install` throws before changing anything.
 */
export async function planInstall(
  request: BuildoutRequest,
  only: readonly string[],
  place?: string,
): Promise<InstallPlan> {
  const scratch = mkdtempSync(join(tmpdir(), "buildout-plan-"));
  const report = (event: EngineEvent) => {
    if (!NOT_DONE.has(event.type)) request.report(event);
  };
  const planning = { developEggsDirectory: join(scratch, "develop-eggs"), place };
  try {
    const buildout = await Buildout.open({ ...request, report, planning });
    process.chdir(buildout.directory);
    try {
      checkCache(buildout);
      const { developEggsDirectory } = buildout.settings;
      if (existsSync(developEggsDirectory)) {
        cpSync(developEggsDirectory, planning.developEggsDirectory, { recursive: true });
      }
      return await planned(buildout, only);
    } finally {
      await buildout.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function planned(buildout: Buildout, only: readonly string[]): Promise<InstallPlan> {
  const installed = new InstalledFile(buildout.settings.installed).read();
  await new Extensions(buildout).load();
  const { links, unknown: asked } = await developLinks(buildout);
  const { wanted, unknown } = await prepare(buildout, only);
  return {
    parts: plannedParts(buildout, installed, wanted, unknown, only.length === 0),
    develop: {
      added: links.filter((link) => !existsSync(link)),
      // Links of a package whose metadata is unknown may stay.
      removed: installed.developEggs.filter((link) => asked.length === 0 && !links.includes(link)),
      asked,
    },
  };
}

/**
 * The future links of the develop packages, in the buildout's own directory, and the packages whose links
 * are unknown, since none of their code may run.
 */
async function developLinks(buildout: Buildout) {
  const options = await buildout.section("buildout");
  const packages: DevelopPackage[] = [];
  const links: string[] = [];
  const unknown: string[] = [];
  for (const path of words(options.get("develop") ?? "")) {
    for (const folder of await expandPattern(fromDirectory(buildout.directory, path))) {
      try {
        const developed = await develop({
          develop: folder,
          directory: buildout.directory,
          developEggsDirectory: buildout.developEggsDirectory,
          location: buildout.request.configuration.location("buildout", "develop"),
          report: buildout.report,
          python: async () => (await buildout.pythonPackages()).developSettings(),
        });
        packages.push(...developed.packages);
        links.push(...developed.links);
      } catch (error) {
        if (!(error instanceof BuildoutError) || error.code !== "metadata-unknown") throw error;
        unknown.push(folder);
      }
    }
  }
  buildout.setDevelopPackages(packages);
  const { developEggsDirectory } = buildout.settings;
  const moved = inPlace(buildout);
  return { links: links.map((link) => moved(join(developEggsDirectory, basename(link)))), unknown };
}

/** A path, or a text with paths, at the intended place of the buildout. */
function inPlace({ directory, request }: Buildout): (text: string) => string {
  const place = request.planning?.place;
  return place === undefined ? (text) => text : (text) => text.replaceAll(directory, () => place);
}

/** The parts that a run would process, and why the options of others are unknown. */
async function prepare(buildout: Buildout, only: readonly string[]) {
  const options = await buildout.section("buildout");
  const named = only.length > 0 ? only : words(options.require("parts"));
  const from = only.length > 0 ? undefined : options.location("parts");
  const unknown = new Map<string, { recipe: string; why: string }>();
  for (const name of named) {
    try {
      await buildout.part(name, from);
    } catch (error) {
      if (!isNotInstalled(error)) throw error;
      const recipe = buildout.request.configuration.sections.get(name)?.get("recipe");
      unknown.set(name, { recipe: recipe ?? "", why: error.message });
    }
  }
  const wanted = await configuredParts(
    buildout,
    (only.length > 0 ? only : buildout.parts).filter((name) => !unknown.has(name)),
  );
  return { wanted, unknown };
}

/** Whether a recipe is missing that the run would install. */
function isNotInstalled(error: unknown): error is BuildoutError {
  if (!(error instanceof BuildoutError) || error.code !== "missing-recipe") return false;
  return error.cause instanceof BuildoutError && NOT_THERE.has(error.cause.code);
}

/** The steps of a run: parts to remove, last installed first, then those to install or update. */
function plannedParts(
  buildout: Buildout,
  installed: Installed,
  wanted: readonly ConfiguredPart[],
  unknown: ReadonlyMap<string, { recipe: string; why: string }>,
  dropOthers: boolean,
): PlannedPart[] {
  const { directory, secrets } = buildout;
  const moved = inPlace(buildout);
  const values = { remembered: (text: string) => moved(secrets?.remembered(text) ?? text) };
  const byName = new Map(wanted.map((configured) => [configured.part.name, configured]));
  const uninstalled: PlannedPart[] = [];
  const stale = new Map<string, Staleness | undefined>();
  const gone: string[] = [];
  const exists = (path: string) => {
    const file = fromDirectory(directory, path);
    return existsSync(file) && !gone.some((one) => file === one || file.startsWith(one + sep));
  };
  const leaves = ({ paths }: InstalledPart) =>
    gone.push(...paths.map((path) => fromDirectory(directory, path)));
  for (const [part, before] of [...installed.parts].reverse()) {
    const configured = byName.get(part);
    if (configured === undefined) {
      if (unknown.has(part) || !dropOthers) continue;
      uninstalled.push({ action: "uninstall", part, recipe: before.options.get("recipe") ?? "" });
      leaves(before);
      continue;
    }
    stale.set(part, staleness(configured, before, exists, values));
    if (stale.get(part) !== undefined) leaves(before);
  }
  const followed = wanted.map(({ part }): PlannedPart => {
    const named = { part: part.name, recipe: part.options.get("recipe") ?? "" };
    if (!installed.parts.has(part.name)) return { action: "install", ...named };
    const why = stale.get(part.name);
    return why === undefined
      ? { action: "update", ...named }
      : { action: "reinstall", ...named, ...why, changes: why.changes.map(shown) };
  });
  const later = [...unknown].map(([part, { recipe, why }]): PlannedPart => {
    const action = installed.parts.has(part) ? "reinstall" : "install";
    return { action, part, recipe, unknown: why };
  });
  return [...uninstalled, ...followed, ...later];
}

function shown({ option, before, now }: OptionChange): OptionChange {
  return {
    option,
    ...(before !== undefined && { before: shownValue(before) }),
    ...(now !== undefined && { now: shownValue(now) }),
  };
}

/** Requests of the facades `zc.buildout` and `zc.recipe.egg` to the engine. */
import type { EngineContext } from "../contract/engine.ts";
import type { ExtensionBuild } from "../distributions/python/extension-build.ts";
import type { PythonDistribution } from "../distributions/python/python-distribution.ts";
import { BuildoutError } from "../errors/error.ts";
import { parseSections } from "./parse-sections.ts";
import { partWorkingSet } from "./provided.ts";
import { scriptsHandler } from "./scripts.ts";
import type { SharedOptions } from "./shared-options.ts";
import type { Handlers } from "./worker.ts";

/** What the handlers need besides the buildout. */
export interface FacadeRun {
  /** The part whose recipe is running, if any. */
  readonly running: string | undefined;
  /** The options that the worker knows. */
  readonly options: SharedOptions;
  /** Records paths created by the part. Throws a TypeError if it is not being installed. */
  created(part: string, paths: string[]): string[];
  /** Called with values that the running part has received: a secret makes its files private. */
  given(text: string): void;
  /** Called with the distributions that the running part has requested. */
  found(distributions: readonly PythonDistribution[]): void;
}

function logHandler(buildout: EngineContext) {
  return (name: string, level: number, message: string) => {
    const log = name === "zc.buildout" ? buildout.log : buildout.logger(name);
    if (level >= 40) log.error(message);
    else if (level >= 30) log.warning(message);
    else if (level >= 20) log.info(message);
    else log.debug(message);
  };
}

function sectionHandlers(buildout: EngineContext, { options }: FacadeRun): Handlers {
  const { configuration } = buildout.request;
  const raw = configuration.sections;
  return {
    section: async (name: string) => options.share(await buildout.section(name)),
    sections: () => [...raw.keys()],
    "has-section": (name: string) => raw.has(name),
    "add-sections": async (added: Record<string, Record<string, string>>) => {
      for (const [name, options] of Object.entries(added)) {
        raw.set(name, new Map(Object.entries(options)));
      }
      for (const name of Object.keys(added)) await buildout.section(name);
    },
    /** The name of a section that already exists; then nothing is added. */
    parse: async (text: string) => {
      const added = parseSections(text, configuration);
      for (const name of added.keys()) if (raw.has(name)) return name;
      for (const [name, options] of added) raw.set(name, options);
      for (const name of added.keys()) await buildout.section(name);
      return undefined;
    },
    "parse-text": (text: string, file: string) => {
      try {
        const parsed = [...parseSections(text, configuration, file)];
        return {
          sections: Object.fromEntries(
            parsed.map(([name, options]) => [name, Object.fromEntries(options)]),
          ),
        };
      } catch (error) {
        if (!(error instanceof BuildoutError)) throw error;
        return { error: error.message };
      }
    },
    "raw-options": (name: string) => Object.fromEntries(raw.get(name) ?? []),
    "set-raw-option": (name: string, option: string, value: string | null) => {
      const options = raw.get(name) ?? new Map<string, string>();
      raw.set(name, options);
      if (value === null) options.delete(option);
      else options.set(option, value);
    },
    "set-raw-section": (name: string, options: Record<string, string> | null) => {
      if (options === null) raw.delete(name);
      else raw.set(name, new Map(Object.entries(options)));
    },
  };
}

function optionHandlers(buildout: EngineContext, run: FacadeRun): Handlers {
  return {
    option: async (section: string, option: string) => {
      const value = await (await buildout.section(section)).read(option);
      if (value !== undefined) run.given(value);
      return value;
    },
    options: async (section: string) => (await buildout.section(section)).keys(),
    "copy-options": async (section: string) =>
      Object.fromEntries((await buildout.section(section)).snapshot()),
    "set-option": async (section: string, option: string, value: string) =>
      (await buildout.section(section)).set(option, value),
    "delete-option": async (name: string, option: string) => {
      const section = await buildout.section(name);
      const known = section.keys().includes(option);
      section.delete(option);
      return known;
    },
    substitute: async (name: string, references: string[]) => {
      const section = await buildout.section(name);
      const values: string[] = [];
      for (const reference of references) values.push(await section.substitute(reference));
      run.given(values.join("\n"));
      return values;
    },
    created: (part: string, paths: string[]) => run.created(part, paths),
  };
}

/** Builds use the engine's environment, which is in sync with the worker's. */
function extensionBuild(settings: Record<string, string>): ExtensionBuild {
  return { settings: new Map(Object.entries(settings)), environment: {} };
}

interface Asked {
  /** The directory to install distributions in; null: do not install. */
  destination?: string | null;
  links?: string[];
  index?: string;
  executable?: string;
  versions?: Record<string, string>;
}

function distributionHandlers(buildout: EngineContext, run: FacadeRun): Handlers {
  return {
    versions: () => Object.fromEntries(buildout.versions),
    "set-versions": async (versions: Record<string, string>) => {
      const name = (await buildout.section("buildout")).get("versions");
      const section = name ? await buildout.section(name) : undefined;
      for (const [option, version] of Object.entries(versions)) section?.set(option, version);
      buildout.setVersions(new Map(Object.entries(versions)));
    },
    "picked-versions": () => buildout.pickedVersions(),
    "report-picked": () => buildout.reportPicked(),
    parts: () => buildout.parts,
    scripts: scriptsHandler(buildout.log),
    "working-set": async (requirements: string[], asked: Asked) => {
      const { destination, links, index, executable, versions } = asked;
      const elsewhere = destination && destination !== buildout.eggsDirectory;
      const found = await partWorkingSet(buildout, requirements, {
        ...(executable && { executable }),
        ...(links && { findLinks: links }),
        ...(index && { index }),
        ...(versions && { versions: new Map(Object.entries(versions)) }),
        ...(elsewhere && { eggsDirectory: destination }),
        ...(run.running !== undefined && { asker: run.running }),
      });
      run.found(found);
      return found;
    },
    build: async (requirement: string, settings: Record<string, string>, places: Asked) => {
      const { links, index } = places;
      const egg = await buildout.buildEgg(requirement, extensionBuild(settings), {
        ...(links && { findLinks: links }),
        ...(index && { index }),
        ...(run.running !== undefined && { asker: run.running }),
      });
      return [egg];
    },
    develop: (folder: string, settings: Record<string, string>) =>
      buildout.developPackage(folder, extensionBuild(settings)),
  };
}

export function facadeHandlers(buildout: EngineContext, run: FacadeRun): Handlers {
  return {
    log: logHandler(buildout),
    ...sectionHandlers(buildout, run),
    ...optionHandlers(buildout, run),
    ...distributionHandlers(buildout, run),
  };
}

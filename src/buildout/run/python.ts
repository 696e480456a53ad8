import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Section } from "../../config/resolve/section.ts";
import type { EngineContext } from "../../contract/engine.ts";
import type { WorkingSetOptions } from "../../contract/recipe.ts";
import type { ExtensionBuild } from "../../distributions/python/extension-build.ts";
import type { PythonInstallRequest } from "../../distributions/python/install/request.ts";
import { InstalledFiles } from "../../distributions/python/installed-files.ts";
import { Pips } from "../../distributions/python/installers/pip-command.ts";
import type { PythonDistribution } from "../../distributions/python/python-distribution.ts";
import { isPythonDevelopPackage } from "../../distributions/python/python-distribution.ts";
import type { ErrorCode } from "../../errors/codes.ts";
import { BuildoutError, type Location, located } from "../../errors/error.ts";
import { repr } from "../../pythonic/text.ts";
import type { PythonDevelopSettings } from "./develop.ts";

const INSTALLERS = ["auto", "pip", "uv"] as const;

/** Changes with everything that a request depends on, except the index. */
function keyOf({
  asker,
  versions,
  provided,
  report,
  pips,
  files,
  ...request
}: PythonInstallRequest): string {
  const notes = statSync(request.developEggsDirectory, { throwIfNoEntry: false })?.mtimeMs;
  const eggs = statSync(request.eggsDirectory, { throwIfNoEntry: false })?.mtimeMs;
  return JSON.stringify([request, [...versions], [...(provided ?? [])], notes, eggs]);
}

/** Errors of the interpreter, reported where it is named. */
const OF_THE_INTERPRETER: ReadonlySet<ErrorCode> = new Set([
  "interpreter-broken",
  "interpreter-missing",
  "interpreter-too-old",
]);

/** Errors unrelated to the location of the requirements. */
const OF_THE_NETWORK: ReadonlySet<ErrorCode> = new Set([
  "eggs-not-writable",
  "host-not-allowed",
  "index-refused",
  "index-unreachable",
  "offline",
  "pip-missing",
  "uv-missing",
]);

/** The Python distributions of one buildout in one run, with cached results. */
export class PythonPackages {
  private readonly buildout: EngineContext;
  /** Parts with the same requirements need not ask the index again. */
  private readonly answers = new Map<string, PythonDistribution[]>();
  /** Interpreters by the paths they are found at. */
  private readonly real = new Map<string, string>();
  /** Where the configuration names interpreters, by path. */
  private readonly named = new Map<string, Location>();
  private readonly pips = new Pips();
  private readonly files = new InstalledFiles();

  constructor(buildout: EngineContext) {
    this.buildout = buildout;
  }

  /** See `BuildoutContext.workingSet`. */
  async workingSet(
    requirements: readonly string[],
    options: WorkingSetOptions,
  ): Promise<PythonDistribution[]> {
    const { installPythonDistributions } = await import(
      "../../distributions/python/install/install-distributions.ts"
    );
    const request = await this.requestFor(requirements, options);
    let found = this.answers.get(keyOf(request));
    try {
      found ??= await installPythonDistributions(request);
    } catch (error) {
      throw error instanceof BuildoutError ? located(error, this.placeOf(error, request)) : error;
    }
    this.answers.set(keyOf(request), found);
    return found.map((distribution) => ({ ...distribution }));
  }

  /** See `BuildoutContext.buildEgg`. */
  async buildEgg(
    requirement: string,
    build: ExtensionBuild,
    options: WorkingSetOptions,
  ): Promise<string> {
    const { buildCustomEgg } = await import("../../distributions/python/install/custom.ts");
    return buildCustomEgg(await this.requestFor([requirement], options), build);
  }

  /** See `BuildoutContext.developPackage`. */
  async developPackage(
    folder: string,
    build: ExtensionBuild,
    executable: string | undefined,
  ): Promise<string[]> {
    const { isPythonPackage } = await import("../../distributions/python/develop/pyproject.ts");
    if (!isPythonPackage(folder)) {
      throw new BuildoutError(
        "no-package",
        `${repr(folder)} contains no Python package: there is no setup.py or pyproject.toml.`,
      );
    }
    const { developPythonPackage } = await import("../../distributions/python/develop/develop.ts");
    const { developEggsDirectory, report } = this.buildout;
    const settings = await this.developSettings();
    const developed = await developPythonPackage({
      ...{ folder, developEggsDirectory, report, build, ...settings },
      executable: executable === undefined ? settings.executable : async () => executable,
    });
    this.buildout.addDevelopPackage(developed.package);
    return developed.links;
  }

  /** Settings for developing Python packages, read before any part builds an interpreter. */
  async developSettings(): Promise<PythonDevelopSettings> {
    const { directory, downloadCache, settings, isPlan } = this.buildout;
    const { searchPlaces } = await import("../../distributions/python/search.ts");
    const { stampsFile } = await import("../../distributions/python/develop/develop-stamp.ts");
    return {
      // A plan works on a copy of the directory, with the cached results of the real one.
      stamps: stampsFile(settings.developEggsDirectory),
      search: searchPlaces({ ...settings.python, directory, downloadCache }),
      pips: this.pips,
      asks: !isPlan,
      async executable() {
        const { executable } = settings.python;
        if (executable !== "") return resolve(directory, executable);
        const { missingInterpreter } = await import("../../distributions/python/interpreter.ts");
        throw missingInterpreter(undefined);
      },
    };
  }

  /** The interpreter of a part; see `BuildoutContext.pythonExecutable`. */
  async executable(part: Section): Promise<string> {
    const { buildout } = this;
    const own = await buildout.section("buildout");
    const name = part.get("python") ?? (await own.read("python")) ?? "buildout";
    const section = name === part.name ? part : await this.namedSection(name, part);
    // A part's interpreter does not exist while that part is being initialized.
    const executable =
      name === "buildout" && !buildout.isInitialized
        ? buildout.settings.python.executable
        : ((await section.read("executable")) ?? section.require("executable"));
    if (executable !== "") {
      const path = resolve(buildout.directory, executable);
      const place = section.location("executable");
      if (place) this.named.set(path, place);
      const isChosen = name !== "buildout" || place !== undefined;
      return isChosen ? path : this.realInterpreter(path);
    }
    const { missingInterpreter } = await import("../../distributions/python/interpreter.ts");
    throw missingInterpreter(undefined, section.location("executable"));
  }

  /** A request for distributions, with the settings of `[buildout]` for finding and installing them. */
  private async requestFor(
    requirements: readonly string[],
    options: WorkingSetOptions,
  ): Promise<PythonInstallRequest> {
    const { buildout, pips, files } = this;
    const { settings, directory, downloadCache, newest, offline, report, isPlan } = buildout;
    const { executable, findLinks, index, ...rules } = settings.python;
    const versions = options.versions ?? buildout.versions;
    const own = await buildout.section("buildout");
    const installer = INSTALLERS.find((name) => name === rules.installer);
    if (installer === undefined) {
      const location = own.location("installer");
      throw new BuildoutError(
        "invalid-value",
        `Invalid value for 'installer' option: '${rules.installer}'`,
        { ...(location && { location }), hint: `Use one of ${INSTALLERS.join(", ")}.` },
      );
    }
    const pins = own.get("versions") ?? "";
    const timeout = Number.parseInt(settings.socketTimeout, 10);
    return {
      ...{ requirements, versions, directory, downloadCache, newest, offline, report, pips, files },
      ...rules,
      installer,
      executable: options.executable ?? (await this.executable(own)),
      eggsDirectory: options.eggsDirectory ?? buildout.eggsDirectory,
      developEggsDirectory: options.developEggsDirectory ?? buildout.developEggsDirectory,
      developPackages: buildout.developPackages.filter(isPythonDevelopPackage),
      locatePin: (option) => buildout.request.configuration.location(pins, option),
      ...(options.provided && { provided: options.provided }),
      findLinks: options.findLinks ?? findLinks,
      index: options.index ?? index,
      // A plan only uses installed distributions.
      ...(isPlan && { newest: false, downloadCache: undefined, findLinks: [], index: "" }),
      timeout: Number.isNaN(timeout) ? undefined : timeout,
      asker: options.asker ?? "buildout",
    };
  }

  /** The location of an error: the option of the interpreter or of the requirements. */
  private placeOf(
    { code }: BuildoutError,
    { executable, asker }: PythonInstallRequest,
  ): Location | undefined {
    if (OF_THE_INTERPRETER.has(code)) return this.named.get(executable);
    if (OF_THE_NETWORK.has(code)) return undefined;
    const { configuration } = this.buildout.request;
    return configuration.location(asker, "eggs") ?? configuration.location(asker, "recipe");
  }

  /**
   * `sys.executable`, which is zc.buildout's default: a program on the PATH may be a shim (of pyenv or
   * asdf) that starts different interpreters in different directories.
   */
  private async realInterpreter(executable: string): Promise<string> {
    const known = this.real.get(executable);
    if (known !== undefined) return known;
    const { readInterpreter } = await import("../../distributions/python/interpreter.ts");
    const found = readInterpreter(executable, this.buildout.directory).facts().executable;
    this.real.set(executable, found);
    return found;
  }

  private async namedSection(name: string, part: Section): Promise<Section> {
    try {
      return await this.buildout.section(name);
    } catch (error) {
      throw error instanceof BuildoutError ? located(error, part.location("python")) : error;
    }
  }
}

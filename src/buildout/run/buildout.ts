/** Over 300 lines: the one object that recipes and extensions see, mostly one-line members. */
import { findPython } from "../../config/conditions/interpreter.ts";
import { earlyValues } from "../../config/resolve/early.ts";
import { initializeRun } from "../../config/resolve/initialize.ts";
import type { Section } from "../../config/resolve/section.ts";
import { Sections } from "../../config/resolve/sections.ts";
import { during } from "../../contract/during.ts";
import type { BuildoutRequest, EngineContext } from "../../contract/engine.ts";
import type { FoundRecipe } from "../../contract/found-recipe.ts";
import type { Part, RecipeDefinition, WorkingSetOptions } from "../../contract/recipe.ts";
import type { Settings } from "../../contract/settings.ts";
import type { DevelopPackage, Distribution } from "../../distributions/distribution.ts";
import type { ExtensionBuild } from "../../distributions/python/extension-build.ts";
import type { PythonDistribution } from "../../distributions/python/python-distribution.ts";
import { BuildoutError, type Location } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import type { EngineEvent, PickedVersion } from "../../events/engine.ts";
import type { Log } from "../../events/log.ts";
import { logOf } from "../../events/log.ts";
import type { Reporter } from "../../events/reporter.ts";
import { OpenCalls, recipeCode } from "../lookup/foreign-code.ts";
import { findRecipe } from "../lookup/lookup.ts";
import { type ConfiguredPart, configurePart, preparedRecipe } from "../lookup/part.ts";
import type { PythonRecipes } from "../lookup/python-recipes.ts";
import { callRecipe } from "../lookup/recipe-call.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { createCaches } from "./directories.ts";
import type { PythonPackages } from "./python.ts";
import { readSettings } from "./settings.ts";

/** One buildout in one run: its sections, and the parts among them with their recipes, in order of initialization. */
export class Buildout implements EngineContext {
  readonly request: BuildoutRequest;
  readonly report: Reporter<EngineEvent>;
  readonly log: Log;
  readonly calls = new OpenCalls();
  private current: Settings;
  private pins: ReadonlyMap<string, string> = new Map();
  /** Filled by the develop step of an installation. */
  private developed: readonly DevelopPackage[] = [];
  private readonly sections: Sections;
  /** False until [buildout] and the pins are known. */
  isInitialized = false;
  private readonly found = new Map<string, FoundRecipe>();
  private readonly configured = new Map<string, ConfiguredPart>();
  /** Undefined until the first secret is read. */
  secrets: Secrets | undefined;
  /** Sections of hosts, if there are secrets: the deployer reads their secrets when needed. */
  private readonly hosts = new Set<string>();
  private python: Promise<PythonRecipes> | undefined;
  private packages: Promise<PythonPackages> | undefined;

  /** Resolves `[buildout]`, starts the log, creates the shared directories. Throws the errors of `initializeRun`. */
  static async open(request: BuildoutRequest): Promise<Buildout> {
    const buildout = new Buildout(request);
    await buildout.start();
    return buildout;
  }

  private constructor(request: BuildoutRequest) {
    const { configuration, report } = request;
    this.request = request;
    this.report = report;
    this.log = logOf(report);
    this.sections = new Sections(configuration, {
      construct: (section) => this.configure(section),
      readSecret: async (secret) => (await this.openSecrets()).read(secret),
      hosts: this.hosts,
      hasSecret: (text) => this.secrets?.isIn(text) === true,
    });
    this.current = readSettings(earlyValues(configuration, findPython(process.env)));
  }

  private async start(): Promise<void> {
    const { configuration, report } = this.request;
    if (configuration.sections.has("secrets")) {
      const { hostSections } = await import("../secrets/host-sections.ts");
      for (const name of hostSections(configuration)) this.hosts.add(name);
    }
    await initializeRun(configuration, this.sections);
    await this.readSettings();
    this.isInitialized = true;
    const { level: logLevel, format: logFormat } = this.settings.log;
    report({ type: "configured", directory: this.directory, logLevel, logFormat });
    this.reportSocketTimeout();
    for (const { code, message, location } of configuration.warnings) {
      report({ type: "warning", code, message, ...location });
    }
    if (!this.isPlan) await during("Initializing.", () => createCaches(this.settings, report));
  }

  /** Applies the current `[buildout]` and pins, which extensions may have changed. */
  async readSettings(): Promise<void> {
    const options = await this.section("buildout");
    const versions = options.get("versions") ?? "";
    if (versions !== "") this.pins = new Map((await this.section(versions)).entries());
    this.current = readSettings((option) => options.get(option));
  }

  private async openSecrets(): Promise<Secrets> {
    if (this.secrets !== undefined) return this.secrets;
    const { Secrets } = await import("../secrets/secrets.ts");
    this.secrets ??= new Secrets(this, process.env);
    return this.secrets;
  }

  secretReferences(text: string): string {
    return this.secrets?.references(text) ?? text;
  }

  private reportSocketTimeout(): void {
    const value = this.settings.socketTimeout;
    if (value === "") return;
    const isNumber = /^\s*[-+]?\d+\s*$/.test(value);
    this.report({ type: "socket-timeout", value, ...(isNumber && { seconds: Number(value) }) });
  }

  /** Finds the recipe of a section and lets it prepare the part. */
  private async configure(section: Section): Promise<void> {
    if (!this.isInitialized) this.pins = await this.earlyPins();
    const name = section.name;
    const recipeName = section.require("recipe");
    const recipe = await this.findRecipe(recipeName, section.location("recipe"));
    const log = this.logger(name);
    const configured = await configurePart(section, recipe, this, log);
    configured.prepared = await callRecipe(
      this.calls,
      () => recipe.definition.init?.(configured.part),
      configured.code,
    );
    this.configured.set(name, configured);
  }

  /**
   * The pins, if a reference in [buildout] or in the pins initializes a part before either is known. A pin
   * that needs this part is an error, as in zc.buildout.
   */
  private async earlyPins(): Promise<ReadonlyMap<string, string>> {
    const name = earlyValues(this.request.configuration)("versions") ?? "";
    if (name === "") return new Map();
    const section = await this.section(name);
    const pins = new Map<string, string>();
    for (const option of section.keys()) {
      pins.set(option, (await section.read(option)) ?? section.require(option));
    }
    return pins;
  }

  /**
   * A part with its recipe, initialized if necessary; `from` is where it is named. Undefined for a section
   * that is not a part: [buildout], or one with an empty `recipe =`. Throws "Missing option: x:recipe".
   */
  async part(name: string, from?: Location): Promise<ConfiguredPart | undefined> {
    const section = await this.sections.section(name, () => (from ? { location: from } : {}));
    const configured = this.configured.get(name);
    if (configured || section.has("recipe")) return configured;
    const location = this.request.configuration.location(section.name);
    const hint = didYouMean("recipe", section.keys());
    throw new BuildoutError("missing-option", `Missing option: ${name}:recipe`, {
      ...(location && { location }),
      ...(hint && { hint }),
    });
  }

  /** Looks up `NAME[:ENTRY]`, named at `location`; once per run. Throws `missing-recipe`. */
  async findRecipe(recipe: string, location?: Location): Promise<FoundRecipe> {
    const known = this.found.get(recipe);
    if (known !== undefined) return known;
    const found = await findRecipe(recipe, this, location);
    this.found.set(recipe, found);
    return found;
  }

  async addRecipe(part: Part, recipe: string): Promise<RecipeDefinition> {
    const found = await this.findRecipe(recipe, part.options.location("extends"));
    const { definition } = found;
    const code = recipeCode(found, recipe, part.name);
    const prepared = await callRecipe(this.calls, () => definition.init?.(part), code);
    return preparedRecipe(definition, prepared);
  }

  /** Runs recipes and extensions in Python; started with the first of them. */
  pythonRecipes(): Promise<PythonRecipes> {
    this.python ??= this.startPythonRecipes();
    return this.python;
  }

  private async startPythonRecipes(): Promise<PythonRecipes> {
    const { startRecipeInterpreter } = await import("../../bridge/recipe-executable.ts");
    // Python starts while the modules for it are loaded.
    const interpreter = await startRecipeInterpreter(this);
    const { PythonRecipes } = await import("../lookup/python-recipes.ts");
    return new PythonRecipes(this, interpreter);
  }

  /** The Python distributions of this run; started on first use. */
  pythonPackages(): Promise<PythonPackages> {
    this.packages ??= import("./python.ts").then(({ PythonPackages }) => new PythonPackages(this));
    return this.packages;
  }

  /** Ends everything that the run has started. */
  async close(): Promise<void> {
    await (await this.python)?.close();
  }

  get settings(): Settings {
    return this.current;
  }
  get versions(): ReadonlyMap<string, string> {
    return this.pins;
  }
  get developPackages(): readonly DevelopPackage[] {
    return this.developed;
  }
  get directory(): string {
    return this.settings.directory;
  }
  get place(): string {
    return this.request.planning?.place ?? this.directory;
  }
  get binDirectory(): string {
    return this.settings.binDirectory;
  }
  get partsDirectory(): string {
    return this.settings.partsDirectory;
  }
  get eggsDirectory(): string {
    return this.settings.eggsDirectory;
  }
  get developEggsDirectory(): string {
    return this.request.planning?.developEggsDirectory ?? this.settings.developEggsDirectory;
  }
  get isPlan(): boolean {
    return this.request.planning !== undefined;
  }
  get downloadCache(): string | undefined {
    return this.settings.downloadCache;
  }
  get offline(): boolean {
    return this.isPlan || this.settings.offline;
  }
  get newest(): boolean {
    return this.settings.newest;
  }
  get configurationFiles(): readonly string[] {
    return this.request.configuration.files;
  }
  get parts(): readonly string[] {
    return [...this.configured.keys()];
  }

  setVersions(versions: ReadonlyMap<string, string>): void {
    this.pins = versions;
  }

  setDevelopPackages(packages: readonly DevelopPackage[]): void {
    this.developed = packages;
  }

  addDevelopPackage(added: DevelopPackage): void {
    const others = this.developed.filter(
      ({ kind, folder }) => kind !== added.kind || folder !== added.folder,
    );
    this.developed = [...others, added];
  }

  has(section: string): boolean {
    return this.sections.has(section);
  }

  names(): string[] {
    return this.sections.names();
  }

  usedSections(): string[] {
    return this.sections.used();
  }

  section(name: string): Promise<Section> {
    return this.sections.section(name);
  }

  get logLevel(): number {
    return this.settings.log.level;
  }

  logger(name: string): Log {
    return logOf(this.report, name);
  }

  addSection(name: string, options: Readonly<Record<string, string>>): Promise<Section> {
    return this.sections.add(name, options);
  }

  async unpin(names: Iterable<string>): Promise<void> {
    const normalized = (name: string) => name.replace(/[-_.]+/g, "-").toLowerCase();
    const unpinned = new Set([...names].map(normalized));
    const versions = (await this.section("buildout")).get("versions") ?? "";
    if (versions === "") return;
    const section = await this.section(versions);
    const kept = new Map(this.versions);
    for (const name of this.versions.keys()) {
      if (!unpinned.has(normalized(name))) continue;
      section.set(name, "");
      kept.delete(name);
    }
    this.pins = kept;
  }

  async pickedVersions(): Promise<PickedVersion[]> {
    const code = (await this.python)?.distributions ?? [];
    return (await import("./picked.ts")).findPicked(this, code);
  }

  async reportPicked(): Promise<void> {
    await (await import("./picked.ts")).reportPicked(this);
  }

  /** The same, unless an extension in Python does it in the engine's place. */
  async finish(): Promise<void> {
    const ending = await (await this.python)?.finish();
    const options = await this.section("buildout");
    const isShown = options.get("show-picked-versions") === "true";
    if (!isShown && !options.get("update-versions-file")) return;
    await (ending ?? { report: () => this.reportPicked() }).report();
  }

  /** The initialized parts, including those that are only referred to. */
  configuredParts(): Iterable<ConfiguredPart> {
    return this.configured.values();
  }

  async distributions(): Promise<Distribution[]> {
    const found: Distribution[] = this.developPackages.map(({ kind, name, version }) => ({
      kind,
      name,
      version,
    }));
    for (const { recipe, part, prepared, code } of this.configured.values()) {
      const { definition } = recipe;
      const ask = () => definition.distributions?.(part, prepared);
      found.push(...((await callRecipe(this.calls, ask, code)) ?? []));
    }
    return found;
  }

  async workingSet(
    requirements: readonly string[],
    options: WorkingSetOptions = {},
  ): Promise<PythonDistribution[]> {
    return (await this.pythonPackages()).workingSet(requirements, options);
  }

  async buildEgg(
    requirement: string,
    build: ExtensionBuild,
    options: WorkingSetOptions = {},
  ): Promise<string> {
    return (await this.pythonPackages()).buildEgg(requirement, build, options);
  }

  async developPackage(
    folder: string,
    build: ExtensionBuild,
    executable?: string,
  ): Promise<string[]> {
    return (await this.pythonPackages()).developPackage(folder, build, executable);
  }

  async pythonExecutable(part: Section): Promise<string> {
    return (await this.pythonPackages()).executable(part);
  }
}

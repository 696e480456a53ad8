/** Builds one distribution from source, with its own settings for C extensions. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { type Environment, readEnvironment } from "../environment.ts";
import { buildEnvironment, type ExtensionBuild } from "../extension-build.ts";
import { checkHosts } from "../installers/allow-hosts.ts";
import { type Assignment, InstallerFailure } from "../installers/installer.ts";
import { pip } from "../installers/pip.ts";
import { readInterpreter } from "../interpreter.ts";
import { Pins } from "../pins.ts";
import {
  allows,
  isExact,
  parseRequirement,
  type Requirement,
  requirementText,
} from "../requirement.ts";
import { type Search, searchPlaces } from "../search.ts";
import { explainFailure } from "./failure.ts";
import { makeEggs, moveEgg } from "./place.ts";
import type { PythonInstallRequest, Situation } from "./request.ts";

const WORKSHOP = ".building-";

class CustomBuild {
  private readonly situation: Situation;
  private readonly requirement: Requirement;
  private readonly environment: Environment;
  private readonly search: Search;

  constructor(request: PythonInstallRequest) {
    const { executable, directory, versions, asker, developEggsDirectory } = request;
    const locate = (option: string) => request.locatePin?.(option);
    const interpreter = readInterpreter(executable, directory);
    const pins = new Pins({ versions, locate, asker });
    this.situation = { request, interpreter, pins, provided: new Set() };
    this.environment = readEnvironment({
      eggsDirectory: developEggsDirectory,
      developEggsDirectory,
      developPackages: [],
      interpreter,
      allowsVersion: () => true,
    });
    this.requirement = pins.constrain({
      requirement: parseRequirement(request.requirements[0]!),
      by: undefined,
    });
    this.search = searchPlaces(request);
  }

  async run(build: ExtensionBuild): Promise<string> {
    const { developEggsDirectory, allowHosts } = this.situation.request;
    await this.clear();
    const workshop = await mkdtemp(path.join(developEggsDirectory, WORKSHOP));
    try {
      checkHosts(this.search, allowHosts);
      return (await this.usable(workshop)) ?? (await this.make(build, workshop));
    } catch (error) {
      if (!(error instanceof InstallerFailure)) throw error;
      const { situation, environment, search } = this;
      const versions = (name: string) => pip.versions(this.assignment(workshop), name);
      const userIndex = () => pip.userIndex(situation.interpreter);
      const announce = (_name: string, requirement: string) =>
        situation.request.report({ type: "distribution-getting", kind: "python", requirement });
      const eggsOnPages = async () => [];
      const context = {
        ...{ situation, environment, search, versions, userIndex, announce, eggsOnPages },
      };
      throw await explainFailure({ ...context, failure: error });
    } finally {
      await rm(workshop, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  /** Removes leftovers of killed runs. */
  private async clear(): Promise<void> {
    const folder = this.situation.request.developEggsDirectory;
    for (const entry of await readdir(folder)) {
      if (entry.startsWith(WORKSHOP)) await rm(path.join(folder, entry), { recursive: true });
    }
  }

  private assignment(workshop: string): Assignment {
    const { request, interpreter } = this.situation;
    return {
      workshop,
      interpreter,
      requirements: [],
      constraints: [],
      ...this.search,
      prereleases: !request.preferFinal,
      timeout: request.timeout,
      pips: request.pips,
      report: request.report,
      onProject: () => {},
    };
  }

  /** An egg built earlier, if nothing newer is requested. */
  private async usable(workshop: string): Promise<string | undefined> {
    const { requirement } = this;
    const there = this.environment
      .candidates(requirement.key)
      .find(({ developed, version }) => !developed && allows(requirement, version));
    if (there === undefined) return undefined;
    if (!this.situation.request.newest || isExact(requirement)) return there.location;
    const published = await pip.versions(this.assignment(workshop), requirement.name);
    const newest = published.filter((version) => allows(requirement, version)).at(-1);
    return newest === undefined || newest === there.version ? there.location : undefined;
  }

  private async make(build: ExtensionBuild, workshop: string): Promise<string> {
    const { request, interpreter } = this.situation;
    const target = path.join(workshop, "target");
    await mkdir(target);
    const environment = await buildEnvironment(build, workshop);
    const lines = [`--no-binary ${this.requirement.key}`, requirementText(this.requirement)];
    await pip.install({ ...this.assignment(workshop), environment }, lines, target);
    const [egg] = await makeEggs(target, workshop, interpreter, new Set());
    const place = await moveEgg(egg!.folder, request.developEggsDirectory);
    const { name, version } = egg!.metadata;
    request.report({ type: "distribution-built", kind: "python", name, version, path: place });
    return place;
  }
}

/**
 * Builds the source distribution of the request's first requirement, even if there are wheels, as an egg in
 * `developEggsDirectory`, without dependencies. Returns its directory. Keeps an existing egg unless a newer
 * version is requested. Throws the errors of `installPythonDistributions`.
 */
export function buildCustomEgg(
  request: PythonInstallRequest,
  build: ExtensionBuild,
): Promise<string> {
  return new CustomBuild(request).run(build);
}

/**
 * Gets missing distributions with pip or uv, and makes eggs of them. Over 300 lines: each way to get a
 * distribution falls back on the next.
 */
import { mkdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import type { BuildoutError } from "../../../errors/error.ts";
import type { Environment } from "../environment.ts";
import { dependencyLinks, type GivenUp, lateLinks } from "../given-up.ts";
import { allowsAll, checkHosts, checkSources, disallowed } from "../installers/allow-hosts.ts";
import {
  type Assignment,
  type Chosen,
  type Installer,
  InstallerFailure,
} from "../installers/installer.ts";
import type { Metadata } from "../metadata.ts";
import { applies, normalizeName, parseRequirement, type Requirement } from "../requirement.ts";
import { type Search, searchPlaces } from "../search.ts";
import type { WorkingSet } from "../working-set.ts";
import type { Announcements } from "./announcements.ts";
import { cachedSources } from "./cached-sources.ts";
import { withEggsFolder } from "./eggs-folder.ts";
import { explainFailure } from "./failure.ts";
import { inOrderOfNeed, type Needs, needsOf } from "./order-of-need.ts";
import { downloadEggs, eggsOnPages, type PageEgg } from "./page-eggs.ts";
import { findClashes, type MadeEgg, makeEggs, moveEgg, readInstalled } from "./place.ts";
import type { Situation } from "./request.ts";
import { Resolution, TEMPORARY } from "./resolution.ts";
import { findInstaller } from "./select-installer.ts";
import { withWorkshop } from "./temporary-directory.ts";
import { Unpacker, type Wheel, wheelsIn } from "./unpack.ts";
import { likelyWheels, wheelsHere } from "./wheels-here.ts";

/** Number of distributions that justify starting another pip. */
const PER_PROCESS = 8;

/** pip's message if it cannot build a wheel from an old `setup.py`. */
const NO_WHEELS = /invalid command 'bdist_wheel'/;

/** Name -> version of all choices, except develop packages and provided ones. */
export type ChosenVersions = ReadonlyMap<string, string>;

/** The ways to get distributions, from the cheapest to the most expensive; each falls back on the next. */
class Obtaining {
  private readonly situation: Situation;
  private readonly environment: Environment;
  private readonly set: WorkingSet;
  private readonly installer: Installer;
  private readonly search: Search;
  private readonly resolution: Resolution;
  private readonly announcements: Announcements;
  /** URLs of eggs on web pages, for projects without another source. */
  private readonly pageEggs = new Set<string>();

  constructor(
    situation: Situation,
    environment: Environment,
    set: WorkingSet,
    installer: Installer,
    links: readonly string[],
  ) {
    this.situation = situation;
    this.environment = environment;
    this.set = set;
    this.installer = installer;
    const { request } = situation;
    this.search = searchPlaces({ ...request, findLinks: [...links, ...request.findLinks] });
    this.resolution = new Resolution(situation, environment, set, installer, this.search);
    this.announcements = this.resolution.announcements;
  }

  async run(): Promise<ChosenVersions> {
    checkHosts(this.search, this.situation.request.allowHosts);
    return withWorkshop(TEMPORARY, async (folder) => {
      for (;;) {
        try {
          return await this.attempt();
        } catch (error) {
          if (!(error instanceof InstallerFailure)) throw error;
          const eggs: PageEgg[] = [];
          const explained = await this.explained(error, eggs);
          const fresh = eggs.filter(({ path }) => !this.pageEggs.has(path));
          if (!fresh.some(({ obstacle }) => obstacle === undefined)) throw explained;
          for (const { path } of fresh) this.pageEggs.add(path);
          this.resolution.downloaded.push(...(await downloadEggs(fresh, folder)));
        }
      }
    });
  }

  private async attempt(): Promise<ChosenVersions> {
    const { request } = this.situation;
    const pinned = await this.fromWheelsHere();
    if (pinned !== undefined) return pinned;
    if (this.mayInstallAtOnce()) {
      try {
        const all = await withEggsFolder(request, (workshop) => this.installAtOnce(workshop));
        if (all !== undefined) return all;
      } catch (error) {
        // If an invalid pin caused the failure, report the pin.
        if (!(error instanceof InstallerFailure && this.situation.pins.hasUnreadable)) throw error;
      }
    }
    const chosen = await this.resolution.resolve();
    const absent = chosen.filter((one) => !this.isThere(one));
    checkSources(absent, request.allowHosts);
    if (absent.length > 0)
      await withEggsFolder(request, (workshop) => this.installChosen(workshop, absent));
    return new Map(chosen.map(({ name, version }) => [name, version]));
  }

  /** If all missing distributions are pinned and local, no installer is needed. */
  private async fromWheelsHere(): Promise<ChosenVersions | undefined> {
    const { situation, environment, resolution } = this;
    if (resolution.downloaded.length > 0) return undefined;
    const found = wheelsHere(situation, environment, this.search);
    if (found === undefined) return undefined;
    const { set, files } = found;
    const wheels = set.members
      .filter((member) => files.has(member))
      .map((member) => ({ name: member.name, file: files.get(member)! }));
    const [first] = wheels;
    if (first === undefined) return undefined;
    this.announcements.getting(first.name);
    await withEggsFolder(situation.request, async (workshop) => {
      const assignment = await resolution.assignment(workshop);
      const unpacker = new Unpacker(assignment);
      try {
        return await this.placeWheels(wheels, unpacker);
      } finally {
        await unpacker.end();
      }
    });
    const own = set.members.filter(({ developed, shared }) => !developed && !shared);
    return new Map(own.map(({ name, version }) => [name, version]));
  }

  /** The error for a failure; `eggs` collects those on web pages that would help. */
  private explained(failure: InstallerFailure, eggs: PageEgg[]): Promise<BuildoutError> {
    const { situation, environment, search } = this;
    const { interpreter, request } = situation;
    return explainFailure({
      ...{ situation, environment, search, failure },
      versions: (name) => this.resolution.publishedVersions(name),
      userIndex: () => this.installer.userIndex(interpreter),
      announce: (name, requirement) => this.announcements.getting(name, { requirement }),
      async eggsOnPages(places, key) {
        const found = await eggsOnPages(places, interpreter, request.allowHosts, key);
        eggs.push(...found);
        return found;
      },
    });
  }

  /** One installer run is enough if nothing is installed and nothing must be checked in between. */
  private mayInstallAtOnce(): boolean {
    const { allowHosts, allowPicked, downloadCache } = this.situation.request;
    const isBare = this.set.members.every(({ developed, shared }) => developed || shared);
    return isBare && allowsAll(allowHosts) && allowPicked && downloadCache === undefined;
  }

  private isThere({ name, version }: Pick<Chosen, "name" | "version">): boolean {
    return this.environment
      .candidates(normalizeName(name))
      .some((candidate) => candidate.version === version);
  }

  /** The names of distributions in zc.buildout's order, with the requirement for each. */
  private orderOfNeed(
    distributions: readonly Pick<Metadata, "name" | "requires">[],
  ): Map<string, Requirement | undefined> {
    const { interpreter, request } = this.situation;
    const names = new Map(distributions.map(({ name }) => [normalizeName(name), name]));
    const needs = new Map<string, Needs>([
      ...this.set.members.map((one): [string, Needs] => [
        one.key,
        (extras) => one.requires(extras),
      ]),
      ...distributions.map(({ name, requires }): [string, Needs] => [
        normalizeName(name),
        needsOf(requires, interpreter.facts),
      ]),
    ]);
    const roots = request.requirements
      .map(parseRequirement)
      .filter((one) => applies(one, interpreter.facts));
    const found = new Map<string, Requirement | undefined>();
    for (const one of inOrderOfNeed(roots, needs)) {
      const name = names.get(one.key);
      if (name !== undefined && !found.has(name)) found.set(name, one);
    }
    for (const { name } of distributions) if (!found.has(name)) found.set(name, undefined);
    return found;
  }

  /** Undefined if each distribution must be checked first. */
  private async installAtOnce(workshop: string): Promise<ChosenVersions | undefined> {
    const assignment = await this.resolution.assignment(workshop);
    const { installer } = this;
    if (installer.collect !== undefined) {
      const wheels = join(workshop, "wheels");
      const isThere = (key: string) => this.environment.candidates(key).length > 0;
      const likely = likelyWheels(this.situation, isThere, this.search);
      const unpacker = new Unpacker(assignment, likely);
      const own = { ...assignment, onStart: () => unpacker.begin() };
      try {
        const { isOlder } = await this.resolution.retried(own, async (one) => {
          await rm(wheels, { recursive: true, force: true });
          await mkdir(wheels);
          await installer.collect!(one, wheels);
        });
        if (isOlder) return undefined;
        return await this.placeWheels(await wheelsIn(wheels), unpacker);
      } catch (error) {
        // Without the wheel package, pip before 23.1 can only install, not build wheels.
        const isOld = error instanceof InstallerFailure && NO_WHEELS.test(error.output);
        if (!isOld) throw error;
      } finally {
        await unpacker.end();
      }
    }
    const target = join(workshop, "target");
    await mkdir(target);
    const { isOlder } = await this.resolution.retried(assignment, (one) =>
      installer.installAll(one, target),
    );
    if (isOlder) return undefined;
    return this.place(assignment, target, (name, version) => `${name}==${version}`);
  }

  /** Makes eggs of wheels. */
  private async placeWheels(wheels: readonly Wheel[], unpacker: Unpacker): Promise<ChosenVersions> {
    const isOwn = (name: string) => !this.resolution.stubNames.has(normalizeName(name));
    const wanted = wheels.filter(({ name }) => isOwn(name));
    const made = await unpacker.eggsOf(wanted, this.installer);
    return this.settle(made.filter(({ metadata }) => isOwn(metadata.name)));
  }

  /** Several installers in parallel if there is enough to do. */
  private async installChosen(workshop: string, chosen: readonly Chosen[]): Promise<void> {
    const assignment = await this.resolution.assignment(workshop);
    const wanted = this.orderOfNeed(
      chosen.map(({ name, requires }) => ({ name, requires: requires.map(parseRequirement) })),
    );
    // The others are reported when all are in place.
    for (const [name, need] of [...wanted].slice(0, 1)) {
      this.announcements.getting(name, need && { need });
    }
    const sources = await cachedSources(
      this.installer,
      assignment,
      chosen,
      this.situation.request.downloadCache,
    );
    const count = Math.min(availableParallelism(), Math.ceil(sources.size / PER_PROCESS));
    const groups = Array.from({ length: count }, (_, at) =>
      [...sources.values()].filter((_source, index) => index % count === at),
    );
    await Promise.all(
      groups.map(async (group, at) => {
        const target = join(workshop, `target-${at}`);
        await mkdir(target);
        await this.installer.install(assignment, group, target);
        await this.place(assignment, target, (name) => sources.get(normalizeName(name))!);
      }),
    );
  }

  /** Makes eggs from an installation directory; repeats it if files conflict. */
  private async place(
    assignment: Assignment,
    target: string,
    sourceOf: (name: string, version: string) => string,
  ): Promise<ChosenVersions> {
    const { interpreter } = this.situation;
    const installed = await readInstalled(target);
    const clashing = findClashes(installed);
    const made = await makeEggs(
      target,
      assignment.workshop,
      interpreter,
      new Set([...this.resolution.stubNames, ...clashing.map(normalizeName)]),
    );
    for (const [at, name] of clashing.entries()) {
      const { version } = installed.find(({ metadata }) => metadata.name === name)!.metadata;
      const alone = join(assignment.workshop, `${basename(target)}-${at}`);
      await mkdir(alone);
      await this.installer.install(assignment, [sourceOf(name, version)], alone);
      made.push(
        ...(await makeEggs(alone, assignment.workshop, interpreter, this.resolution.stubNames)),
      );
    }
    return this.settle(made);
  }

  /** Moves eggs to their places and reports them. */
  private async settle(made: MadeEgg[]): Promise<ChosenVersions> {
    const { request, pins } = this.situation;
    if (pins.hasUnreadable) this.resolution.checkReadable(made.map(({ metadata }) => metadata));
    const wanted = this.orderOfNeed(made.map(({ metadata }) => metadata));
    const order = [...new Set([...this.announcements.order, ...wanted.keys()].map(normalizeName))];
    const rank = ({ metadata }: MadeEgg) => order.indexOf(normalizeName(metadata.name));
    made.sort((one, other) => rank(one) - rank(other));
    const late: GivenUp[] = [];
    for (const { metadata, folder } of made) {
      const egg = await moveEgg(folder, request.eggsDirectory);
      if (this.isThere(metadata)) continue;
      const { name, version } = metadata;
      const picked = !pins.isExact(normalizeName(name));
      // Not yet reported for local files or replaced versions.
      const need = wanted.get(name);
      this.announcements.getting(name, need && { need });
      request.report({ type: "distribution-got", kind: "python", name, version, picked });
      if (!request.useDependencyLinks) continue;
      const info = join(egg, basename(egg).replace(/\.egg$/, ".dist-info"));
      late.push(...lateLinks(`${name} ${version}`, info));
    }
    for (const { code, message } of late) request.report({ type: "warning", code, message });
    return new Map(made.map(({ metadata: { name, version } }) => [name, version]));
  }
}

/** The `dependency_links` of installed distributions that allow-hosts permits. */
function allowedLinks({ request }: Situation, { members }: WorkingSet): string[] {
  if (!request.useDependencyLinks) return [];
  const allowed = new Set<string>();
  for (const { name, metadata, shared } of members) {
    for (const link of shared ? [] : dependencyLinks(metadata)) {
      const host = disallowed(link, request.allowHosts);
      if (host === undefined) allowed.add(link);
      else {
        const message = `The dependency_links of ${name} are ignored: ${host} is not in allow-hosts.`;
        request.report({ type: "warning", code: "dependency-links", message });
      }
    }
  }
  return [...allowed];
}

/**
 * Chooses and installs what a working set lacks; returns the version of every distribution in it. Throws
 * the errors of `installPythonDistributions`.
 */
export async function obtain(
  situation: Situation,
  environment: Environment,
  set: WorkingSet,
): Promise<ChosenVersions> {
  const links = allowedLinks(situation, set);
  const installer = await findInstaller(situation, links.length > 0);
  return new Obtaining(situation, environment, set, installer, links).run();
}

/**
 * Gets distributions that are not there: asks pip or uv, and makes eggs of what they install. Over
 * 300 lines: the ways to one go from the cheapest to the dearest, and each falls back on the next.
 */
import { constants, existsSync } from "node:fs";
import { access, copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { BuildoutError } from "../../../errors/error.ts";
import { withLock } from "../../../system/lock.ts";
import { renameDurably } from "../../../system/rename-durably.ts";
import { temporaryBeside } from "../../../system/write-atomically.ts";
import type { Environment } from "../environment.ts";
import { dependencyLinks, lateLinks } from "../given-up.ts";
import { allowsAll, checkHosts, checkSources, disallowed } from "../installers/allow-hosts.ts";
import { eggsIn, type FoundEgg, oldEggs, writeWheels } from "../installers/eggs.ts";
import {
  type Assignment,
  type Chosen,
  fileSource,
  type Installer,
  InstallerFailure,
} from "../installers/installer.ts";
import { needingPrereleases, withPrereleases } from "../installers/prereleases.ts";
import { stubsOf, writeStub } from "../installers/stub.ts";
import {
  applies,
  normalizeName,
  parseRequirement,
  pinSpecifiers,
  requirementText,
} from "../requirement.ts";
import { distributionCache, type Search, searchPlaces } from "../search.ts";
import type { WorkingSet } from "../working-set.ts";
import { checkPins } from "./check-pins.ts";
import { explainFailure } from "./failure.ts";
import { downloadEggs, eggsOnPages, type PageEgg } from "./page-eggs.ts";
import { findClashes, makeEggs, moveEgg, readInstalled } from "./place.ts";
import type { Situation } from "./request.ts";
import { findInstaller } from "./select-installer.ts";
import { SharedStubs } from "./shared-stubs.ts";
import { withWorkshop } from "./temporary-directory.ts";

/** Begins the names of folders in the eggs folder where an installation grows. */
const WORKSHOP = ".installing-";

/** Begins the names of folders where nothing is installed. */
const TEMPORARY = join(tmpdir(), "buildout-");

/** How many distributions make one more pip beside the first worth its start. */
const PER_PROCESS = 8;

/** Name -> version of all that was chosen, what is under development or provided left out. */
export type ChosenVersions = ReadonlyMap<string, string>;

class Obtaining {
  private readonly situation: Situation;
  private readonly environment: Environment;
  private readonly set: WorkingSet;
  private readonly installer: Installer;
  private readonly search: Search;
  /** Normalized names of what is developed or provided. */
  private readonly settled: ReadonlySet<string>;
  private readonly shared: SharedStubs;
  private readonly announced = new Set<string>();
  /** Eggs of web pages that nothing but them is there for, and their addresses. */
  private readonly downloaded: FoundEgg[] = [];
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
    const developed = environment.developed().map(({ key }) => key);
    this.settled = new Set([...developed, ...situation.provided]);
    this.shared = new SharedStubs(environment, set, situation.pins, this.settled);
  }

  /** Normalized names of what is not made an egg. */
  private get stubNames(): ReadonlySet<string> {
    return new Set([...this.settled, ...this.shared.keys]);
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
          this.downloaded.push(...(await downloadEggs(fresh, folder)));
        }
      }
    });
  }

  private async attempt(): Promise<ChosenVersions> {
    const { request } = this.situation;
    if (this.mayInstallAtOnce()) {
      const all = await this.locked((workshop) => this.installAtOnce(workshop));
      if (all !== undefined) return all;
    }
    const chosen = await this.resolve();
    const absent = chosen.filter((one) => !this.isThere(one));
    checkSources(absent, request.allowHosts);
    if (absent.length > 0) await this.locked((workshop) => this.installChosen(workshop, absent));
    return new Map(chosen.map(({ name, version }) => [name, version]));
  }

  /** The error for a failure; `eggs` gets those of web pages that would help. */
  private explained(failure: InstallerFailure, eggs: PageEgg[]): Promise<BuildoutError> {
    const { situation, environment, search } = this;
    const { interpreter, request } = situation;
    return explainFailure({
      ...{ situation, environment, search, failure },
      versions: (name) => this.publishedVersions(name),
      userIndex: () => this.installer.userIndex(interpreter),
      announce: (name, requirement) => this.announce(name, requirement),
      async eggsOnPages(places, key) {
        const found = await eggsOnPages(places, interpreter, request.allowHosts, key);
        eggs.push(...found);
        return found;
      },
    });
  }

  /** One run of the installer does where nothing is there and nothing has to be looked at between. */
  private mayInstallAtOnce(): boolean {
    const { allowHosts, allowPicked, downloadCache } = this.situation.request;
    const isBare = this.set.members.every(({ developed, shared }) => developed || shared);
    return isBare && allowsAll(allowHosts) && allowPicked && downloadCache === undefined;
  }

  private async assignment(workshop: string): Promise<Assignment> {
    const { request, interpreter, pins, provided } = this.situation;
    const stubs = stubsOf(this.environment, request.provided ?? new Map());
    const folder = join(workshop, "stubs");
    await mkdir(folder, { recursive: true });
    const written = await Promise.all(stubs.map((stub) => writeStub(stub, folder)));
    const eggs = [
      ...eggsIn(this.search.findLinks, interpreter),
      ...oldEggs(request.eggsDirectory, interpreter),
      ...this.downloaded,
    ];
    const hasWheels = await writeWheels(eggs, folder, interpreter, request.report);
    const requirements = request.requirements
      .map(parseRequirement)
      .filter((one) => applies(one, interpreter.facts) && !provided.has(one.key))
      .map(requirementText);
    return {
      workshop,
      interpreter,
      requirements: [...new Set([...requirements, ...this.runtimeNeeds()])],
      constraints: [
        ...written.map(({ pin }) => pin),
        ...pins.constraints().filter((line) => !this.settled.has(parseRequirement(line).key)),
      ],
      index: this.search.index,
      noIndex: this.search.noIndex,
      findLinks:
        stubs.length > 0 || hasWheels ? [folder, ...this.search.findLinks] : this.search.findLinks,
      prereleases: !request.preferFinal,
      timeout: request.timeout,
      pips: request.pips,
      report: request.report,
      onProject: (name) => {
        if (this.environment.candidates(normalizeName(name)).length === 0) this.announce(name);
      },
    };
  }

  /** What members need without saying so: setuptools for old namespace packages. */
  private runtimeNeeds(): string[] {
    return this.set.demands
      .filter(({ implied }) => implied)
      .map((one) => requirementText(one.requirement));
  }

  /** Without `newest` what is there is taken, as far as it fits together. */
  private async resolve(): Promise<Chosen[]> {
    const chosen = await withWorkshop(TEMPORARY, async (workshop) => {
      const assignment = await this.assignment(workshop);
      const keep = this.situation.request.newest ? [] : this.keptVersions();
      const own = pathToFileURL(workshop).href;
      const resolve = async (constraints: readonly string[]) => {
        const found = await this.resolveWith({ ...assignment, constraints });
        // The wheel of an egg goes with the workshop; the next one has it again.
        return found.map((one) =>
          one.url?.startsWith(`${own}/`)
            ? { ...one, source: `${one.name}==${one.version}`, url: undefined }
            : one,
        );
      };
      try {
        return await resolve([...assignment.constraints, ...keep]);
      } catch (error) {
        if (keep.length === 0 || !(error instanceof InstallerFailure)) throw error;
        return resolve(assignment.constraints);
      }
    });
    const own = chosen.filter(({ name }) => !this.stubNames.has(normalizeName(name)));
    const { request, pins, interpreter } = this.situation;
    if (!request.allowPicked) {
      const { requirements, asker } = request;
      checkPins({
        requirements,
        asker,
        chosen: own,
        set: this.set,
        pins,
        facts: interpreter.facts,
      });
    }
    return own;
  }

  /** An older version of something is no price for what the interpreter has: it is left out then. */
  private async resolveWith(assignment: Assignment): Promise<Chosen[]> {
    for (;;) {
      const resolve = (one: Assignment) => this.installer.resolve(one);
      const { result, isOlder } = await this.retried(assignment, resolve);
      if (!isOlder) return result;
      const free = await this.installer.resolve(assignment).catch((error: unknown) => {
        if (error instanceof InstallerFailure) return [];
        throw error;
      });
      if (!this.shared.dropUnfit(free, this.situation.interpreter)) return result;
    }
  }

  /**
   * Runs the installer, again where what it lacks are pre-releases that nobody ruled out, or
   * versions other than the interpreter's own. `isOlder`: those may have cost a newer version.
   */
  private async retried<T>(
    assignment: Assignment,
    action: (assignment: Assignment) => Promise<T>,
  ): Promise<{ result: T; isOlder: boolean }> {
    const keys = new Set<string>();
    const pinned = (key: string) => pinSpecifiers(this.situation.pins.get(key) ?? "") ?? [];
    const folder = join(assignment.workshop, "shared");
    for (;;) {
      let isOlder = false;
      const onBacktracking = () => {
        isOlder = this.shared.keys.size > 0;
      };
      const own = await this.shared.constraints(folder);
      const constraints = [...assignment.constraints, ...own];
      try {
        const all = withPrereleases({ ...assignment, constraints, onBacktracking }, keys);
        return { result: await action(all), isOlder };
      } catch (error) {
        if (!(error instanceof InstallerFailure)) throw error;
        if (this.shared.dropRefused(error)) continue;
        const versions = (name: string) => this.publishedVersions(name);
        const more = await needingPrereleases(error, pinned, versions);
        if (more.every((key) => keys.has(key) || this.stubNames.has(key))) throw error;
        for (const key of more) keys.add(key);
      }
    }
  }

  /** The versions of a project that the installer can find. */
  private async publishedVersions(name: string): Promise<string[]> {
    return withWorkshop(TEMPORARY, async (workshop) =>
      this.installer.versions(await this.assignment(workshop), name),
    );
  }

  private keptVersions(): string[] {
    const { pins } = this.situation;
    return this.environment.keys().flatMap((key) => {
      const [best] = this.environment.candidates(key).filter(({ shared }) => !shared);
      return best === undefined || best.developed || pins.get(key) !== undefined
        ? []
        : [`${key}==${best.version}`];
    });
  }

  private isThere({ name, version }: Pick<Chosen, "name" | "version">): boolean {
    return this.environment
      .candidates(normalizeName(name))
      .some((candidate) => candidate.version === version);
  }

  private announce(name: string, requirement?: string): void {
    const key = normalizeName(name);
    if (this.announced.has(key) || this.stubNames.has(key)) return;
    this.announced.add(key);
    const { pins, request } = this.situation;
    const root = this.set.demands.find(({ requirement }) => requirement.key === key)?.requirement;
    const pin = pins.isExact(key) ? `==${pins.get(key)!.replace(/^=+/, "")}` : undefined;
    const text = pin ? `${root?.name ?? name}${pin}` : root ? requirementText(root) : name;
    request.report({
      ...{ type: "distribution-getting", kind: "python" },
      requirement: requirement ?? text,
    });
  }

  /** Runs `action` with an empty folder beside the eggs while no other run changes them. */
  private async locked<T>(action: (workshop: string) => Promise<T>): Promise<T> {
    const { eggsDirectory, report } = this.situation.request;
    await mkdir(eggsDirectory, { recursive: true });
    await access(eggsDirectory, constants.W_OK).catch((cause) => {
      throw new BuildoutError(
        "eggs-not-writable",
        `Nothing can be installed: the eggs folder ${eggsDirectory} can't be written.`,
        { cause, hint: "Make it writable, or name another one: [buildout] eggs-directory." },
      );
    });
    const onWait = (pid: number | undefined) =>
      report({ type: "waiting", directory: eggsDirectory, ...(pid !== undefined && { pid }) });
    return withLock(eggsDirectory, onWait, async () => {
      // What runs that were killed have left: this run is the only one.
      for (const entry of await readdir(eggsDirectory)) {
        if (!entry.startsWith(WORKSHOP)) continue;
        await rm(join(eggsDirectory, entry), { recursive: true, force: true });
      }
      return withWorkshop(join(eggsDirectory, WORKSHOP), action);
    });
  }

  /** Undefined where each distribution has to be looked at first. */
  private async installAtOnce(workshop: string): Promise<ChosenVersions | undefined> {
    const assignment = await this.assignment(workshop);
    const target = join(workshop, "target");
    await mkdir(target);
    const { isOlder } = await this.retried(assignment, (one) =>
      this.installer.installAll(one, target),
    );
    if (isOlder) return undefined;
    return this.place(assignment, target, (name, version) => `${name}==${version}`);
  }

  /** Several installers at a time where there is enough to do. */
  private async installChosen(workshop: string, chosen: readonly Chosen[]): Promise<void> {
    const assignment = await this.assignment(workshop);
    for (const { name } of chosen) this.announce(name);
    const sources = await this.sources(assignment, chosen);
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

  /** What the installer is given for each, by normalized name: files where there is a download cache. */
  private async sources(
    assignment: Assignment,
    chosen: readonly Chosen[],
  ): Promise<Map<string, string>> {
    const cache = distributionCache(this.situation.request.downloadCache);
    const sources = new Map(chosen.map(({ name, source }) => [normalizeName(name), source]));
    if (cache === undefined || this.installer.download === undefined) return sources;
    const downloads = join(assignment.workshop, "downloads");
    await mkdir(downloads);
    await mkdir(cache, { recursive: true });
    const file = ({ url }: Chosen, folder: string) =>
      url && join(folder, decodeURIComponent(basename(new URL(url).pathname)));
    const remote = chosen.filter((one) => !existsSync(file(one, cache) ?? ""));
    if (remote.length > 0) {
      await this.installer.download(
        assignment,
        remote.map(({ source }) => source),
        downloads,
      );
    }
    for (const name of await readdir(downloads)) {
      const partial = temporaryBeside(join(cache, name));
      await copyFile(join(downloads, name), partial);
      await renameDurably(partial, join(cache, name));
    }
    for (const one of chosen) {
      const cached = file(one, cache);
      const hash = /#(?:sha\d+|md5)=[0-9a-f]+$/.exec(one.source)?.[0] ?? "";
      if (!cached || !existsSync(cached)) continue;
      sources.set(normalizeName(one.name), fileSource(one.name, cached) + hash);
    }
    return sources;
  }

  /** Makes eggs of what was installed into a folder. Where files got in each other's way, again. */
  private async place(
    assignment: Assignment,
    target: string,
    sourceOf: (name: string, version: string) => string,
  ): Promise<ChosenVersions> {
    const { interpreter, request } = this.situation;
    const installed = await readInstalled(target);
    const clashing = findClashes(installed);
    const made = await makeEggs(
      target,
      assignment.workshop,
      interpreter,
      new Set([...this.stubNames, ...clashing.map(normalizeName)]),
    );
    for (const [at, name] of clashing.entries()) {
      const { version } = installed.find(({ metadata }) => metadata.name === name)!.metadata;
      const alone = join(assignment.workshop, `${basename(target)}-${at}`);
      await mkdir(alone);
      await this.installer.install(assignment, [sourceOf(name, version)], alone);
      made.push(...(await makeEggs(alone, assignment.workshop, interpreter, this.stubNames)));
    }
    const order = [...this.announced];
    const place = (name: string) => order.indexOf(normalizeName(name));
    made.sort((one, other) => place(one.metadata.name) - place(other.metadata.name));
    for (const { metadata, folder } of made) {
      const egg = await moveEgg(folder, request.eggsDirectory);
      if (this.isThere(metadata)) continue;
      const { name, version } = metadata;
      const picked = !this.situation.pins.isExact(normalizeName(name));
      // Not yet for what pip took from a file or in place of another version.
      this.announce(name);
      request.report({ type: "distribution-got", kind: "python", name, version, picked });
      if (!request.useDependencyLinks) continue;
      const info = join(egg, basename(egg).replace(/\.egg$/, ".dist-info"));
      for (const { code, message } of lateLinks(`${name} ${version}`, info)) {
        request.report({ type: "warning", code, message });
      }
    }
    return new Map(made.map(({ metadata: { name, version } }) => [name, version]));
  }
}

/** The `dependency_links` of what is there, as far as allow-hosts lets them be looked at. */
function allowedLinks({ request }: Situation, { members }: WorkingSet): string[] {
  if (!request.useDependencyLinks) return [];
  const allowed = new Set<string>();
  for (const { name, metadata, shared } of members) {
    for (const link of shared ? [] : dependencyLinks(metadata)) {
      const host = disallowed(link, request.allowHosts);
      if (host === undefined) allowed.add(link);
      else {
        const message = `The dependency_links of ${name} are not looked at: ${host} is not one of allow-hosts.`;
        request.report({ type: "warning", code: "dependency-links", message });
      }
    }
  }
  return [...allowed];
}

/**
 * Chooses and installs what a working set lacks; gives the version of every distribution in it.
 * Throws what `installPythonDistributions` throws.
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

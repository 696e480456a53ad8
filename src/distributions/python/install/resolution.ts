/** Finds compatible versions by asking the installer, repeatedly if necessary. */
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { Environment } from "../environment.ts";
import { eggsIn, type FoundEgg, oldEggs, writeWheels } from "../installers/eggs.ts";
import {
  type Assignment,
  type Chosen,
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
import type { Search } from "../search.ts";
import type { WorkingSet } from "../working-set.ts";
import { Announcements } from "./announcements.ts";
import { checkPins } from "./check-pins.ts";
import type { Situation } from "./request.ts";
import { SharedStubs } from "./shared-stubs.ts";
import { withWorkshop } from "./temporary-directory.ts";

/** Prefix of temporary directories in which nothing is installed. */
export const TEMPORARY = join(tmpdir(), "buildout-");

export class Resolution {
  readonly announcements: Announcements;
  /** Eggs on web pages for projects without another source. */
  readonly downloaded: FoundEgg[] = [];
  private readonly situation: Situation;
  private readonly environment: Environment;
  private readonly set: WorkingSet;
  private readonly installer: Installer;
  private readonly search: Search;
  /** Normalized names of develop packages and provided distributions. */
  private readonly settled: ReadonlySet<string>;
  private readonly shared: SharedStubs;

  constructor(
    situation: Situation,
    environment: Environment,
    set: WorkingSet,
    installer: Installer,
    search: Search,
  ) {
    this.situation = situation;
    this.environment = environment;
    this.set = set;
    this.installer = installer;
    this.search = search;
    const developed = environment.developed().map(({ key }) => key);
    this.settled = new Set([...developed, ...situation.provided]);
    this.shared = new SharedStubs(environment, set, situation.pins, this.settled);
    this.announcements = new Announcements(situation, set, () => this.stubNames);
  }

  /** Normalized names of distributions that do not become eggs. */
  get stubNames(): ReadonlySet<string> {
    return new Set([...this.settled, ...this.shared.keys]);
  }

  async assignment(workshop: string): Promise<Assignment> {
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
        if (this.environment.candidates(normalizeName(name)).length === 0)
          this.announcements.getting(name);
      },
    };
  }

  /** Undeclared requirements of members: setuptools for old-style namespace packages. */
  private runtimeNeeds(): string[] {
    return this.set.demands
      .filter(({ implied }) => implied)
      .map((one) => requirementText(one.requirement));
  }

  /** Without `newest`, compatible installed distributions are used. */
  async resolve(): Promise<Chosen[]> {
    const chosen = await withWorkshop(TEMPORARY, async (workshop) => {
      const assignment = await this.assignment(workshop);
      const keep = this.situation.request.newest ? [] : this.keptVersions();
      const own = pathToFileURL(workshop).href;
      const resolve = async (constraints: readonly string[]) => {
        const found = await this.resolveWith({ ...assignment, constraints });
        // The wheel of an egg is removed with the temporary directory; the next one recreates it.
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
    const own = this.checkReadable(chosen);
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

  /** Without stubs. Throws `invalid-version` for invalid pins, which were not passed to the installer. */
  checkReadable<T extends Pick<Chosen, "name">>(distributions: readonly T[]): T[] {
    const own = distributions.filter(({ name }) => !this.stubNames.has(normalizeName(name)));
    for (const { name } of own) {
      this.situation.pins.constrain({ requirement: parseRequirement(name), by: undefined });
    }
    return own;
  }

  /** Do not use the interpreter's own distribution if that forces an older version of another one. */
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
   * Runs the installer, repeating it with pre-releases that are not excluded, or without the interpreter's
   * own versions. `isOlder`: those may have forced an older version.
   */
  async retried<T>(
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
  async publishedVersions(name: string): Promise<string[]> {
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
}

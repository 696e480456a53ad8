/** Over 300 lines: what is to be deployed to one host, each part of it computed once. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { HiddenValues } from "../../buildout/secrets/hidden-values.ts";
import { parse } from "../../config/syntax/parse.ts";
import type { Release } from "../../distributions/distribution.ts";
import { Pips } from "../../distributions/python/installers/pip-command.ts";
import { type ReleasesUnderWay, releasePackages } from "../../distributions/release/release.ts";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import type { SavedPlan } from "../../events/deployment-plan.ts";
import type { BuildoutFolders } from "../host/release-state.ts";
import type { HostSession } from "../host/session.ts";
import type { StartedCommand } from "../host/started-command.ts";
import type { Tally } from "../host/tally.ts";
import { type Environment, initialEnvironment } from "../part/environment.ts";
import type { HostOptions } from "../part/options.ts";
import type { BuildSettings, Project } from "../part/project.ts";
import type { Reveal } from "../part/revealed.ts";
import type { SecretReader } from "../part/secret-reader.ts";
import type { Commit } from "./commit.ts";
import {
  type HostBuildout,
  hostConfiguration,
  pinnedConfiguration,
  withoutReleases,
} from "./configuration.ts";
import { madeFile } from "./fileset.ts";
import { forgotten, pythonEngine } from "./host-secrets.ts";
import type { KnownManifests } from "./known-manifests.ts";
import type { LocalFiles } from "./local-files.ts";
import { type HostEngine, LocalWork } from "./local-work.ts";
import { pythonBuild } from "./python-packages.ts";
import { type DeployedRelease, makeRelease, withFile } from "./release.ts";

/** Files of this package that a deployment runs or sends. */
export interface Programs {
  /** The single-file engine for the host. */
  engine: string;
  /** The thread program that reads the files to deploy. */
  localFiles: string;
  /** The program that rsync runs instead of ssh. */
  rsyncShell: string;
  /** Version of this package. */
  version: string;
}

/** The command line's options for plans. */
export interface Planning {
  /** Whether the contents of files are compared. */
  diffs: boolean;
  /** Plans that a deployment must match, by host. */
  saved?: ReadonlyMap<string, SavedPlan>;
}

/** What the deployments of one call share across hosts. */
export class SharedWork {
  readonly releases: ReleasesUnderWay = new Map();
  readonly pips = new Pips();
  readonly secrets: SecretReader;

  readonly reveal: Reveal;
  /** What plans show. */
  readonly planning: Planning;
  readonly local = new LocalWork();

  constructor(secrets: SecretReader, reveal: Reveal, planning: Planning) {
    this.secrets = secrets;
    this.reveal = reveal;
    this.planning = planning;
  }
}

/** A build that the host has started, and that waits for the release. */
interface BuildAhead {
  program: string;
  started: StartedCommand;
}

/** What to deploy to one host, computed once and shared by its commands. */
export class Deployment {
  readonly project: Project;
  readonly options: HostOptions;
  readonly session: HostSession;
  readonly programs: Programs;
  readonly env: NodeJS.ProcessEnv;
  /** `api.env`: commands see values set by earlier ones. */
  readonly variables: Environment;
  /** What this call's commands have done so far. */
  readonly tally: Pick<Tally, "total">;
  /** A deployment with only built-in commands: it skips a build with nothing to do. */
  mayRest = false;
  /** The build that has been started for the release that is being put in place. */
  ahead: BuildAhead | undefined;
  /** The program that has been started on the host to receive a release. */
  receiver: StartedCommand | undefined;
  /** Builds on the host use no index: this is a rollback. */
  offline = false;
  /** The parts that root builds, from the options or from the release to roll back to. */
  sudoParts: readonly string[];
  readonly #shared: SharedWork;
  #packages: Promise<Release[]> | undefined;
  #release: Promise<PlannedRelease> | undefined;

  constructor(
    project: Project,
    session: HostSession,
    programs: Programs,
    env: NodeJS.ProcessEnv,
    shared: SharedWork,
    tally: Pick<Tally, "total">,
  ) {
    this.#shared = shared;
    this.tally = tally;
    this.project = project;
    this.options = session.options;
    this.sudoParts = session.options.sudoParts;
    this.session = session;
    this.programs = programs;
    this.env = env;
    this.variables = initialEnvironment(session.options);
  }

  /** Starts to probe the host and read local files in parallel. Errors are thrown to those who await the results. */
  begin(): void {
    this.session.facts().catch(() => {});
    this.areFilesNew()
      .then((areNew) => (areNew ? this.commit() : undefined))
      .catch(() => {});
    this.engine().catch(() => {});
  }

  /** Whether files to deploy have changed since this project was last deployed. */
  async areFilesNew(): Promise<boolean> {
    return (await this.#files()).changed;
  }

  /** The started build if its program is this one; ends any other. */
  takeAhead(program?: string): StartedCommand | undefined {
    const { ahead } = this;
    this.ahead = undefined;
    if (ahead?.program === program) return ahead?.started;
    ahead?.started.cancel();
    return undefined;
  }

  takeReceiver(): StartedCommand | undefined {
    const { receiver } = this;
    this.receiver = undefined;
    return receiver;
  }

  get planning(): Planning {
    return this.#shared.planning;
  }

  /** What no output may contain. */
  get hidden(): HiddenValues {
    return this.#shared.secrets.hidden;
  }

  /** All develop packages as archives named by their content. */
  packages(): Promise<Release[]> {
    this.#packages ??= this.session.timed("packages", () => this.#releasePackages());
    return this.#packages;
  }

  /** The state of the project in version control. */
  commit(): Promise<Commit | undefined> {
    return this.session.timed("commit", () => this.#shared.local.commit(this.project.directory));
  }

  /** The manifests of earlier releases of this project. */
  get manifests(): KnownManifests {
    return this.#shared.local.manifests(this.project.stateDirectory);
  }

  /** The engine for the host, and the name of its file there. */
  engine(): Promise<HostEngine> {
    return this.#shared.local.engine(this.programs.engine);
  }

  release(): Promise<PlannedRelease> {
    this.#release ??= this.releaseFor(async () => (await this.session.facts()).cache);
    return this.#release;
  }

  /**
   * The secrets that a build on the host needs, by option of [secrets]: those of this project, and those of
   * an earlier release. Throws `secret-missing`, `secrets-need-node`.
   */
  async secrets(earlier: readonly string[] = []): Promise<Map<string, string>> {
    const { name, engine } = this.options;
    const { places, needed } = (await this.#files()).buildout.secrets;
    const values = new Map<string, string>();
    for (const option of [...new Set([...needed, ...earlier])].sort()) {
      if (engine === "python") throw pythonEngine(name, option);
      const place = places.get(option);
      if (place === undefined) throw forgotten(name, option);
      values.set(option, await this.#shared.secrets.read(place));
    }
    return values;
  }

  /** What the project's buildout creates, besides the files of a release. */
  async folders(): Promise<BuildoutFolders> {
    return (await this.#files()).buildout.folders;
  }

  /** How to build Python packages, with the logins of index and links. */
  async buildSettings(): Promise<BuildSettings> {
    const { python } = this.project;
    const { reveal } = this.#shared;
    const findLinks: string[] = [];
    for (const link of python.findLinks) findLinks.push(await reveal(link));
    return { ...python, findLinks, index: python.index && (await reveal(python.index)) };
  }

  /** The versions of zc.buildout, setuptools, ... that the host's buildout pins. */
  async toolPins(): Promise<ReadonlyMap<string, string>> {
    const { buildout } = await this.#files();
    return new Map([...this.#versions(), ...buildout.toolPins]);
  }

  async #releasePackages(): Promise<Release[]> {
    const { session, project } = this;
    const { releases, pips } = this.#shared;
    const settings = await this.buildSettings();
    session.note("Preparing eggs for transport");
    return releasePackages({
      folders: project.packages,
      distDirectory: project.distDirectory,
      python: pythonBuild(settings, project.directory, pips, (text) => session.note(text)),
      underWay: releases,
      onRelease({ built, version, source }) {
        if (!built) return;
        const hash = version.slice(source.version.length + 1);
        const shown = relative(project.directory, source.folder) || ".";
        session.note(`Develop egg ${shown} changed. Releasing with hash ${hash}`);
      },
    });
  }

  #files(): Promise<LocalFiles> {
    const { directory, stateDirectory } = this.project;
    const { name, buildout, parts, sudoParts, include } = this.options;
    return this.session.timed("files here", () =>
      this.#shared.local.files(this.programs.localFiles, {
        directory,
        stateDirectory,
        options: { name, buildout, parts, sudoParts, include },
        env: { ...this.env },
      }),
    );
  }

  /** The same for a target whose eggs and downloads are in the directory returned by `cache`. */
  async releaseFor(cache: () => Promise<string>): Promise<PlannedRelease> {
    const { options } = this;
    const packages = await this.packages();
    const { buildout, files, configurations } = await this.#files();
    const pins = withoutReleases(this.#versions(), packages);
    const pinned = madeFile("pinned.cfg", pinnedConfiguration(buildout, packages));
    const text = hostConfiguration(options, { cache: await cache() }, buildout, pins);
    const release = makeRelease(
      options.name,
      withFile(files, pinned),
      (name) => madeFile(name, text),
      packages,
    );
    const all = [...pins, ...packages.map(({ name, version }) => [name, version])];
    const hash = createHash("sha256").update(JSON.stringify(all)).digest("hex");
    return {
      ...release,
      ...{ folders: buildout.folders, pins: hash.slice(0, 12), configurations },
      ...{ parts: buildout.parts, pinPlaces: buildout.pinPlaces },
      secrets: [...buildout.secrets.needed].sort(),
    };
  }

  #versions(): ReadonlyMap<string, string> {
    const file = resolve(this.project.directory, this.options.versionsFile);
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      throw new BuildoutError("no-versions-file", `Cannot read ${file}: ${messageOf(error)}`, {
        hint: "Run bin/buildout, which writes the versions of the development buildout there.",
        cause: error,
      });
    }
    const pins = parse(text, file, () => true).sections.get("versions") ?? [];
    return new Map([...pins].map(([name, { value }]) => [name, value]));
  }
}

export interface PlannedRelease extends DeployedRelease {
  folders: BuildoutFolders;
  /** A hash of all pinned versions. */
  pins: string;
  /** Options of [secrets] that it needs. */
  secrets: string[];
  /** Paths of its files that are project configurations. */
  configurations: string[];
  parts: HostBuildout["parts"];
  pinPlaces: HostBuildout["pinPlaces"];
}

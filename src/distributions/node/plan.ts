import { BuildoutError } from "../../errors/error.ts";
import type { DevelopPackage } from "../distribution.ts";
import {
  type Manifest,
  portableDependencies,
  readManifest,
  runtimeDependencies,
} from "./manifest.ts";
import { type Archive, readArchiveManifest } from "./package-archive.ts";
import {
  isReleaseVersion,
  overridesFor,
  type Pins,
  pinFor,
  readPins,
  type Semver,
  satisfies,
} from "./package-pins.ts";
import type { Requirement } from "./package-requirement.ts";

export interface PlanRequest {
  requirements: readonly Requirement[];
  developPackages: readonly DevelopPackage[];
  versions: ReadonlyMap<string, string>;
  archives: ReadonlyMap<string, Archive>;
  links: readonly string[];
}

/** What npm must install, and how. */
export interface InstallPlan {
  /** Installed as stubs with only their dependencies, then replaced by their source. */
  develop: { package: DevelopPackage; stub: Partial<Manifest> }[];
  archives: Archive[];
  /** From the registry: name -> exact version or range. */
  registry: Map<string, string>;
  overrides: Record<string, string>;
  pins: Pins;
  /** Who requires a package: name -> `name version`, for error messages. */
  requiredBy: Map<string, string>;
}

/** A requirement of a planned package or of the part itself. */
interface Edge extends Requirement {
  by: string | undefined;
}

function conflict(edge: Edge, version: string, what: string): BuildoutError {
  const by = edge.by === undefined ? "the part" : edge.by;
  return new BuildoutError(
    "version-conflict",
    `${by} requires '${edge.name}@${edge.range}', but ${what} ${edge.name} ${version}.`,
    { hint: "Change one of the two." },
  );
}

function releaseMissing(edge: Edge, version: string, links: readonly string[]): BuildoutError {
  return new BuildoutError(
    "release-missing",
    `The released package ${edge.name} ${version} is not in ${links.join(" or ") || "any folder"}.`,
    { hint: "The deployment uploads it (uploadeggs)." },
  );
}

/**
 * Determines the source of every package named by the part, and of every develop or released package that
 * those require. All others are left to npm, controlled by the overrides. Throws `version-conflict`,
 * `release-missing`.
 */
export async function planInstall(request: PlanRequest): Promise<InstallPlan> {
  const semver: Semver = (await import("semver")).default;
  const developed = new Map(
    request.developPackages.filter(({ kind }) => kind === "node").map((item) => [item.name, item]),
  );
  const pins = readPins(request.versions, semver);
  const local = new Set([...developed.keys(), ...request.archives.keys()]);
  const develop = new Map<string, InstallPlan["develop"][number]>();
  const archives = new Map<string, Archive>();
  const registry = new Map<string, string>();
  const requiredBy = new Map<string, string>();

  const queue: Edge[] = request.requirements.map((item) => ({ ...item, by: undefined }));
  const enqueue = (manifest: Manifest) => {
    const by = `${manifest.name} ${manifest.version}`;
    for (const [name, range] of runtimeDependencies(manifest)) {
      if (!requiredBy.has(name)) requiredBy.set(name, by);
      queue.push({ name, range, by });
    }
  };
  for (let edge = queue.shift(); edge !== undefined; edge = queue.shift()) {
    const { name, range, by } = edge;
    const source = developed.get(name);
    const archive = request.archives.get(name);
    const pin = request.versions.get(name);
    if (source !== undefined) {
      if (!develop.has(name)) {
        const manifest = await readManifest(source.folder);
        if (manifest === undefined) {
          throw new BuildoutError("invalid-package", `${source.folder} has no package.json.`);
        }
        develop.set(name, { package: source, stub: stubOf(manifest, local) });
        enqueue(manifest);
      }
      if (!satisfies(develop.get(name)!.stub.version!, range, semver)) {
        throw conflict(edge, develop.get(name)!.stub.version!, `${source.folder} is`);
      }
    } else if (archive !== undefined) {
      if (!satisfies(archive.version, range, semver)) {
        throw conflict(edge, archive.version, "[versions] pins");
      }
      if (archives.has(name)) continue;
      archives.set(name, archive);
      enqueue(await readArchiveManifest(archive.file));
    } else if (pin !== undefined && isReleaseVersion(pin)) {
      throw releaseMissing(edge, pin, request.links);
    } else if (by === undefined) {
      const pinned = pinFor(pins, name, range, semver);
      if (pinned === undefined && pins.has(name)) {
        throw conflict(edge, pins.get(name)![0]!, "[versions] pins");
      }
      if (pinned === undefined && pin !== undefined && pin !== "") throw badPin(name, pin);
      registry.set(name, pinned ?? range);
    }
  }
  return {
    develop: [...develop.values()],
    archives: [...archives.values()],
    registry,
    overrides: overridesFor(pins, local),
    pins,
    requiredBy,
  };
}

function badPin(name: string, pin: string): BuildoutError {
  return new BuildoutError(
    "invalid-version",
    `The pin '${name} = ${pin}' is not a version of an npm package.`,
    { hint: "Write three numbers, such as 1.2.3, or a range." },
  );
}

/** A package.json that makes npm install only a package's dependencies. */
function stubOf(manifest: Manifest, local: ReadonlySet<string>): Partial<Manifest> {
  const { name, version, peerDependenciesMeta } = manifest;
  const stub: Partial<Manifest> = { name, version, ...portableDependencies(manifest) };
  for (const field of ["dependencies", "optionalDependencies", "peerDependencies"] as const) {
    for (const dependency of Object.keys(stub[field] ?? {})) {
      if (local.has(dependency)) stub[field]![dependency] = "*";
    }
  }
  return peerDependenciesMeta === undefined ? stub : { ...stub, peerDependenciesMeta };
}

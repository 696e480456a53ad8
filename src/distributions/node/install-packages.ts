import { existsSync, readdirSync } from "node:fs";
import { access, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { BuildoutError } from "../../errors/error.ts";
import { makeDirectory } from "../../system/make-directory.ts";
import type { DevelopPackage } from "../distribution.ts";
import { readTree } from "./lockfile.ts";
import { runNpm } from "./npm.ts";
import { explainFailure, packageWithoutVersion } from "./npm-failure.ts";
import { findArchives } from "./package-archive.ts";
import { parseRequirement } from "./package-requirement.ts";
import { type InstallPlan, planInstall } from "./plan.ts";
import { isUpToDate, mirroredEntries, type Stamp, stampFile, stampKey } from "./stamp.ts";
import { verifyTree } from "./verify.ts";

export interface NodeInstallRequest {
  /** Will contain `node_modules`; other content stays. */
  folder: string;
  /** Requirements as written by the user: `name`, `name@range`, `name>=1`, `name==1.2`. */
  packages: readonly string[];
  /** The packages under development; required ones become links to their source. */
  developPackages: readonly DevelopPackage[];
  /** The current pins, from the section named by `[buildout] versions`. */
  versions: ReadonlyMap<string, string>;
  /** Directories that may contain released archives `<name>-<version>.tgz`. */
  links: readonly string[];
  /** The buildout's directory; a `.npmrc` in it applies, like the user's own. */
  directory: string;
  offline: boolean;
  /** False: every version must be pinned (`allow-picked-versions = false`). */
  allowPicked: boolean;
  /** The executable that will run the packages; its npm installs them. */
  node: string;
  /** Called before npm starts, which is slow. */
  onStart?(): void;
}

export interface NodeInstallation {
  /** False if everything was already installed. */
  changed: boolean;
  /** Names of the requested packages. */
  names: string[];
}

/**
 * Prefix of the directory for an incomplete installation: inside the part's directory, to be on the same
 * disk, and a new one each time, since the npm of a killed run may still be writing to the last one.
 */
const WORKSHOP = ".installing-";

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

/**
 * Installs the packages and their dependencies in `folder/node_modules`. npm works in a directory next to
 * it, which then replaces it: a failure or a kill leaves the old one untouched. If no input has changed,
 * this takes a few milliseconds, without npm.
 *
 * Throws `invalid-requirement`, `version-conflict`, `unpinned-version`, `release-missing`, `npm-missing`,
 * `package-not-found`, `version-not-found`, `offline`, `registry-unreachable`, `npm-failed`.
 */
export async function installNodePackages(request: NodeInstallRequest): Promise<NodeInstallation> {
  const { folder, versions, links } = request;
  const requirements = request.packages.map(parseRequirement);
  const names = [...new Set(requirements.map(({ name }) => name))];
  await recover(folder);

  const archives = await findArchives(versions, links);
  const input = { ...request, archives };
  if (await isUpToDate(folder, input)) return { changed: false, names };

  const { developPackages } = request;
  const plan = await planInstall({ requirements, developPackages, versions, archives, links });
  request.onStart?.();
  makeDirectory(folder);
  const workshop = await mkdtemp(path.join(folder, WORKSHOP));
  try {
    await prepare(workshop, plan, request.directory);
    await runInstall(workshop, plan, request);
    const tree = await readTree(workshop);
    await verifyTree(tree, plan, request.allowPicked);
    const inTree = [...new Set([...names, ...tree.map(({ name }) => name)])];
    const stamp: Stamp = {
      key: await stampKey(input, inTree),
      names: inTree,
      mirrored: await linkSources(workshop, plan),
    };
    makeDirectory(path.join(workshop, "node_modules"));
    await writeFile(stampFile(workshop), JSON.stringify(stamp));
    await swap(folder, workshop);
  } finally {
    await rm(workshop, { recursive: true, force: true, maxRetries: 3 });
  }
  return { changed: true, names };
}

/** Cleans up after killed runs, even between the two renames of a swap. */
async function recover(folder: string): Promise<void> {
  const entries = existsSync(folder) ? readdirSync(folder) : [];
  for (const entry of entries.filter((name) => name.startsWith(WORKSHOP))) {
    const workshop = path.join(folder, entry);
    const former = path.join(workshop, "former");
    const current = path.join(folder, "node_modules");
    if (!(await exists(current)) && (await exists(former))) await rename(former, current);
    await rm(workshop, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Writes npm's input: a package.json, a stub for each develop package, the archives. */
async function prepare(workshop: string, plan: InstallPlan, directory: string): Promise<void> {
  const dependencies = Object.fromEntries(plan.registry);
  for (const [index, { package: source, stub }] of plan.develop.entries()) {
    const place = path.join(workshop, "stubs", String(index));
    makeDirectory(place);
    await writeFile(path.join(place, "package.json"), JSON.stringify(stub));
    dependencies[source.name] = `file:stubs/${index}`;
  }
  await mkdir(path.join(workshop, "archives"));
  for (const { name, file } of plan.archives) {
    // A link, since the path of the archive may contain characters that are special in URLs.
    await symlink(path.resolve(file), path.join(workshop, "archives", path.basename(file)));
    dependencies[name] = `file:archives/${path.basename(file)}`;
  }
  const manifest = { private: true, dependencies, overrides: plan.overrides };
  await writeFile(path.join(workshop, "package.json"), JSON.stringify(manifest));
  await mkdir(path.join(workshop, "node_modules"));
  const settings = path.join(directory, ".npmrc");
  if (await exists(settings)) await symlink(settings, path.join(workshop, ".npmrc"));
}

async function runInstall(
  workshop: string,
  plan: InstallPlan,
  request: NodeInstallRequest,
): Promise<void> {
  const args = ["install", "--prefix", workshop, "--no-audit", "--no-fund", "--omit=dev"];
  args.push("--install-links", "--no-package-lock", "--install-strategy=hoisted");
  args.push("--loglevel=error", request.offline ? "--offline" : "--prefer-offline");
  const result = await runNpm(args, workshop, request.node);
  if (result.exitCode !== 0) throw await failure(result.all, result.exitCode, plan, request);
}

async function failure(
  output: string,
  exitCode: number | undefined,
  plan: InstallPlan,
  request: NodeInstallRequest,
): Promise<BuildoutError> {
  const name = request.offline ? undefined : packageWithoutVersion(output);
  const publishedVersions =
    name === undefined ? [] : await listVersions(name, request.directory, request.node);
  return explainFailure({
    output,
    exitCode,
    packages: request.packages,
    requiredBy: plan.requiredBy,
    developNames: request.developPackages.map((item) => item.name),
    offline: request.offline,
    publishedVersions,
  });
}

/** The published versions of a package, oldest first; none if npm cannot list them. */
async function listVersions(name: string, directory: string, node: string): Promise<string[]> {
  const result = await runNpm(["view", name, "versions", "--json"], directory, node);
  if (result.exitCode !== 0) return [];
  const versions: unknown = JSON.parse(result.stdout);
  return Array.isArray(versions) ? versions.map(String) : [String(versions)];
}

/**
 * Replaces the stubs with links to the sources, so that edits take effect at once. A stub with its own
 * nested packages stays a directory, with a link for each entry of the source.
 */
async function linkSources(workshop: string, plan: InstallPlan): Promise<Stamp["mirrored"]> {
  const mirrored: Stamp["mirrored"] = {};
  for (const { package: source } of plan.develop) {
    const place = path.join(workshop, "node_modules", source.name);
    if (!(await exists(path.join(place, "node_modules")))) {
      await rm(place, { recursive: true });
      await symlink(source.folder, place);
      continue;
    }
    await rm(path.join(place, "package.json"));
    const entries = await mirroredEntries(source.folder);
    for (const entry of entries) {
      await symlink(path.join(source.folder, entry), path.join(place, entry));
    }
    mirrored[source.folder] = entries;
  }
  return mirrored;
}

/** Swaps directories with two renames; `recover` handles the state between them. */
async function swap(folder: string, workshop: string): Promise<void> {
  const current = path.join(folder, "node_modules");
  if (await exists(current)) await rename(current, path.join(workshop, "former"));
  await rename(path.join(workshop, "node_modules"), current);
}

import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import type { DevelopPackage, Release } from "../distribution.ts";
import {
  archiveName,
  parseManifest,
  portableDependencies,
  readManifest,
} from "../node/manifest.ts";
import { packArchive } from "./archive.ts";
import { byPath, type ContentFile, contentHash, releaseVersion } from "./content-hash.ts";
import { allFiles, fingerprint, PackageFiles } from "./sources.ts";

/** A file younger than this may change again with the same timestamp. */
const CLOCK_TICK = 20;

/** The inputs of a package's last release. */
interface State {
  folder: string;
  sources: string;
  /** Files written by the build next to the sources. */
  outputs: string[];
  outputsDigest: string;
  version: string;
}

/** The content with the release's version in package.json, and without paths to neighbors. */
function withVersion(files: readonly ContentFile[], version: string): ContentFile[] {
  return files.map((file) => {
    if (file.path !== "package.json") return file;
    const manifest = parseManifest(file.data.toString("utf8"), file.path);
    const released = { ...manifest, ...portableDependencies(manifest), version };
    return { ...file, data: Buffer.from(`${JSON.stringify(released, null, 2)}\n`) };
  });
}

function readState(file: string): State | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as State;
  } catch {
    return undefined; // no state, or a damaged one: make the release from the files
  }
}

/**
 * Packs a develop package as `<distDirectory>/<name>-<version>.tgz`, where the version is the declared one
 * with the hash of the content (`1.2.0+h0a1b2c3d4e5f`: semver build metadata, and a PEP 440 local version).
 * The same content gives the same version and bytes on any machine. Nothing is read or built if no file has
 * changed since the last time.
 *
 * Throws `invalid-package`, `npm-missing`, and `build-failed` with the output of the scripts.
 */
export async function releaseNodePackage(
  pkg: DevelopPackage,
  distDirectory: string,
  files = new PackageFiles([]),
): Promise<Release> {
  const stateFile = path.join(distDirectory, `.${archiveName(pkg.name)}.json`);
  const archiveOf = (version: string) =>
    path.join(distDirectory, `${archiveName(pkg.name)}-${version}.tgz`);
  const release = (version: string, built: boolean): Release => {
    return { name: pkg.name, version, file: archiveOf(version), built, source: pkg };
  };

  const started = Date.now();
  const ours = `${path.relative(pkg.folder, distDirectory)}${path.sep}`;
  const isTheirs = (name: string) => !name.startsWith(ours);
  const known = (await files.tracked(pkg.folder))?.filter(isTheirs);
  const sources = known ?? (await allFiles(pkg.folder)).filter(isTheirs);
  const before = await fingerprint(pkg.folder, sources);
  const state = readState(stateFile);
  if (state?.folder === pkg.folder && state.sources === before.digest) {
    const outputs = await fingerprint(pkg.folder, state.outputs);
    if (outputs.digest === state.outputsDigest && existsSync(archiveOf(state.version))) {
      return release(state.version, false);
    }
  }

  files.forget();
  const manifest = await readManifest(pkg.folder);
  if (manifest === undefined) {
    throw new BuildoutError("invalid-package", `${pkg.folder} has no package.json.`);
  }
  // Few releases need more than this.
  const { builtContent, folderContent, hasBuildScript } = await import("./package-content.ts");
  const packed = hasBuildScript(manifest)
    ? await builtContent(manifest, pkg.folder)
    : await folderContent(manifest, pkg.folder, known);
  const content = packed.filter((file) => isTheirs(file.path));
  content.sort(byPath);
  const version = releaseVersion(manifest.version, contentHash(content));
  const built = !existsSync(archiveOf(version));
  if (built) {
    await mkdir(distDirectory, { recursive: true });
    writeFileAtomically(
      archiveOf(version),
      await packArchive("package", withVersion(content, version)),
      0o644,
    );
  }

  const outputs = content.map((file) => file.path).filter((name) => !sources.includes(name));
  const after = await fingerprint(pkg.folder, sources);
  const outputsAfter = await fingerprint(pkg.folder, outputs);
  const settled =
    after.digest === before.digest &&
    before.youngest < started - CLOCK_TICK &&
    outputsAfter.youngest < Date.now() - CLOCK_TICK;
  if (settled) {
    const next: State = {
      folder: pkg.folder,
      sources: before.digest,
      outputs,
      outputsDigest: outputsAfter.digest,
      version,
    };
    writeFileAtomically(stateFile, JSON.stringify(next));
  }
  return release(version, built);
}

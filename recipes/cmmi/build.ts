import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  BuildoutError,
  download,
  downloadSettings,
  removeTemporary,
  runCommand,
  unpackArchive,
} from "../../src/index.ts";
import { howItEnded } from "./ended.ts";
import type { CmmiPart, Recipe } from "./recipe.ts";

/** One build: its sources, and how its commands are run. */
interface Build {
  part: CmmiPart;
  recipe: Recipe;
  /** The unpacked sources, kept if the build fails. */
  folder: string;
}

async function run(build: Build, command: string, directory: string): Promise<void> {
  const { part, recipe, folder } = build;
  const { environment } = recipe;
  // Not the buildout's own output, so that a build whose buildout was killed ends on its next output.
  const onLine = (line: string) => part.buildout.log.info(line);
  const status = await runCommand({ command, directory, environment, onLine });
  if (status === 0) return;
  const missing = status === 127 ? "A required program is missing. " : "";
  throw new BuildoutError("build-failed", `Command '${command}' ${howItEnded(status)}.`, {
    hint: `${missing}The sources are still in ${folder} for inspection.`,
  });
}

/** The only entry of a directory, if it is a directory, or else the directory itself. */
export async function below(folder: string): Promise<string> {
  const names = await readdir(folder);
  const inner = path.join(folder, names[0] ?? "");
  return names.length === 1 && (await stat(inner)).isDirectory() ? inner : folder;
}

async function fetchOptions(part: CmmiPart) {
  const settings = await downloadSettings(part.buildout);
  return { ...settings, namespace: "cmmi", hashName: true, log: part.log };
}

async function unpackSources(build: Build): Promise<void> {
  const { part, recipe, folder } = build;
  const { url, md5sum } = recipe;
  const file = await download({ ...(await fetchOptions(part)), url, md5sum });
  try {
    part.log.info("Unpacking and configuring");
    await unpackArchive({ source: file.path, folder, shown: url });
  } finally {
    await removeTemporary(file);
  }
}

const quoted = (file: string) => `'${file.replaceAll("'", "'\\''")}'`;

async function applyPatch(build: Build, sources: string): Promise<void> {
  const { part, recipe } = build;
  const { patch, patchMd5sum, patchOptions } = recipe;
  // The original looks for a relative path in the sources, but users mean the buildout directory.
  const inSources = path.resolve(sources, patch);
  const url = !patch.includes(":") && existsSync(inSources) ? inSources : patch;
  const file = await download({ ...(await fetchOptions(part)), url, md5sum: patchMd5sum });
  try {
    await run(build, `patch ${patchOptions} < ${quoted(file.path)}`, sources);
  } finally {
    await removeTemporary(file);
  }
}

/** Patches, configures, makes and installs the unpacked sources. */
async function makeSources(build: Build, destination: string): Promise<void> {
  const { recipe, folder, part } = build;
  const { autogen, marker } = recipe;
  const isTop = (name: string) => name !== "" && existsSync(path.join(folder, name));
  let sources = isTop(marker) || isTop(autogen) ? folder : await below(folder);
  if (recipe.patch !== "") await applyPatch(build, sources);
  if (autogen !== "") {
    part.log.info("auto generating configure files");
    await run(build, `./${autogen}`, sources);
  }
  if (!existsSync(path.join(sources, marker))) sources = await below(sources);
  if (!existsSync(path.join(sources, marker))) {
    throw new BuildoutError("no-sources", `Couldn't find ${marker}`, {
      hint: `Set 'source-directory-contains' to a file in the directory to build in. The download is in ${folder}.`,
    });
  }
  const own = recipe.configureOptions ?? `--prefix="${destination}"`;
  const extra = recipe.extraOptions === "" ? "" : ` ${recipe.extraOptions}`;
  await run(build, `${recipe.configureCommand} ${own}${extra}`, sources);
  await run(build, "make", sources);
  await run(build, "make install", sources);
}

/**
 * Downloads, unpacks, builds and installs into `destination`, an existing directory; if a command fails,
 * the sources are kept and the log names their directory. Calls `begin` if there is something to build.
 */
export async function buildSources(
  part: CmmiPart,
  recipe: Recipe,
  destination: string,
  begin: () => Promise<void>,
): Promise<void> {
  const name = part.name.replaceAll("/", "-");
  const folder = await mkdtemp(path.join(tmpdir(), `buildout-${name}-`));
  const build: Build = { part, recipe, folder };
  try {
    await unpackSources(build);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  for (const [variable, value] of Object.entries(recipe.environment).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    part.log.info(`Updating environment: ${variable}=${value}`);
  }
  try {
    await begin();
    await makeSources(build, destination);
  } catch (error) {
    const worthSeeing =
      error instanceof BuildoutError && ["build-failed", "no-sources"].includes(error.code);
    if (worthSeeing) part.log.error(`cmmi failed: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
    throw error;
  }
  await rm(folder, { recursive: true, force: true });
}

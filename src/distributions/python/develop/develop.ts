import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import type { EngineEvent } from "../../../events/engine.ts";
import type { Reporter } from "../../../events/reporter.ts";
import { makeDirectory } from "../../../system/make-directory.ts";
import { lastLines } from "../../../system/process.ts";
import { writeFileAtomically } from "../../../system/write-atomically.ts";
import { buildEnvironment, buildStamp, type ExtensionBuild } from "../extension-build.ts";
import { withWorkshop } from "../install/temporary-directory.ts";
import { InstallerFailure } from "../installers/installer.ts";
import { installPackage } from "../installers/pip.ts";
import type { Pips } from "../installers/pip-command.ts";
import { failureOutput } from "../installers/pip-output.ts";
import { readInterpreter } from "../interpreter.ts";
import { readMetadata } from "../metadata.ts";
import { runProgram } from "../program.ts";
import type { PythonDevelopPackage } from "../python-distribution.ts";
import { readRequirement } from "../requirement.ts";
import type { Search } from "../search.ts";
import { DEVELOP_SCRIPT, NOT_HERE } from "./develop-script.ts";
import { readStamp, stampOf, writeStamp } from "./develop-stamp.ts";
import { type Pyproject, readPyproject, sourceFolderOf } from "./pyproject.ts";

export interface PythonDevelopRequest {
  /** Absolute path of the package's folder. */
  folder: string;
  developEggsDirectory: string;
  /** The cache of answers: `stampsFile`. */
  stamps: string | undefined;
  /** The interpreter; needed unless pyproject.toml has all metadata. Throws if missing. */
  executable(): Promise<string>;
  /** Whether setup.py or a build backend may run; otherwise, a package that needs it is rejected. */
  asks: boolean;
  /** Where pip looks for build backends. */
  search: Search;
  /** The signal of the run. */
  pips: Pips;
  /** How to build C extensions; undefined: by the package's own settings. */
  build?: ExtensionBuild;
  report: Reporter<EngineEvent>;
}

export interface PythonDeveloped {
  package: PythonDevelopPackage;
  /** Its link in the develop-eggs directory, absolute. */
  links: string[];
}

/** The locations of a package's metadata and code. */
interface Found {
  metadata: string;
  location: string;
}

/** Puts the metadata in the develop-eggs directory, replacing an older one. */
async function placeInfo(
  { developEggsDirectory }: PythonDevelopRequest,
  info: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const place = join(developEggsDirectory, info);
  return withWorkshop(join(developEggsDirectory, ".metadata-"), async (workshop) => {
    const fresh = join(workshop, info);
    await mkdir(fresh);
    await fill(fresh);
    await rm(place, { recursive: true, force: true });
    await rename(fresh, place);
    return place;
  });
}

/** pyproject.toml is complete: nothing needs to run. */
async function fromPyproject(request: PythonDevelopRequest, pyproject: Pyproject): Promise<Found> {
  const { name, version, metadata, entryPoints } = pyproject.metadata!;
  const info = `${name.replaceAll("-", "_")}-${version.replaceAll("-", "_")}.dist-info`;
  const same = join(request.developEggsDirectory, info);
  const isSame = [
    ["METADATA", metadata],
    ["entry_points.txt", entryPoints],
  ].every(([file = "", text]) => {
    const path = join(same, file);
    return existsSync(path) ? readFileSync(path, "utf8") === text : text === "";
  });
  const place = isSame
    ? same
    : await placeInfo(request, info, async (folder) => {
        await writeFile(join(folder, "METADATA"), metadata);
        if (entryPoints !== "") await writeFile(join(folder, "entry_points.txt"), entryPoints);
      });
  return { metadata: place, location: sourceFolderOf(request.folder, pyproject) };
}

function failed({ folder }: PythonDevelopRequest, what: string, output: string): BuildoutError {
  return new BuildoutError("develop-failed", `Couldn't develop ${folder}: ${what}.`, {
    location: {
      file: join(folder, existsSync(join(folder, "setup.py")) ? "setup.py" : "pyproject.toml"),
    },
    output: lastLines(output, 60),
  });
}

/** Applies the request's settings for building extensions. */
async function environmentOf(
  { build }: PythonDevelopRequest,
  workshop: string,
): Promise<Record<string, string>> {
  if (build === undefined) return {};
  // Recompile: files built with other settings would not count as outdated.
  const settings = new Map([["force", "true"], ...build.settings]);
  return buildEnvironment({ ...build, settings }, workshop);
}

/** Asks setup.py or the build backend if the interpreter has their requirements. */
async function fromBackend(
  request: PythonDevelopRequest,
  executable: string,
  pyproject: Pyproject | undefined,
  workshop: string,
): Promise<Found | undefined> {
  const { folder, report } = request;
  const backend = pyproject?.backend ?? "setuptools.build_meta:__legacy__";
  const output = join(workshop, "metadata");
  const answer = join(workshop, "answer.json");
  await mkdir(output);
  const requires = (pyproject?.buildRequires ?? [])
    .map(readRequirement)
    .flatMap((one) => (one === undefined || one.key === "wheel" || one.marker ? [] : [one.name]));
  const question = { backend, requires, path: pyproject?.backendPath ?? [], output };
  const { exitCode, all } = await runProgram({
    command: [executable, "-c", DEVELOP_SCRIPT, JSON.stringify(question), answer],
    cwd: folder,
    env: { PYTHONDONTWRITEBYTECODE: "1", ...(await environmentOf(request, workshop)) },
    onLine: (line) => report({ type: "output", program: "setup.py", line }),
  });
  if (exitCode === NOT_HERE && !existsSync(answer)) return undefined;
  if (exitCode !== 0 || !existsSync(answer)) {
    const what = existsSync(join(folder, "setup.py")) ? "its setup.py failed" : `${backend} failed`;
    throw failed(request, what, all);
  }
  const found = JSON.parse(await readFile(answer, "utf8")) as {
    metadata: string;
    location?: string;
  };
  if (found.location !== undefined) return { metadata: found.metadata, location: found.location };
  const metadata = await placeInfo(request, basename(found.metadata), (place) =>
    cp(found.metadata, place, { recursive: true }),
  );
  return { metadata, location: sourceFolderOf(folder, pyproject) };
}

/** Backends without PEP 660, and hatchling if its requirements for that are unavailable. */
const NOT_EDITABLE = /missing the 'build_editable' hook|No module named 'editables'/;

/** Lets pip install the package as editable, in an environment with its backend. */
async function fromPip(
  request: PythonDevelopRequest,
  executable: string,
  pyproject: Pyproject | undefined,
  workshop: string,
): Promise<Found> {
  const { folder, search, pips, report } = request;
  const target = join(workshop, "target");
  await mkdir(target);
  const interpreter = readInterpreter(executable, folder);
  try {
    const environment = await environmentOf(request, workshop);
    const source = { workshop, interpreter, search, pips, report, folder, target, environment };
    await installPackage(source, "editable").catch(async (error) => {
      // Only its metadata is needed.
      const canCopy = error instanceof InstallerFailure && NOT_EDITABLE.test(error.output);
      if (!canCopy) throw error;
      await installPackage(source, "copied");
    });
  } catch (error) {
    if (!(error instanceof InstallerFailure)) throw error;
    throw failed(request, "pip couldn't build its metadata", failureOutput(error.output));
  }
  const entries = readdirSync(target);
  const info = entries.find((name) => name.endsWith(".dist-info"));
  if (info === undefined) throw failed(request, "pip installed nothing", entries.join("\n"));
  const metadata = await placeInfo(request, info, (place) =>
    cp(join(target, info), place, { recursive: true }),
  );
  const paths = entries
    .filter((name) => name.endsWith(".pth"))
    .flatMap((name) => readFileSync(join(target, name), "utf8").split("\n"))
    .filter((line) => line.startsWith("/"));
  return { metadata, location: paths[0] ?? sourceFolderOf(folder, pyproject) };
}

/** `stamp` is cached with the answer; undefined if it is already cached. */
interface Answered {
  found: Found;
  stamp: string | undefined;
}

async function ask(
  request: PythonDevelopRequest,
  pyproject: Pyproject | undefined,
): Promise<Answered> {
  const executable = await request.executable();
  const stamp = () =>
    stampOf(request.folder, executable) + (request.build ? buildStamp(request.build) : "");
  const known = readStamp(request, stamp());
  if (known !== undefined) return { found: known, stamp: undefined };
  if (!request.asks) {
    const message = `A plan does not run the build file in ${request.folder} to get its name.`;
    throw new BuildoutError("metadata-unknown", message, { hint: "Run bin/buildout once." });
  }
  return withWorkshop(join(request.developEggsDirectory, ".develop-"), async (workshop) => {
    const found =
      (await fromBackend(request, executable, pyproject, workshop)) ??
      (await fromPip(request, executable, pyproject, workshop));
    // Building may have written to the directory.
    return { found, stamp: stamp() };
  });
}

/**
 * Reads the package in a directory and links it in the develop-eggs directory, as zc.buildout 5 does:
 * NAME.egg-link, plus the metadata and a .pth file if the metadata is not next to the code. Nothing runs if
 * pyproject.toml is complete or nothing has changed since the last time.
 *
 * Throws `develop-failed`, `invalid-toml`, `interpreter-missing`, `metadata-unknown`, `pip-missing`.
 */
export async function developPythonPackage(
  request: PythonDevelopRequest,
): Promise<PythonDeveloped> {
  const { folder, developEggsDirectory } = request;
  makeDirectory(developEggsDirectory);
  const pyproject = readPyproject(folder);
  const isStatic = pyproject?.metadata !== undefined && !existsSync(join(folder, "setup.py"));
  const { found, stamp } = isStatic
    ? { found: await fromPyproject(request, pyproject), stamp: undefined }
    : await ask(request, pyproject);
  const { metadata, location } = found;
  const content = readMetadata(metadata);
  if (content === undefined) throw failed(request, `there is no metadata in ${metadata}`, "");
  const { name, version } = content;
  const link = join(developEggsDirectory, `${name}.egg-link`);
  writeFileAtomically(link, `${location}\n${relative(location, folder) || "."}`);
  if (stamp !== undefined) writeStamp(request, { ...found, stamp, link });
  const links = [link];
  if (resolve(metadata, "..") === resolve(developEggsDirectory)) {
    const pth = join(developEggsDirectory, `__editable__.${basename(metadata, ".dist-info")}.pth`);
    writeFileAtomically(pth, `${location}\n`);
    links.push(metadata, pth);
  }
  return { package: { kind: "python", name, version, folder, location, metadata }, links };
}

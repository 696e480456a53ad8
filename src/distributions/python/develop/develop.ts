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
  /** Where answers are remembered: `stampsFile`. */
  stamps: string | undefined;
  /** The interpreter; needed where the metadata is not all in pyproject.toml. Throws when missing. */
  executable(): Promise<string>;
  /** Whether setup.py or a build backend may run; else a package that needs it is refused. */
  asks: boolean;
  /** Where pip finds build backends. */
  search: Search;
  /** Of the run that asks. */
  pips: Pips;
  /** How C extensions are built; undefined: as the package says. */
  build?: ExtensionBuild;
  report: Reporter<EngineEvent>;
}

export interface PythonDeveloped {
  package: PythonDevelopPackage;
  /** What stands for it in the develop-eggs folder, absolute. */
  links: string[];
}

/** Where the metadata and the code of a package are. */
interface Found {
  metadata: string;
  location: string;
}

/** Whether a folder holds a Python package: a setup.py, or a pyproject.toml that is about one. */
export function isPythonPackage(folder: string): boolean {
  return existsSync(join(folder, "setup.py")) || readPyproject(folder)?.isPackage === true;
}

/** Puts the metadata into the develop-eggs folder, in the place of an older one. */
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

/** All is said in pyproject.toml: nothing is run. */
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

/** What makes the build of extensions what the request says. */
async function environmentOf(
  { build }: PythonDevelopRequest,
  workshop: string,
): Promise<Record<string, string>> {
  if (build === undefined) return {};
  // What was compiled with other settings is no newer for it.
  const settings = new Map([["force", "true"], ...build.settings]);
  return buildEnvironment({ ...build, settings }, workshop);
}

/** Asks setup.py or the build backend, as far as the interpreter has what they need. */
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

/** Backends without PEP 660, and hatchling where what it needs for that is not to be had. */
const NOT_EDITABLE = /missing the 'build_editable' hook|No module named 'editables'/;

/** Lets pip install the package "editable", in an environment with what its backend needs. */
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
      // Its metadata is all that is wanted of it.
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

/** `stamp` is to be remembered with the answer; undefined where it is known already. */
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
    const message = `A plan does not ask the build file of ${request.folder} for its name.`;
    throw new BuildoutError("metadata-unknown", message, { hint: "Run bin/buildout once." });
  }
  return withWorkshop(join(request.developEggsDirectory, ".develop-"), async (workshop) => {
    const found =
      (await fromBackend(request, executable, pyproject, workshop)) ??
      (await fromPip(request, executable, pyproject, workshop));
    // Building may have written into the folder.
    return { found, stamp: stamp() };
  });
}

/**
 * Reads the package in a folder and notes it in the develop-eggs folder, as zc.buildout 5 does:
 * NAME.egg-link, and where the metadata is not beside the code, that and a .pth file. Nothing is
 * run where pyproject.toml says all, or where nothing changed since the last time.
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

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { BuildoutError } from "../../errors/error.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import { lastLines, runProcess } from "../../system/process.ts";
import { type Assignment, InstallerFailure } from "../python/installers/installer.ts";
import { runPip } from "../python/installers/pip.ts";
import type { Pips } from "../python/installers/pip-command.ts";
import { readInterpreter } from "../python/interpreter.ts";
import type { Search } from "../python/search.ts";
import type { ContentFile } from "./content-hash.ts";

/** How Python packages are built. */
export interface PythonBuild {
  /** Absolute path of the interpreter. */
  executable: string;
  /** Sources of build requirements. */
  search: Search;
  pips: Pips;
  report: Reporter<EngineEvent>;
}

/** 1980-01-01, the earliest time in a zip file, used as the build date. */
const BUILD_TIME = 315532800;

const SOURCES = ["pyproject.toml", "setup.cfg", "setup.py"];

/** A package's name for messages, before it is built: from its own files, or its directory. */
export function projectName(content: readonly ContentFile[], folder: string): string {
  const patterns = [
    /^\s*name\s*=\s*["']([^"']+)["']/m,
    /^name\s*=\s*(\S+)/m,
    /\bname\s*=\s*["']([^"']+)["']/,
  ];
  for (const [at, source] of SOURCES.entries()) {
    const text = content.find((file) => file.path === source)?.data.toString("utf8") ?? "";
    const name = patterns[at]!.exec(text)?.[1];
    if (name !== undefined) return name;
  }
  return path.basename(folder);
}

/** Runs `action` with a temporary directory. */
export async function inScratch<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "hostout-release-"));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes the content of a package below `tree`. */
export async function writeTree(tree: string, content: readonly ContentFile[]): Promise<void> {
  for (const { path: name, executable, data } of content) {
    const file = path.join(tree, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, data, { mode: executable ? 0o755 : 0o644 });
  }
}

/**
 * Builds the wheel of a source tree in `folder`; returns its path. `name` and `source` are the package's,
 * for messages; `version` is for tools that use version control. Throws `build-failed` with the output,
 * `interpreter-missing`, `pip-missing`.
 */
export async function buildWheel(
  build: PythonBuild,
  tree: string,
  folder: string,
  { name, source, version }: { name: string; source: string; version: string | undefined },
): Promise<string> {
  const environment = {
    SOURCE_DATE_EPOCH: String(BUILD_TIME),
    PYTHONHASHSEED: "0",
    ...(version !== undefined && {
      SETUPTOOLS_SCM_PRETEND_VERSION: version,
      PBR_VERSION: version,
    }),
  };
  const run = (...isolation: string[]) =>
    runPip(
      assignment(build, folder, environment),
      "wheel",
      [pathToFileURL(tree).href],
      [...["--no-deps", "--use-pep517", "--wheel-dir", folder], ...isolation],
    );
  try {
    await mkdir(folder, { recursive: true });
    await run().catch(async (failure) => {
      if (!NO_REQUIREMENTS.test((failure as InstallerFailure).output ?? "")) throw failure;
      // Perhaps there is no index: the interpreter may have all build requirements.
      const own = ["--no-build-isolation", "--check-build-dependencies"];
      await run(...own).catch(() => Promise.reject(failure));
    });
  } catch (error) {
    if (!(error instanceof InstallerFailure)) throw error;
    throw new BuildoutError("build-failed", `Building ${name} failed.`, {
      location: { file: source },
      output: lastLines(error.output),
    });
  }
  const wheel = (await readdir(folder)).find((file) => file.endsWith(".whl"));
  return path.join(folder, wheel!);
}

/** pip could not get the build requirements. */
const NO_REQUIREMENTS = /install(ing)? build dependencies/i;

function assignment(
  { executable, search, pips, report }: PythonBuild,
  workshop: string,
  environment: Readonly<Record<string, string>>,
): Assignment {
  const interpreter = readInterpreter(executable, workshop);
  const nothing = { requirements: [], constraints: [], prereleases: false, timeout: undefined };
  return {
    ...nothing,
    workshop,
    interpreter,
    ...search,
    environment,
    pips,
    report,
    onProject() {},
  };
}

/** Whether a build of these files gets its version or files from version control. */
export function asksVersionControl(content: readonly ContentFile[]): boolean {
  const asks = /setuptools[-_](scm|git)|hatch-vcs|\bpbr\b/;
  return content.some(
    ({ path: name, data }) => SOURCES.includes(name) && asks.test(data.toString("latin1")),
  );
}

/** The version of a package in its own directory; undefined if there is none. */
export async function versionInPlace(
  build: PythonBuild,
  folder: string,
  scratch: string,
): Promise<string | undefined> {
  const report = path.join(scratch, "report.json");
  const options = ["--dry-run", "--no-deps", "--ignore-installed", "--report", report];
  try {
    const url = pathToFileURL(folder).href;
    await runPip(assignment(build, scratch, {}), "install", [url], options);
  } catch (error) {
    if (error instanceof InstallerFailure) return undefined; // the build reports the problem
    throw error;
  }
  const { install } = JSON.parse(await readFile(report, "utf8")) as {
    install: { metadata: { version: string } }[];
  };
  return install[0]?.metadata.version;
}

/** Turns the tree into a git repository, for builds that use git's list of files. */
export async function makeRepository(tree: string): Promise<void> {
  const identity = ["-c", "user.name=hostout", "-c", "user.email=hostout@localhost"];
  const commit = ["commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message=release"];
  for (const args of [
    ["init", "--quiet"],
    ["add", "--all", "--force"],
    [...identity, ...commit],
  ]) {
    const result = await runProcess({ command: "git", args, cwd: tree }).catch(() => undefined);
    if (result?.exitCode !== 0) return; // the build reports what is missing
  }
}

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { EngineEvent } from "../../../events/engine.ts";
import type { Reporter } from "../../../events/reporter.ts";
import { separateLogins, visibleLogin, withOwnNetrc } from "../index-logins.ts";
import type { Interpreter } from "../interpreter.ts";
import { type ProgramResult, runProgram } from "../program.ts";
import { normalizeName, readRequirement } from "../requirement.ts";
import type { Search } from "../search.ts";
import { authoritiesFile } from "./authorities-file.ts";
import {
  type Assignment,
  type Chosen,
  type Installer,
  InstallerFailure,
  readable,
  requirementsFile,
} from "./installer.ts";
import type { Pips } from "./pip-command.ts";
import { publishedVersions } from "./pip-output.ts";
import { withoutLabels } from "./stub.ts";

/** Settings of pip that the user must not override. */
const ENVIRONMENT = {
  PIP_USER: "0",
  PIP_REQUIRE_VIRTUALENV: "0",
  PIP_PREFIX: undefined,
  PIP_TARGET: undefined,
  PIP_ROOT: undefined,
  PIP_NO_DEPS: undefined,
  PIP_QUIET: undefined,
  PIP_LOG: undefined,
};

/** The relevant fields of pip's installation report, version 1. */
interface Report {
  install: {
    metadata: { name: string; version: string; requires_dist?: string[] };
    download_info: {
      url: string;
      archive_info?: { hash?: string; hashes?: Record<string, string> };
      vcs_info?: { vcs: string; commit_id: string };
    };
  }[];
}

/** The package sources of an assignment, and a netrc file with their logins; undefined if there are none. */
async function withoutLogins(
  { interpreter, index, findLinks, pips, report }: Assignment,
  file: string,
): Promise<{ places: Pick<Assignment, "index" | "findLinks">; netrc: string | undefined }> {
  const all = index === undefined ? findLinks : [index, ...findLinks];
  const { addresses, netrc, visible } = separateLogins(all, () => interpreter.version);
  for (const host of visible) {
    if (pips.visibleLogins.has(host)) continue;
    pips.visibleLogins.add(host);
    report({ type: "warning", code: "login-visible", message: visibleLogin(host) });
  }
  const places =
    index === undefined
      ? { index, findLinks: addresses }
      : { index: addresses[0], findLinks: addresses.slice(1) };
  if (netrc === "") return { places, netrc: undefined };
  const text = await withOwnNetrc(netrc, interpreter.executable, process.env);
  await writeFile(file, text, { mode: 0o600 });
  return { places, netrc: file };
}

/** The project of the archive named by pip; its parent directories can have any names. */
function processed(line: string): string | undefined {
  const [place] = line.trimStart().split(" (from ");
  return /^Processing (?:.*\/)?([A-Za-z0-9._-]+?)-\d[^/]*$/.exec(place!)?.[1];
}

/** Runs a command of pip with the sources of an assignment. Throws InstallerFailure. */
export async function runPip(
  assignment: Assignment,
  command: string,
  lines: readonly string[],
  options: readonly string[],
): Promise<ProgramResult> {
  const { workshop, interpreter, constraints, prereleases, timeout, pips, report } = assignment;
  // The user's own links only apply together with the user's own index.
  const isOwn = assignment.index === undefined && !assignment.noIndex;
  const links = isOwn ? {} : { PIP_FIND_LINKS: pathToFileURL(workshop).href };
  const own = await mkdtemp(join(workshop, "pip-"));
  const temporary = join(own, "tmp");
  const requirements = join(own, "requirements.txt");
  const constraintsFile = join(own, "constraints.txt");
  const authorities = await authoritiesFile(own, "pip");
  const seen = new Set<string>();
  await mkdir(temporary);
  const { places, netrc } = await withoutLogins(assignment, join(own, "netrc"));
  await writeFile(requirements, requirementsFile({ ...assignment, ...places }, lines));
  await writeFile(constraintsFile, constraints.map((line) => `${line}\n`).join(""));
  const args = [
    command,
    "--disable-pip-version-check",
    "--no-input",
    "--no-color",
    "--progress-bar=off",
    ...(prereleases ? ["--pre"] : []),
    ...(timeout === undefined ? [] : [`--timeout=${timeout}`]),
    ...["-r", requirements],
    ...(constraints.length > 0 ? ["-c", constraintsFile] : []),
    ...options,
  ];
  const result = await pips.run(interpreter.executable, report, (pip) => {
    const running = runProgram({
      command: [...pip, ...args],
      cwd: workshop,
      env: {
        ...ENVIRONMENT,
        // pip may take either of them.
        ...(authorities && { PIP_CERT: authorities, REQUESTS_CA_BUNDLE: authorities }),
        TMPDIR: temporary,
        ...links,
        ...(netrc !== undefined && { NETRC: netrc }),
        ...assignment.environment,
      },
      onLine(line) {
        report({ type: "output", program: "pip", line: readable(line) });
        const project = /^\s*Collecting ([A-Za-z0-9._-]+)/.exec(line)?.[1];
        if (project !== undefined) assignment.onProject(project);
        // Not all versions of pip report that they try another version.
        const archive = processed(line);
        const tried = project ?? archive;
        if (tried === undefined) return;
        const key = normalizeName(tried);
        if (seen.has(key)) assignment.onBacktracking?.();
        seen.add(key);
      },
    });
    assignment.onStart?.();
    return running;
  });
  if (result.exitCode !== 0) throw new InstallerFailure("pip", readable(result.all));
  return result;
}

type Item = Report["install"][number];

/** Those that require a project, whatever the marker. */
function requirers(key: string, items: readonly Item[]): string[] {
  return items
    .filter(({ metadata }) =>
      metadata.requires_dist?.some((text) => readRequirement(text)?.key === key),
    )
    .map(({ metadata: { name, version } }) => withoutLabels(`${name} ${version}`));
}

function chosen(
  { metadata, download_info: { url, archive_info, vcs_info } }: Item,
  items: readonly Item[],
): Chosen {
  const { name, version } = metadata;
  const [algorithm, hash] =
    Object.entries(archive_info?.hashes ?? {})[0] ?? archive_info?.hash?.split("=") ?? [];
  const address = vcs_info ? `${vcs_info.vcs}+${url}@${vcs_info.commit_id}` : url;
  const fragment = algorithm && hash ? `#${algorithm}=${hash}` : "";
  const requiredBy = requirers(normalizeName(name), items);
  const requires = metadata.requires_dist ?? [];
  return { name, version, url, source: `${name} @ ${address}${fragment}`, requiredBy, requires };
}

async function readReport(file: string): Promise<Chosen[]> {
  const report = JSON.parse(await readFile(file, "utf8")) as Report;
  return report.install.map((item) => chosen(item, report.install));
}

/** With a target directory, the interpreter's own packages do not matter. */
function dryRun({ workshop }: Assignment): string[] {
  return ["--dry-run", "--target", join(workshop, "nothing")];
}

/**
 * Installs into `target`. Without `wheel`, or if wheels are excluded, pip before 23.1 runs a package's
 * `setup.py install`, which creates metadata in an old format: those are rebuilt through a wheel, as newer
 * versions do.
 */
async function installInto(
  target: string,
  assignment: Assignment,
  lines: readonly string[],
  options: readonly string[],
): Promise<void> {
  const all = [...options, "--no-warn-script-location", "--target", target];
  await runPip(assignment, "install", lines, all);
  const names = await readdir(target);
  if (!names.some((name) => name.endsWith(".egg-info"))) return;
  await Promise.all(names.map((name) => rm(join(target, name), { recursive: true })));
  const environment = { ...assignment.environment, PIP_USE_PEP517: "1" };
  await runPip({ ...assignment, environment }, "install", lines, all);
}

export const pip: Installer = {
  name: "pip",
  async resolve(assignment) {
    const report = join(assignment.workshop, "report.json");
    const options = [...dryRun(assignment), "--report", report];
    await runPip(assignment, "install", assignment.requirements, options);
    return readReport(report);
  },
  async versions(assignment, name) {
    try {
      // An impossible version, to which pip answers with the available ones.
      const nothing = [`${name}==0+no.such.version`];
      await runPip({ ...assignment, constraints: [] }, "install", nothing, [
        ...dryRun(assignment),
        "--no-deps",
      ]);
      return [];
    } catch (error) {
      if (!(error instanceof InstallerFailure)) throw error;
      return publishedVersions(error.output);
    }
  },
  async userIndex({ executable }) {
    if (process.env.PIP_INDEX_URL) return process.env.PIP_INDEX_URL;
    const command = [executable, "-m", "pip", "config", "get", "global.index-url"];
    const { exitCode, stdout } = await runProgram({ command, cwd: "/" });
    return exitCode === 0 ? stdout.trim() || undefined : undefined;
  },
  async download(assignment, sources, folder) {
    await runPip({ ...assignment, constraints: [] }, "download", sources, [
      "--no-deps",
      "--dest",
      folder,
    ]);
  },
  async install(assignment, sources, target) {
    await installInto(target, { ...assignment, constraints: [] }, sources, ["--no-deps"]);
  },
  async collect(assignment, folder) {
    await runPip(assignment, "wheel", assignment.requirements, ["--wheel-dir", folder]);
  },
  async installAll(assignment, target) {
    // The interpreter's own packages are separate from the eggs.
    await installInto(target, assignment, assignment.requirements, ["--no-warn-conflicts"]);
  },
};

export interface PackageRequest {
  workshop: string;
  interpreter: Interpreter;
  search: Search;
  pips: Pips;
  report: Reporter<EngineEvent>;
  /** The package's requirements. */
  folder: string;
  target: string;
  /** Added to pip's environment. */
  environment: Readonly<Record<string, string>>;
}

/** `pip install` of one package in a folder, `--editable` or not, without dependencies. Throws InstallerFailure. */
export async function installPackage(
  request: PackageRequest,
  how: "editable" | "copied",
): Promise<void> {
  const { workshop, interpreter, search, pips, report, folder, target, environment } = request;
  const assignment: Assignment = {
    ...{
      workshop,
      interpreter,
      pips,
      report,
      ...search,
      environment,
      requirements: [],
      constraints: [],
    },
    ...{ prereleases: false, timeout: undefined, onProject: () => {} },
  };
  const lines = [`${how === "editable" ? "--editable " : ""}${pathToFileURL(folder).href}`];
  await runPip(assignment, "install", lines, [
    "--no-deps",
    "--no-warn-script-location",
    "--target",
    target,
  ]);
}

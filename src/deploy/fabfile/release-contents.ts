/** The contents of a deployment, for plugins that put it elsewhere. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { load } from "../../config/merge/load.ts";
import { Sections } from "../../config/resolve/sections.ts";
import { withOwnNetrc } from "../../distributions/python/index-logins.ts";
import { readInterpreter } from "../../distributions/python/interpreter.ts";
import { BuildoutError } from "../../errors/error.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { parseManifest } from "../host/entry.ts";
import { STATE } from "../host/probe.ts";
import type { BundleFile } from "../release/fileset.ts";
import { compare, entryLine, manifestText } from "../release/manifest.ts";
import { pipPlaces } from "../release/pip-places.ts";
import type { DeployedRelease } from "../release/release.ts";
import type { FabfileState } from "./state.ts";

export interface ReleaseContents {
  /** Hash of everything that determines the outcome. */
  id: string;
  /** Name of the configuration to build: `HOST-RELEASE.cfg`. */
  configuration: string;
  /** Develop packages as archives, for `downloads/dist` in the cache. */
  packages: readonly { kind: "node" | "python"; name: string; version: string; file: string }[];
  /** The buildout engine in one file, for Node. Absolute path. */
  engine: string;
  /** The interpreter of the development buildout. Absolute path. */
  python: string;
  /**
   * Writes configurations and included files below a directory, and removes files of an earlier release
   * that this one lacks.
   */
  writeTo(folder: string): Promise<WrittenRelease>;
}

interface WrittenRelease {
  /** The parts that it builds, in order; undefined if only the build itself can tell. */
  parts: readonly string[] | undefined;
  /** Arguments of `pip install` for `engine = python`: options and requirements. */
  pip: readonly string[];
  /** Lines of a requirements file (`pip install -r`) to go with it: URLs, without logins. */
  pipPlaces: readonly string[];
  /** The logins, as lines of a netrc file for the variable NETRC of pip; empty without any. */
  pipLogins: string;
  /** The same plus the user's own netrc file, for a pip on this machine. */
  localLogins(): Promise<string>;
  /**
   * Hosts whose logins stay in `pipPlaces`, since a netrc file cannot hold them. They are visible in the
   * process list.
   */
  visibleLogins: readonly string[];
}

/**
 * The release of the develop packages, configurations and included files as they are now.
 * `cache` is the absolute directory for eggs and downloads at the place of the build.
 *
 * @throws BuildoutError `secrets-need-host`, and what releasing and reading them throws
 */
export async function release(
  { context: { deployment } }: FabfileState,
  { cache }: { cache: string },
): Promise<ReleaseContents> {
  const planned = await deployment.releaseFor(async () => cache);
  const { id, configuration, packages, secrets } = planned;
  if (secrets.length > 0) {
    const { name } = deployment.options;
    throw new BuildoutError(
      "secrets-need-host",
      `The buildout of ${name} refers to secrets:${secrets[0]}, which is only available to builds on the host.`,
      {
        hint: "Deploy without this plugin, or let the part read the value from a file at run time.",
      },
    );
  }
  return {
    id,
    configuration,
    packages: packages.map(({ name, version, file, source }) => {
      return { kind: source.kind, name, version, file };
    }),
    engine: deployment.programs.engine,
    python: deployment.project.python.executable,
    async writeTo(folder) {
      writeFiles(planned, folder);
      return readWritten(folder, configuration, deployment, cache);
    },
  };
}

function writeFiles({ id, files }: DeployedRelease, folder: string): void {
  const listed = join(folder, STATE, "checkout");
  const former = parseManifest(readText(listed) ?? "");
  const { removed } = compare(files, former, entryLine);
  const gone = new Set(removed);
  const stale = new Map([...former].filter(([path]) => gone.has(path)));
  const text = manifestText(id, files);
  mkdirSync(dirname(listed), { recursive: true });
  // Before the files, so that an interrupted run leaves no unknown files.
  writeFileAtomically(listed, [text, ...[...stale.values()].map((line) => `${line}\n`)].join(""));
  for (const path of stale.keys()) rmSync(join(folder, path), { recursive: true, force: true });
  for (const file of files) writeFile(file, join(folder, file.path));
  writeFileAtomically(listed, text);
}

/** Only if it differs, so that modification times show what has changed. */
function writeFile({ kind, mode, link, content, source }: BundleFile, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const stats = lstatSync(target, { throwIfNoEntry: false });
  if (kind === "directory") {
    if (stats?.isDirectory()) return;
    rmSync(target, { force: true });
    mkdirSync(target);
    return;
  }
  if (link !== undefined) {
    if (stats?.isSymbolicLink() && readlinkSync(target) === link) return;
    rmSync(target, { recursive: true, force: true });
    symlinkSync(link, target);
    return;
  }
  const bytes = content ?? readFileSync(source!);
  if (stats?.isFile() && stats.size === bytes.length && readFileSync(target).equals(bytes)) {
    if ((stats.mode & 0o777) !== mode) chmodSync(target, mode);
    return;
  }
  if (stats !== undefined && !stats.isFile()) rmSync(target, { recursive: true });
  writeFileAtomically(target, bytes, mode);
}

const TOOLS = ["setuptools", "wheel", "pip"];

async function readWritten(
  folder: string,
  file: string,
  deployment: FabfileState["context"]["deployment"],
  cache: string,
): Promise<WrittenRelease> {
  const configuration = await load({
    directory: folder,
    file,
    // The release's is at the place of the build.
    assignments: [{ section: "buildout", option: "extends-cache", value: "" }],
    userDefaults: false,
    env: deployment.env,
  });
  const sections = new Sections(configuration);
  const pins = await deployment.toolPins();
  const requirement = (name: string) => {
    const pin = pins.get(name);
    if (pin === undefined || pin === "") return [];
    return [/^[<>=!~]/.test(pin) ? `${name}${pin}` : `${name}==${pin}`];
  };
  const { executable } = deployment.project.python;
  const interpreter = () => readInterpreter(executable, deployment.project.directory);
  const { lines, netrc, visible } = pipPlaces(
    await deployment.buildSettings(),
    () => interpreter().version,
  );
  return {
    parts: optionOf("parts", sections)
      ?.split(/\s+/)
      .filter((name) => name !== ""),
    pipPlaces: lines,
    pipLogins: netrc,
    localLogins: async () => (netrc === "" ? "" : withOwnNetrc(netrc, executable, deployment.env)),
    visibleLogins: visible,
    pip: [
      ...["--find-links", join(cache, "downloads/dist")],
      requirement("zc.buildout")[0] ?? "zc.buildout",
      ...TOOLS.flatMap(requirement),
    ],
  };
}

/** An option of [buildout]; undefined if it refers to an option that a recipe sets. */
function optionOf(name: string, sections: Sections): string | undefined {
  try {
    return sections.resolve("buildout").get(name) ?? "";
  } catch (error) {
    if (error instanceof BuildoutError) return undefined;
    throw error;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

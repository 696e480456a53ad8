import { dirname, join, resolve } from "node:path";
import { parseSections } from "../../buildout/kit/section-format.ts";
import { BuildoutError } from "../../errors/error.ts";
import { reasonOf } from "../../system/reason.ts";
import { readRegularFile } from "../../system/regular-file.ts";
import { type HostOptions, hostOptions } from "./options.ts";

/** The development buildout, as recorded by its hostout recipe. */
export interface Project {
  /** Absolute path of the buildout directory. */
  directory: string;
  /** `parts/hostout`, where the recipe and this tool keep their files. */
  stateDirectory: string;
  /** Where releases of develop packages are kept. */
  distDirectory: string;
  /** Directories of the develop packages, absolute. */
  packages: string[];
  /** How Python packages are built: the settings of the buildout. */
  python: BuildSettings;
  hosts: Map<string, HostOptions>;
  /** Sources of the secrets that options refer to as `${secrets:NAME}`, by name. */
  secrets: ReadonlyMap<string, string>;
}

export interface BuildSettings {
  /** Absolute path of the interpreter. */
  executable: string;
  index: string | undefined;
  /** URLs and paths. */
  findLinks: string[];
  installFromCache: boolean;
  downloadCache: string | undefined;
}

/** Reads `parts/hostout/hostout.cfg`. Throws `no-hostout-cfg` if it is missing or unreadable. */
export async function readProject(file: string): Promise<Project> {
  let text: string;
  try {
    text = (await readRegularFile(file)).toString("utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BuildoutError("no-hostout-cfg", `Cannot read ${file}: ${reasonOf(error)}`, {
      hint:
        code === "EACCES"
          ? "It may contain passwords: only the user who ran bin/buildout can read it."
          : "Run bin/buildout first, with a part that has 'recipe = hostout'.",
      cause: error,
    });
  }
  const sections = parseSections(text);
  const main = sections.get("buildout") ?? new Map<string, string>();
  const directory = main.get("location") ?? resolve(dirname(file), "../..");
  const hosts = new Map<string, HostOptions>();
  for (const [name, options] of sections) {
    if (name !== "buildout") hosts.set(name, hostOptions(name, options, directory));
  }
  const lines = (option: string) =>
    (main.get(option) ?? "").split("\n").filter((line) => line !== "");
  return {
    directory,
    stateDirectory: dirname(file),
    distDirectory: join(directory, main.get("dist_dir") ?? "dist"),
    packages: lines("packages").map((folder) => resolve(directory, folder)),
    python: {
      executable: main.get("executable") ?? "python3",
      index: main.get("index") || undefined,
      findLinks: lines("find-links"),
      installFromCache: main.get("install-from-cache") === "true",
      downloadCache: main.get("download_cache") || undefined,
    },
    hosts,
    secrets: new Map(Object.entries(JSON.parse(main.get("secrets") ?? "{}") as object)),
  };
}

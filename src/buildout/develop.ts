import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DevelopPackage } from "../distributions/index.ts";
import { BuildoutError, type Location } from "../error/index.ts";
import { writeFileAtomically } from "./atomic.ts";
import { during } from "./during.ts";
import { fromDirectory } from "./paths.ts";
import { repr } from "./python-repr.ts";
import type { Log } from "./recipe.ts";
import { removePaths } from "./removal.ts";
import { splitWords } from "./values.ts";

export interface DevelopRequest {
  /** The value of `[buildout] develop`: paths and glob patterns. */
  develop: string;
  directory: string;
  developEggsDirectory: string;
  location: Location | undefined;
  log: Log;
}

export interface Developed {
  packages: DevelopPackage[];
  /** The files in the develop-eggs folder that stand for them, absolute, sorted. */
  links: string[];
}

/** What a path or pattern matches, sorted; names that start with a dot only when asked for. */
export async function expandPattern(path: string): Promise<string[]> {
  if (!/[*?[]/.test(path)) return existsSync(path) ? [path] : [];
  const { glob } = await import("fast-glob");
  const found = await glob(path, {
    onlyFiles: false,
    braceExpansion: false,
    extglob: false,
    globstar: false,
    followSymbolicLinks: true,
  });
  return found.sort();
}

async function read(folder: string, location: Location | undefined): Promise<DevelopPackage> {
  const { readDevelopPackage } = await import("../distributions/node/manifest.ts");
  const found = await readDevelopPackage(folder);
  if (found) return found;
  const python = ["setup.py", "pyproject.toml"].find((file) => existsSync(join(folder, file)));
  const where = location && { location };
  throw python
    ? new BuildoutError(
        "python-package",
        `${repr(folder)} is a Python package (${python}); these can't be developed yet.`,
        { ...where },
      )
    : new BuildoutError(
        "no-package",
        `${repr(folder)} holds no package: there is no package.json.`,
        {
          ...where,
        },
      );
}

function linkFile(developEggsDirectory: string, developed: DevelopPackage): string {
  return join(developEggsDirectory, `${developed.name.replaceAll("/", "+")}.package-link`);
}

/**
 * Reads every package that `develop` names and notes it in the develop-eggs
 * folder. When one fails, the new notes go again and the error is thrown.
 */
export async function develop(request: DevelopRequest): Promise<Developed> {
  const { directory, developEggsDirectory, location, log } = request;
  const packages: DevelopPackage[] = [];
  const links: string[] = [];
  const fresh: string[] = [];
  try {
    for (const word of splitWords(request.develop)) {
      const path = fromDirectory(directory, word);
      const folders = await expandPattern(path);
      if (folders.length === 0) log.warning(`Couldn't develop ${repr(path)} (not found)`);
      for (const folder of folders) {
        log.info(`Develop: ${repr(folder)}`);
        await during(`Processing develop directory ${repr(folder)}.`, async () => {
          const developed = await read(folder, location);
          const link = linkFile(developEggsDirectory, developed);
          if (!existsSync(link)) fresh.push(link);
          writeFileAtomically(link, `${developed.folder}\n`);
          packages.push(developed);
          links.push(link);
        });
      }
    }
  } catch (error) {
    removePaths(fresh, directory);
    throw error;
  }
  return { packages, links: [...new Set(links)].sort() };
}

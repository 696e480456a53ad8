import { mkdirSync } from "node:fs";
import { onTestFinished } from "vitest";
import type { BuildoutRequest } from "../../src/contract/engine.ts";
import type { RecipeDefinition, RecipeTable } from "../../src/contract/recipe.ts";
import { BuildoutError } from "../../src/errors/error.ts";
import { installInProcess } from "./in-process.ts";
import { type ScratchFiles, scratchFiles } from "./scratch.ts";

/** A recipe that makes the folders in `paths` (default: the part's name in parts). */
const folders: RecipeDefinition = {
  description: "makes folders",
  async install(part) {
    const paths = (part.options.get("paths") ?? `parts/${part.name}`).split(/\s+/).filter(Boolean);
    for (const path of paths) {
      mkdirSync(path);
      part.created(path);
    }
    if (part.options.has("fail")) throw new BuildoutError("command-failed", "It did not work.");
    return paths;
  },
  update() {},
};

interface Outcome {
  /** The output, with the project's directory as `/p`, without the lines about new directories. */
  text: string;
  error: BuildoutError | undefined;
}

export interface Project extends ScratchFiles {
  /** Runs the install command; `assignments` as `section:option=value`. */
  run(options?: {
    parts?: string[];
    assignments?: string[];
    signal?: AbortSignal;
    /** Environment variables that configuration files and defaults see; HOME is the project. */
    env?: Record<string, string>;
    onSettled?: BuildoutRequest["onSettled"];
  }): Promise<Outcome>;
}

/** A buildout in a scratch directory that is removed after the test. */
export function project(
  given: Record<string, string>,
  // biome-ignore lint/suspicious/noExplicitAny: recipes with any options
  recipes: Record<string, RecipeDefinition<any, any>> = {},
): Project {
  const before = process.cwd();
  // Last in, first out: this process leaves the directory before it is removed.
  const files = scratchFiles(given);
  onTestFinished(() => process.chdir(before));
  const table: RecipeTable = new Map(
    Object.entries({ folders, ...recipes }).map(([name, recipe]) => [
      name,
      async () => ({ default: recipe }),
    ]),
  );
  return {
    ...files,
    async run({ parts = [], assignments = [], signal, env = {}, onSettled } = {}) {
      const lines: string[] = [];
      const error = await installInProcess(
        files.directory,
        {
          recipes: table,
          assignments,
          parts,
          env: { HOME: files.directory, ...env },
          ...(signal && { signal }),
          onSettled,
        },
        (text) => lines.push(text),
      );
      const text = files.plain(lines.join("")).replace(/^Creating directory .*\n/gm, "");
      return { text, error };
    },
  };
}

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { install } from "../../src/buildout/run/install.ts";
import { publicApi } from "../../src/cli/public-api.ts";
import { load } from "../../src/config/merge/load.ts";
import type { RecipeDefinition, RecipeTable } from "../../src/contract/recipe.ts";
import { BuildoutError } from "../../src/errors/error.ts";
import { painter } from "../../src/report/colour.ts";
import { formatError } from "../../src/report/error.ts";
import { logReporter } from "../../src/report/log.ts";

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
  /** What was printed, with the project's folder as `/p`, without the lines on new folders. */
  text: string;
  error: BuildoutError | undefined;
}

export interface Project {
  directory: string;
  path(name: string): string;
  write(name: string, text: string): void;
  read(name: string): string;
  has(name: string): boolean;
  /** Runs the install command; `assignments` as `section:option=value`. */
  run(options?: {
    parts?: string[];
    assignments?: string[];
    signal?: AbortSignal;
    /** Environment variables that configuration files and defaults see; HOME is the project. */
    env?: Record<string, string>;
  }): Promise<Outcome>;
}

/** A buildout in a scratch folder that goes away with the test. */
export function project(
  files: Record<string, string>,
  // biome-ignore lint/suspicious/noExplicitAny: recipes with any options
  recipes: Record<string, RecipeDefinition<any>> = {},
): Project {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "buildout-")));
  const before = process.cwd();
  onTestFinished(() => {
    process.chdir(before);
    rmSync(directory, { recursive: true, force: true });
  });
  const path = (name: string) => join(directory, name);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const table: RecipeTable = new Map(
    Object.entries({ folders, ...recipes }).map(([name, recipe]) => [
      name,
      async () => ({ default: recipe }),
    ]),
  );
  return {
    directory,
    path,
    write,
    read: (name) => readFileSync(path(name), "utf8"),
    has: (name) => existsSync(path(name)),
    async run({ parts = [], assignments = [], signal, env = {} } = {}) {
      const lines: string[] = [];
      const report = logReporter((text) => lines.push(text), painter(false));
      let error: BuildoutError | undefined;
      try {
        process.chdir(directory);
        const configuration = await load({
          directory,
          file: "buildout.cfg",
          assignments: assignments.map((text) => {
            const [name = "", value = ""] = text.split(/=(.*)/s);
            const [section = "", option = ""] = name.split(":");
            return { section, option, value };
          }),
          userDefaults: false,
          env: { HOME: directory, ...env },
        });
        await install(
          {
            configuration,
            report,
            recipes: table,
            api: publicApi,
            ...(signal && { signal }),
          },
          parts,
        );
      } catch (thrown) {
        if (!(thrown instanceof BuildoutError)) throw thrown;
        error = thrown;
        lines.push(formatError(thrown, { directory }));
      }
      const text = lines
        .join("")
        .replaceAll(directory, "/p")
        .replace(/^Creating directory .*\n/gm, "");
      return { text, error };
    },
  };
}

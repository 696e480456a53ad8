import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { execaSync } from "execa";
import type { PythonDistribution, RecipeDefinition } from "../../src/index.ts";
import { makePart, type TestPart } from "./recipe-part.ts";
import { scratch } from "./scratch.ts";

export const python = execaSync("python3", ["-c", "import sys; print(sys.executable)"]).stdout;

export interface EggPartRequest {
  name?: string;
  options?: Record<string, string>;
  sections?: Record<string, Record<string, string>>;
  directory?: string;
  /** The distributions that the buildout finds for any requirement. */
  distributions?: PythonDistribution[];
}

export interface EggPart extends TestPart {
  /** The requirements of each call. */
  required: string[][];
  /** The further options of each request. */
  asked: Record<string, unknown>[];
}

/** A part with a recipe for eggs, whose buildout has the given distributions. */
export async function makeEggPart(
  // biome-ignore lint/suspicious/noExplicitAny: the options of any recipe
  recipe: RecipeDefinition<any, any>,
  request: EggPartRequest = {},
): Promise<EggPart> {
  const directory = request.directory ?? scratch();
  const { distributions = [], sections, ...rest } = request;
  const required: string[][] = [];
  const asked: Record<string, unknown>[] = [];
  const lines: string[] = [];
  const log = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  if (!existsSync(path.join(directory, "parts"))) mkdirSync(path.join(directory, "parts"));
  const made = await makePart(recipe, {
    ...rest,
    directory,
    sections: {
      ...sections,
      buildout: {
        "eggs-directory": path.join(directory, "eggs/v5"),
        "develop-eggs-directory": path.join(directory, "develop-eggs"),
        "bin-directory": path.join(directory, "bin"),
        "find-links": "",
        ...sections?.buildout,
      },
    },
    buildout: {
      report: () => {},
      log: { debug: log("debug"), info: log("info"), warning: log("warning"), error: log("error") },
      pythonExecutable: async () => python,
      workingSet: async (requirements, options) => {
        required.push([...requirements]);
        asked.push({ ...options });
        return distributions;
      },
    },
  });
  // The engine's log and the part's, in one.
  made.lines.push = (...more) => lines.push(...more.map((line) => `${line} (part)`));
  return { ...made, lines, required, asked };
}

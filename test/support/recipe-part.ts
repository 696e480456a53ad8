import path from "node:path";
import { BuildoutError, type Part, type RecipeDefinition } from "../../src/index.ts";
import { lines as linesOf, words } from "../../src/pythonic/text.ts";
import { scratch } from "./scratch.ts";

export interface TestPart {
  part: Part;
  // biome-ignore lint/suspicious/noExplicitAny: what any recipe prepares
  prepared: any;
  /** Log lines as `level: message`. */
  lines: string[];
  created: string[];
  directory: string;
}

export interface TestPartRequest {
  name?: string;
  entry?: string;
  options?: Record<string, string>;
  /** Other sections, for `${section:option}`. */
  sections?: Record<string, Record<string, string>>;
  buildout?: Partial<Part["buildout"]>;
  directory?: string;
}

/** A part as the engine would hand it to a recipe, without the engine. */
export async function makePart(
  // biome-ignore lint/suspicious/noExplicitAny: the options of any recipe
  recipe: RecipeDefinition<any, any>,
  request: TestPartRequest = {},
): Promise<TestPart> {
  const directory = request.directory ?? scratch();
  const name = request.name ?? "demo";
  const lines: string[] = [];
  const created: string[] = [];
  const options = new Map(Object.entries(request.options ?? {}));
  const sections = new Map(
    Object.entries({
      ...request.sections,
      buildout: { directory, ...request.sections?.buildout },
    }).map(([key, values]) => [key, new Map(Object.entries(values))]),
  );
  sections.set(name, options);
  const substitute = async (of: string, text: string) =>
    text.replace(/\$\{([^:}]*):([^}]+)\}/g, (_, section: string, option: string) => {
      const value = sections.get(section || of)?.get(option);
      if (value === undefined) {
        throw new BuildoutError(
          "missing-option",
          `Referenced option does not exist: ${section || of} ${option}`,
        );
      }
      return value;
    });
  const sectionOf = (of: string, values: Map<string, string>) => ({
    name: of,
    get: (option: string) => values.get(option),
    has: (option: string) => values.has(option),
    set: (option: string, value: string) => void values.set(option, value),
    keys: () => [...values.keys()],
    entries: () => [...values],
    location: () => undefined,
    require(option: string) {
      const value = values.get(option);
      if (value === undefined) {
        throw new BuildoutError("missing-option", `Missing option: ${of}:${option}`);
      }
      return value;
    },
    substitute: (text: string) => substitute(of, text),
    fill: (text: string) => substitute(of, text),
  });
  const log = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const values = Object.fromEntries(
    Object.entries(recipe.options ?? {}).map(([option, spec]) => {
      const { type, default: fallback } = spec as { type?: string; default?: string };
      const value = options.get(option) ?? fallback;
      if (value === undefined) return [option, undefined];
      if (type === "lines") return [option, linesOf(value)];
      if (type === "words") return [option, words(value)];
      if (type === "boolean") return [option, value === "true"];
      return [option, type === "path" ? path.resolve(directory, value) : value];
    }),
  );
  const part = {
    name,
    entry: request.entry ?? "default",
    options: sectionOf(name, options),
    values,
    log: {
      debug: log("debug"),
      info: log("info"),
      warning: log("warning"),
      error: log("error"),
    },
    created: (...paths: string[]) => {
      created.push(...paths);
      return created;
    },
    buildout: {
      directory,
      binDirectory: path.join(directory, "bin"),
      partsDirectory: path.join(directory, "parts"),
      downloadCache: undefined,
      offline: false,
      newest: true,
      report: () => {},
      developPackages: [],
      versions: new Map(),
      section: async (of: string) => sectionOf(of, sections.get(of) ?? new Map()),
      ...request.buildout,
    },
  } as unknown as Part;
  const prepared = await recipe.init?.(part);
  return { part, prepared, lines, created, directory };
}

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The rooms of src/ from the ground floor up: each may import from those below it. */
const FLOORS = [
  ["pythonic", "errors", "system"],
  ["arguments", "events"],
  ["config", "ssh"],
  ["distributions"],
  ["contract"],
  ["bridge"],
  ["buildout"],
  ["deploy"],
  ["report"],
  ["index.ts", "fabfile.ts"],
  ["program"],
  ["deploy.ts"],
  ["cli"],
];

/** Other rooms that a room may import from: these put everything together. */
const BESIDE: Record<string, string[]> = {
  program: ["recipes", "package.json"],
  cli: ["recipes"],
};

function mayImport(from: string, to: string): boolean {
  const floor = (name: string) => FLOORS.findIndex((rooms) => rooms.includes(name));
  return floor(to) >= 0 ? floor(to) < floor(from) : (BESIDE[from] ?? []).includes(to);
}

/** What tables of recipes need in addition to the recipes: the types of their entries. */
const TYPES_ONLY: Record<string, string[]> = { recipes: ["contract"] };

/** Modules that list all recipes and plugins, and load them on demand. */
const TABLES = new Set(["recipes/index.ts", "recipes/plugins/index.ts"]);

/**
 * State that belongs to the process as a whole. Constants (`platform`, `arch`, `version`, `pid`, `execPath`)
 * do not count, nor does `kill`, which affects other processes.
 */
const TOUCHES =
  /^(?:argv|env|std(?:in|out|err)|exit(?:Code)?|cwd|chdir|umask|(?:prepend)?(?:on|once|off|add\w*Listener|prepend\w*Listener|removeListener))$/;

/** What a text uses of the process: `process.env`, `const { env } = process`, or all of it. */
function processUses(text: string): string[] {
  const names = [...text.matchAll(/(?<!\w)(?<!(?<!\.\.)\.)process\s*(?:\?\.|\.)\s*(\w+)/g)].map(
    (m) => m[1]!,
  );
  for (const [, taken] of text.matchAll(/\{([^{}]*)\}\s*=\s*process\b(?!\s*[.?])/g)) {
    names.push(...taken!.split(",").map((name) => name.trim().split(/\W/)[0]!));
  }
  const whole =
    /(?<!\w)(?<!(?<!\.\.)\.)process\s*\[|from "(?:node:)?process"|globalThis\.process/.test(text);
  return [...new Set(names.filter((name) => TOUCHES.test(name)).concat(whole ? ["[...]"] : []))];
}

/** Modules that use the process nevertheless, by file of src/ or recipes/. */
const PROCESS_USERS: Record<string, string[]> = {
  // A program that deploys passes its environment.
  "deploy.ts": ["env"],
  // A program of its own.
  "deploy/host/rsync-shell.ts": ["argv", "exitCode", "stderr", "stdin", "stdout"],
  // When the process ends, so do its children, and its files are removed.
  "buildout/kit/command.ts": ["on", "prependListener", "removeListener", "stdin"],
  "buildout/run/setup.ts": ["once", "removeListener"],
  "distributions/python/program.ts": ["env", "prependOnceListener", "removeListener"],
  "distributions/python/install/temporary-directory.ts": ["once", "removeListener"],
  "system/lock.ts": ["once", "removeListener"],
  // A recipe that waits for something that can no longer come: only the process knows.
  "buildout/lookup/foreign-code.ts": ["off", "on"],
  // Modes of files that are created here.
  "buildout/kit/archive/tar.ts": ["umask"],
  "distributions/python/scripts/scripts.ts": ["umask"],
  // Files of a part with a secret are private, also those that its Python code creates.
  "bridge/interpreter-process.ts": ["umask"],
  "bridge/worker.ts": ["umask"],
  "buildout/secrets/private-files.ts": ["umask"],
  // Shells of the sandbox find their programs as this process does.
  "ssh/sandbox/commands.ts": ["env"],
  // Recipes may change working directory and environment, as in zc.buildout.
  "bridge/environment.ts": ["env"],
  "bridge/parse-sections.ts": ["env"],
  "buildout/lookup/recipe-call.ts": ["chdir"],
  "buildout/run/install.ts": ["chdir"],
  "buildout/run/plan.ts": ["chdir"],
  // Tells a buildout started by a recipe not to wait for the one that runs the recipe.
  "buildout/run/alone.ts": ["env"],
  "buildout/run/buildout.ts": ["env"],
  "buildout/run/settings.ts": ["cwd"],
  // The location of the user's cache.
  "distributions/python/develop/develop-stamp.ts": ["env"],
  // The environment that recipes have made is the one that installers get.
  "buildout/kit/download.ts": ["env"],
  "distributions/python/install/index-names.ts": ["env"],
  "distributions/python/install/page-eggs.ts": ["env"],
  "distributions/python/interpreter.ts": ["env"],
  "distributions/python/installers/pip-command.ts": ["env"],
  "distributions/node/npm.ts": ["env"],
  "distributions/python/installers/authorities-file.ts": ["env"],
  "distributions/python/installers/pip.ts": ["env"],
  "distributions/python/install/select-installer.ts": ["env"],
  "distributions/python/install/wheels-here.ts": ["env"],
  "distributions/python/installers/uv.ts": ["env"],
  "system/process.ts": ["env", "once", "removeListener"],
  // As their originals, these use the environment, working directory and umask of the run.
  "recipes/cmd/index.ts": ["cwd"],
  "recipes/cmmi/hexagonit.ts": ["env"],
  "recipes/egg/extension-build.ts": ["env"],
  "recipes/environment/index.ts": ["env"],
  "recipes/supervisor/index.ts": ["umask"],
  "recipes/usercrontab/crontab.ts": ["env"],
  "recipes/template/index.ts": ["umask"],
  // In the text of programs that they write.
  "recipes/hostout/launcher.ts": ["argv", "exitCode"],
  "recipes/mr-developer/launcher.ts": ["argv"],
};

interface Import {
  file: string;
  from: string;
  to: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

function room(path: string): string {
  const [top, second] = path.split("/");
  return top === "src" ? second! : top!;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((m) => m[1]!);
  return specifiers.map((specifier) => {
    const to = relative(root, resolve(root, dirname(file), specifier));
    return { file, from: room(file), to };
  });
}

const all = [...sources("src"), ...sources("recipes")].flatMap(importsOf);

describe("layers", () => {
  test("imports in src/ point downward only", () => {
    expect(all.length).toBeGreaterThan(50);
    const wrong = all.filter(({ from, to }) => {
      const target = room(to);
      return from !== "recipes" && target !== from && !mayImport(from, target);
    });
    expect(wrong.map(({ file, to }) => `${file} -> ${to}`)).toEqual([]);
  });

  test("a recipe sees nothing but src/index.ts and its own directory", () => {
    const wrong = all.filter(({ file, from, to }) => {
      if (from !== "recipes" || to === "src/index.ts") return false;
      // The recipe for hosts must know the names of plugins.
      if (
        /^recipes\/hostout\/(extend|check-options)\.ts$/.test(file) &&
        to === "recipes/plugins/index.ts"
      )
        return false;
      if (TABLES.has(file)) {
        return room(to) !== "recipes" && !TYPES_ONLY.recipes!.includes(room(to));
      }
      return dirname(to).split("/")[1] !== dirname(file).split("/")[1];
    });
    expect(wrong.map(({ file, to }) => `${file} -> ${to}`)).toEqual([]);
  });

  test("only the command line touches the process", () => {
    const found = [...sources("src"), ...sources("recipes")].flatMap((file) => {
      if (file.startsWith("src/cli/")) return [];
      const uses = processUses(readFileSync(join(root, file), "utf8"));
      return uses.map((use) => `${file.replace(/^src\//, "")}: ${use}`);
    });
    const allowed = Object.entries(PROCESS_USERS).flatMap(([file, uses]) =>
      uses.map((use) => `${file}: ${use}`),
    );
    expect(found.sort()).toEqual(allowed.sort());
  });

  test.each([
    "process.env.HOME",
    "const { env } = process;",
    "const { platform, env: own } = process;",
    'process["env"]',
    'import { env } from "node:process";',
    "process.exit(1)",
  ])("a use of the process is found in %j", (text) => {
    expect(processUses(text)).not.toEqual([]);
  });

  test.each(["process.platform", "const { version } = process;", "this.process.exit()"])(
    "none is found in %j",
    (text) => expect(processUses(text)).toEqual([]),
  );

  test("no two modules import each other in a circle", () => {
    const graph = new Map<string, string[]>();
    for (const { file, to } of all) graph.set(file, [...(graph.get(file) ?? []), to]);
    const state = new Map<string, "open" | "done">();
    const circles: string[] = [];
    const visit = (file: string, path: string[]) => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") {
        circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
        return;
      }
      state.set(file, "open");
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, "done");
    };
    for (const file of graph.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });
});

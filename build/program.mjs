// Turns a program into the source of one or two functions, which src/cli/start/load.ts runs: its core, and the
// rest, which few runs need.
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { build, transform } from "esbuild";
import { isRecipe, withDirectImports } from "./direct-imports.mjs";
import { embedPython, textLoaders } from "./embed.mjs";
import { root } from "./inputs.mjs";

const IMPORT_CALL = /(?<!typeof )\bimport\(\s*"([^"]+)",?\s*\)/g;

/** Whether an import names a package. */
export const isPackage = (name) => !name.startsWith(".") && !isBuiltin(name);

/** What an `import()` in a file names: a path below the root, or the name of a package. */
const targetOf = (file, name) =>
  name.startsWith(".") ? relative(root, resolve(dirname(file), name)) : name;

function sourceOf(path) {
  const text = readFileSync(path, "utf8");
  return isRecipe(path) ? withDirectImports(path, text) : text;
}

/** What a program starts with: the files that are not behind an `import()`, except for the `everyday` ones. */
async function coreOf({ entry, everyday, options }) {
  const stop = {
    name: "stop",
    setup({ onResolve }) {
      onResolve({ filter: /.*/ }, ({ path, kind, resolveDir }) =>
        kind === "dynamic-import" && !everyday.includes(targetOf(join(resolveDir, "-"), path))
          ? { path, external: true }
          : undefined,
      );
    },
  };
  const { metafile } = await build({
    ...options,
    entryPoints: [entry],
    outdir: "core",
    plugins: [stop, ...options.plugins],
  });
  return new Set([...Object.keys(metafile.inputs), ...everyday]);
}

/** What a file of the core imports from the rest. */
function importsOfRest(core, outside, file) {
  if (!file.endsWith(".ts")) return [];
  const path = join(root, file);
  return [...sourceOf(path).matchAll(IMPORT_CALL)]
    .filter(([, name]) => !outside(name))
    .map(([, name]) => targetOf(path, name))
    .filter((target) => !core.has(target) && !isBuiltin(target));
}

/**
 * Replaces each `import()`, which V8 cannot do in cached code: by a call of the script for what is not in the program
 * or only in its rest, and otherwise by `require`, which runs the module when it is called. Each module reports that
 * it runs: compiled code is saved again once there is more of it.
 */
const ownModules = (core, outside) => ({
  name: "own-modules",
  setup({ onLoad, onResolve, resolve: find }) {
    onLoad({ filter: /\/(?:src|recipes)\/.*\.ts$|\/node_modules\/.*\.[cm]?js$/ }, ({ path }) => {
      const own = relative(root, path);
      const isCore = core.has(own);
      const code = sourceOf(path).replace(IMPORT_CALL, (_, name) => {
        const quoted = JSON.stringify(name);
        if (outside(name)) return `importPackage(${quoted})`;
        const target = targetOf(path, name);
        return isCore && !core.has(target) && !isBuiltin(target)
          ? `importRest(${JSON.stringify(target)})`
          : `imported(() => require(${quoted}))`;
      });
      const loader = path.endsWith(".ts") ? "ts" : "js";
      return { contents: `${code}\nmodulesThatRun.push(${JSON.stringify(own)});\n`, loader };
    });
    // Packages may have other files for `require`.
    onResolve({ filter: /.*/ }, ({ path, kind, importer, resolveDir }) =>
      kind === "require-call" && !importer.includes("/node_modules/") && !isBuiltin(path)
        ? find(path, { kind: "dynamic-import", importer, resolveDir })
        : undefined,
    );
  },
});

/** `program-rest` is a module with a function for each module of the rest that the core imports. */
const restEntry = (entry, targets) => ({
  name: "program-rest",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^program-rest$/ }, ({ path }) => ({ path, namespace: "program-rest" }));
    onLoad({ filter: /.*/, namespace: "program-rest" }, () => {
      const lines = [...new Set(targets)].sort().map((target) => {
        const name = JSON.stringify(target);
        const path = target.endsWith(".ts") ? JSON.stringify(`./${target}`) : name;
        return `${name}: () => require(${path}),`;
      });
      const contents = `import "./${entry}";\nexport const modules = {\n${lines.join("\n")}\n};`;
      return { contents, resolveDir: root };
    });
  },
});

const EXPORTS = /\bexport ?\{([^{}]*)\};/g;

/**
 * Replaces the `export` at the end by an object with getters: esbuild makes each of them with
 * `Object.defineProperty`, twice, which takes a millisecond at each start.
 */
function withExports(text) {
  // Only comments follow it.
  const { 0: all, 1: names, index } = [...text.matchAll(EXPORTS)].at(-1);
  const getters = names
    .split(",")
    .map((name) => name.trim().split(/\s+as\s+/))
    .map(([name, as = name]) => `get ${as}() { return ${name}; }`);
  return `${text.slice(0, index)}moduleOfProgram.exports = { ${getters.join(", ")} };${text.slice(index + all.length)}`;
}

const BANNER =
  "(function(moduleOfProgram,require,imported,importRest,importPackage,__filename,modulesThatRun){" +
  'const urlOfProgram=require("node:url").pathToFileURL(__filename).href,__dirname=require("node:path").dirname(__filename);';

/** The text of both. Throws if there is something else. */
function partsOf({ outputFiles, metafile }) {
  const left = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .find(({ kind }) => kind === "dynamic-import");
  if (left !== undefined) throw new Error(`import() of ${left.path} does not work in a program`);
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path, ".js"), text]));
  // The rest imports all of the core, which is therefore in one chunk.
  if ([...texts.keys()].sort().join() !== "entry,rest,shared") {
    throw new Error(`A program has other files: ${[...texts.keys()].join(", ")}`);
  }
  return { core: texts.get("shared"), rest: texts.get("rest") };
}

/**
 * The source texts of a program, `core` and `rest`. `outside` returns whether a package that is imported by
 * `import()` is not part of it; `everyday` are modules that belong to the core although they are imported by
 * `import()`; `options` are those of esbuild.
 */
export async function buildProgram({ entry, everyday = [], outside, options: given }) {
  const options = {
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "warning",
    metafile: true,
    write: false,
    minifySyntax: true,
    define: { "import.meta.url": "urlOfProgram" },
    loader: textLoaders,
    ...given,
    plugins: [...(given.plugins ?? []), embedPython],
  };
  const core = await coreOf({ entry, everyday, options });
  const targets = [...core].flatMap((file) => importsOfRest(core, outside, file));
  const result = await build({
    ...options,
    splitting: true,
    entryPoints: [
      { in: entry, out: "entry" },
      { in: "program-rest", out: "rest" },
    ],
    outdir: "program",
    chunkNames: "shared",
    plugins: [restEntry(entry, targets), ownModules(core, outside), ...options.plugins],
  });
  const { target, minifySyntax, minifyWhitespace, platform } = options;
  const asFunction = async (text) => {
    const { code } = await transform(withExports(text), {
      ...{ target, minifySyntax, minifyWhitespace, platform },
      format: "cjs",
      banner: BANNER,
      footer: "})",
    });
    return code;
  };
  const parts = partsOf(result);
  return { core: await asFunction(parts.core), rest: await asFunction(parts.rest) };
}

// The command lines: each a small script in dist/cli that starts a program of dist/programs, which is
// one file, since a module of its own costs a start a millisecond. src/cli/start/load.ts runs them.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { isRecipe, withDirectImports } from "./direct-imports.mjs";
import { embedPython, textLoaders } from "./embed.mjs";
import { root } from "./inputs.mjs";

const PROGRAMS = {
  buildout: "src/cli/buildout/run-buildout.ts",
  hostout: "src/cli/hostout/main.ts",
  "local-files": "src/deploy/release/local-files-worker.ts",
  sandbox: "src/cli/sandbox/run-sandbox.ts",
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  logLevel: "warning",
};

/** Packages of many modules that most deployments need; the others are loaded where they are used. */
const BUNDLED = /^(?:execa|ssh2|tar)(?:\/|$)/;
/** What a package does without, or what is compiled for one platform. */
const OUTSIDE = /^cpu-features$|\.node$/;

const bundledPackages = {
  name: "bundled-packages",
  setup({ onResolve }) {
    onResolve({ filter: OUTSIDE }, ({ path }) => ({
      path: path.replace(/^\.\/crypto\//, "ssh2/lib/protocol/crypto/"),
      external: true,
    }));
    onResolve({ filter: /^[@\w][^:]*$/ }, ({ path, importer }) =>
      importer === "" || importer.includes("/node_modules/") || BUNDLED.test(path)
        ? undefined
        : { path, external: true },
    );
  },
};

/**
 * Each module tells that it runs: compiled code is kept anew once there is more of it. `import()` of a
 * package goes through the script, for V8 forgets how to do it in code that was compiled before.
 */
const ownModules = {
  name: "own-modules",
  setup({ onLoad }) {
    onLoad({ filter: /\/(?:src|recipes)\/.*\.ts$|\/node_modules\/.*\.[cm]?js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const code = isRecipe(path) ? withDirectImports(path, text) : text;
      const outside = code.replace(
        /(?<!typeof )\bimport\((?="(?!\.|node:)([^"]+)")/g,
        (whole, name) => (BUNDLED.test(name) ? whole : "importPackage("),
      );
      const name = JSON.stringify(relative(root, path));
      const loader = path.endsWith(".ts") ? "ts" : "js";
      return { contents: `${outside}\nmodulesThatRun.push(${name});\n`, loader };
    });
  },
};

/** `import()` of Node's own modules without the machinery of `import()`, which takes a while to load. */
const requireBuiltins = {
  name: "require-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, namespace: "builtin" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

export async function buildPrograms(outdir) {
  // With what was compiled of them.
  rmSync(join(outdir, "programs"), { recursive: true, force: true });
  const [{ metafile }] = await Promise.all([
    build({
      ...common,
      entryPoints: Object.values(PROGRAMS).map((path, index) => ({
        in: path,
        out: `programs/${Object.keys(PROGRAMS)[index]}`,
      })),
      outdir,
      metafile: true,
      minifyWhitespace: true,
      minifySyntax: true,
      define: { "import.meta.url": "urlOfProgram" },
      banner: {
        js: '(function(module,require,importPackage,__filename,modulesThatRun){const urlOfProgram=require("node:url").pathToFileURL(__filename).href,__dirname=require("node:path").dirname(__filename);',
      },
      footer: { js: "})" },
      loader: textLoaders,
      plugins: [bundledPackages, ownModules, requireBuiltins, embedPython],
    }),
    build({
      ...common,
      packages: "external",
      entryPoints: Object.keys(PROGRAMS).map((name) => `src/cli/${name}.ts`),
      outdir,
      outbase: "src",
    }),
  ]);
  const left = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .find(({ kind }) => kind === "dynamic-import");
  if (left !== undefined) throw new Error(`import() of ${left.path} does not work in a program`);
  writeFileSync(join(outdir, "cli/package.json"), '{ "type": "commonjs" }\n');
}

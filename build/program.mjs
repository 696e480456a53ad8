// Turns a program into the source of one function, which src/cli/start/load.ts runs.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { isRecipe, withDirectImports } from "./direct-imports.mjs";
import { embedPython, textLoaders } from "./embed.mjs";
import { root } from "./inputs.mjs";

/**
 * Each module reports that it runs: compiled code is saved again once there is more of it. `import()` of an
 * external package goes through the script, since V8 cannot do it in cached code.
 */
const ownModules = (outside) => ({
  name: "own-modules",
  setup({ onLoad }) {
    onLoad({ filter: /\/(?:src|recipes)\/.*\.ts$|\/node_modules\/.*\.[cm]?js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const code = isRecipe(path) ? withDirectImports(path, text) : text;
      const outward = code.replace(
        /(?<!typeof )\bimport\((?="(?!\.|node:)([^"]+)")/g,
        (call, name) => (outside(name) ? "importPackage(" : call),
      );
      const name = JSON.stringify(relative(root, path));
      const loader = path.endsWith(".ts") ? "ts" : "js";
      return { contents: `${outward}\nmodulesThatRun.push(${name});\n`, loader };
    });
  },
});

/** `import()` of Node's own modules without the machinery of `import()`, which is slow to load. */
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

/** The esbuild options for a program. `outside` returns whether an imported package is external. */
export const asProgram = (outside) => ({
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "cjs",
  logLevel: "warning",
  metafile: true,
  minifyWhitespace: true,
  minifySyntax: true,
  define: { "import.meta.url": "urlOfProgram" },
  banner: {
    js: '(function(module,require,importPackage,__filename,modulesThatRun){const urlOfProgram=require("node:url").pathToFileURL(__filename).href,__dirname=require("node:path").dirname(__filename);',
  },
  footer: { js: "})" },
  loader: textLoaders,
  plugins: [ownModules(outside), requireBuiltins, embedPython],
});

export function refuseImports({ outputs }) {
  const left = Object.values(outputs)
    .flatMap(({ imports }) => imports)
    .find(({ kind }) => kind === "dynamic-import");
  if (left !== undefined) throw new Error(`import() of ${left.path} does not work in a program`);
}

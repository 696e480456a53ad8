// Recipes import from the public API, like users' recipes. This redirects each import to the file that
// defines the name: a run of one template then loads 36 modules (257 kB) instead of 50 (347 kB).
// `"sideEffects": false` does not replace this: the bundler makes chunks by entry point, so a name shared
// by several recipes still pulls in its neighbors. test/cli/startup.test.ts counts the modules;
// docs/decisions/002-direct-imports.md has the whole story.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { root } from "./inputs.mjs";

const publicApi = resolve(root, "src/index.ts");

/** The file that defines a name exported by `file`. */
function originOf(file, name) {
  const exports = readFileSync(file, "utf8").matchAll(/^export \{([^}]*)\} from "(.*)";$/gm);
  for (const [, names, from] of exports) {
    const isThere = names.split(",").some((each) => each.trim() === name);
    if (isThere) return originOf(resolve(dirname(file), from), name);
  }
  return file;
}

export const isRecipe = (path) => /\/recipes\/.*\.ts$/.test(path);

/** A recipe's module with each import from the public API redirected to its origin. */
export function withDirectImports(path, text) {
  return text.replace(
    /^import \{([^}]*)\} from "(.*\/src\/index\.ts)";$/gm,
    (line, names, from) => {
      if (resolve(dirname(path), from) !== publicApi) return line;
      const values = names.split(",").map((name) => name.trim());
      return values
        .filter((name) => name !== "" && !name.startsWith("type "))
        .map((name) => `import { ${name} } from "${originOf(publicApi, name)}";`)
        .join(" ");
    },
  );
}

export const directImports = {
  name: "direct-imports",
  setup({ onLoad }) {
    onLoad({ filter: /\/recipes\/.*\.ts$/ }, ({ path }) => ({
      contents: withDirectImports(path, readFileSync(path, "utf8")),
      loader: "ts",
    }));
  },
};

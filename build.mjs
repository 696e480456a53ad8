// Builds dist/: the command lines and the public API, in chunks that they share.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const publicApi = resolve(root, "src/index.ts");

/** The file that a name exported by `file` comes from. */
function originOf(file, name) {
  const exports = readFileSync(file, "utf8").matchAll(/^export \{([^}]*)\} from "(.*)";$/gm);
  for (const [, names, from] of exports) {
    const isThere = names.split(",").some((each) => each.trim() === name);
    if (isThere) return originOf(resolve(dirname(file), from), name);
  }
  return file;
}

/**
 * Recipes import from the public API, of which each run would load all: here each import is led to
 * the file that the name comes from.
 */
const directImports = {
  name: "direct-imports",
  setup({ onLoad }) {
    onLoad({ filter: /\/recipes\/.*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const contents = text.replace(
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
      return { contents, loader: "ts" };
    });
  },
};

await build({
  absWorkingDir: root,
  entryPoints: [
    "src/cli/buildout.ts",
    "src/cli/hostout.ts",
    "src/cli/sandbox.ts",
    "src/deploy/release/local-files-worker.ts",
    "src/deploy/host/rsync-shell.ts",
    "src/index.ts",
  ],
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  outdir: "dist",
  outbase: "src",
  chunkNames: "chunks/[name]-[hash]",
  loader: { ".py": "text" },
  logLevel: "warning",
  plugins: [directImports],
});

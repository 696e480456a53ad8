// The command lines: small scripts in dist/cli that start single-file programs in dist/programs, since each
// module costs a millisecond at startup.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./inputs.mjs";
import { asProgram, refuseImports } from "./program.mjs";

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
const BUNDLED = /^(?:execa|fast-string-truncated-width|smol-toml|ssh2|tar)(?:\/|$)/;
/** Optional modules, or those compiled for one platform. */
const OUTSIDE = /^cpu-features$|\.node$/;

const bundledPackages = {
  name: "bundled-packages",
  setup({ onResolve }) {
    onResolve({ filter: OUTSIDE }, ({ path }) => ({
      path: path.replace(/^\.\/crypto\//, "ssh2/lib/protocol/crypto/"),
      external: true,
    }));
    onResolve({ filter: /^[@\w][^:]*$/ }, ({ path, importer, kind }) => {
      if (importer === "" || importer.includes("/node_modules/") || BUNDLED.test(path)) return;
      if (kind === "import-statement") return { errors: [{ text: `${path} is to be bundled` }] };
      return { path, external: true };
    });
  },
};

export async function buildPrograms(outdir) {
  // With their compiled code.
  rmSync(join(outdir, "programs"), { recursive: true, force: true });
  const program = asProgram((name) => !BUNDLED.test(name));
  const [{ metafile }] = await Promise.all([
    build({
      ...program,
      // On a crash, Node prints the line.
      minifyWhitespace: false,
      target: common.target,
      entryPoints: Object.values(PROGRAMS).map((path, index) => ({
        in: path,
        out: `programs/${Object.keys(PROGRAMS)[index]}`,
      })),
      outdir,
      plugins: [bundledPackages, ...program.plugins],
    }),
    build({
      ...common,
      packages: "external",
      entryPoints: Object.keys(PROGRAMS).map((name) => `src/cli/${name}.ts`),
      outdir,
      outbase: "src",
    }),
  ]);
  refuseImports(metafile);
  writeFileSync(join(outdir, "cli/package.json"), '{ "type": "commonjs" }\n');
}

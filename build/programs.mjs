// The command lines: small scripts in dist/cli that start single-file programs in dist/programs, since each
// module costs a millisecond at startup.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { EVERYDAY } from "./everyday.mjs";
import { root } from "./inputs.mjs";
import { buildProgram, isPackage } from "./program.mjs";

const PROGRAMS = {
  buildout: "src/cli/buildout/run-buildout.ts",
  hostout: "src/cli/hostout/main.ts",
  "local-files": "src/deploy/release/local-files-worker.ts",
  sandbox: "src/cli/sandbox/run-sandbox.ts",
};

const target = "node20";

/** Packages of many modules that most deployments need; the others are loaded where they are used. */
const BUNDLED = /^(?:execa|fast-glob|fast-string-truncated-width|smol-toml|ssh2|tar)(?:\/|$)/;
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

/** What `buildProgram` needs to know of packages. */
export const packaging = {
  outside: (name) => isPackage(name) && !BUNDLED.test(name),
  options: { target, plugins: [bundledPackages] },
};

/** `NAME.js` is the core of a program, `NAME.rest.js` what few runs need. */
async function buildOne(folder, name) {
  const { core, rest } = await buildProgram({
    entry: PROGRAMS[name],
    everyday: EVERYDAY[name],
    ...packaging,
  });
  writeFileSync(join(folder, `${name}.js`), core);
  writeFileSync(join(folder, `${name}.rest.js`), rest);
}

export async function buildPrograms(outdir) {
  const folder = join(outdir, "programs");
  // With their compiled code.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await Promise.all([
    ...Object.keys(PROGRAMS).map((name) => buildOne(folder, name)),
    build({
      absWorkingDir: root,
      bundle: true,
      platform: "node",
      target,
      format: "cjs",
      logLevel: "warning",
      packages: "external",
      entryPoints: Object.keys(PROGRAMS).map((name) => `src/cli/${name}.ts`),
      outdir,
      outbase: "src",
    }),
  ]);
  writeFileSync(join(outdir, "cli/package.json"), '{ "type": "commonjs" }\n');
}

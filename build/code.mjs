// The public API and the deployer's programs, with shared chunks.
import { build } from "esbuild";
import { directImports } from "./direct-imports.mjs";
import { embedPython, textLoaders } from "./embed.mjs";
import { entryPoints } from "./entry-points.mjs";
import { root } from "./inputs.mjs";

export function buildCode(outdir) {
  return build({
    absWorkingDir: root,
    entryPoints: ["src/deploy/host/rsync-shell.ts", ...entryPoints.map((name) => `src/${name}.ts`)],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    outdir,
    outbase: "src",
    chunkNames: "chunks/[name]-[hash]",
    loader: textLoaders,
    logLevel: "warning",
    plugins: [directImports, embedPython],
  });
}

// The declarations of the public API: one self-contained file per entry point.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { entryPoints } from "./entry-points.mjs";
import { root } from "./inputs.mjs";

export async function buildTypes(outdir) {
  const each = join(dirname(outdir), "declarations");
  const args = ["-p", "build/tsconfig.json", "--outDir", each];
  const tsc = join(root, "node_modules/.bin/tsc");
  const [status] = await once(spawn(tsc, args, { cwd: root, stdio: "inherit" }), "close");
  if (status !== 0) throw new Error("The declarations could not be made");
  for (const name of entryPoints) {
    const bundle = await rollup({
      input: join(each, `src/${name}.d.ts`),
      external: /^[^./]/,
      plugins: [dts({ tsconfig: join(root, "build/tsconfig.json") })],
    });
    await bundle.write({ file: join(outdir, `${name}.d.ts`), format: "es" });
  }
  rmSync(each, { recursive: true });
}

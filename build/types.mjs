// The declarations of the public API.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { root } from "./inputs.mjs";

export async function buildTypes(outdir) {
  const options = ["--noEmit", "false", "--emitDeclarationOnly", "--declaration"];
  const args = ["-p", "tsconfig.json", ...options, "--outDir", join(outdir, "types")];
  const tsc = join(root, "node_modules/.bin/tsc");
  const [status] = await once(spawn(tsc, args, { cwd: root, stdio: "inherit" }), "close");
  if (status !== 0) throw new Error("The declarations could not be made");
}

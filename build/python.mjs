// dist/python: the modules that Python recipes import, for tests of recipes outside of any run.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { root } from "./inputs.mjs";

const FOLDERS = ["core/_hostout", "facades/buildout"];

export function buildPython(outdir) {
  for (const folder of FOLDERS) {
    const target = folder.startsWith("core/") ? "python/_hostout" : "python";
    cpSync(join(root, "src/bridge/python", folder), join(outdir, target), {
      recursive: true,
      filter: (path) => !path.endsWith("__pycache__"),
    });
  }
}

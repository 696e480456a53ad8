// dist/python: the modules that Python recipes import, for tests of recipes outside a run.
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./inputs.mjs";

const FOLDERS = ["core/_hostout", "facades/buildout"];

/** Packages that may also contain a tested recipe. Without a file, one with a file would hide ours. */
const SHARED = ["zc", "zc/recipe"];
const EXTENDED = '__path__ = __import__("pkgutil").extend_path(__path__, __name__)\n';

export function buildPython(outdir) {
  for (const folder of FOLDERS) {
    const target = folder.startsWith("core/") ? "python/_hostout" : "python";
    cpSync(join(root, "src/bridge/python", folder), join(outdir, target), {
      recursive: true,
      filter: (path) => !path.endsWith("__pycache__"),
    });
  }
  for (const name of SHARED) {
    writeFileSync(join(outdir, "python", name, "__init__.py"), EXTENDED);
  }
}

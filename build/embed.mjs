// Embeds Python and shell programs in a program as strings.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const textLoaders = { ".py": "text", ".sh": "text" };

const python = fileURLToPath(new URL("../src/bridge/python", import.meta.url));

/** The modules below a folder of src/bridge/python: name -> [file, text]. */
function pythonModules(folder) {
  const files = readdirSync(join(python, folder), { recursive: true }).filter((name) =>
    name.endsWith(".py"),
  );
  const modules = files.sort().map((file) => {
    const name = file.replace(/(?:\/__init__)?\.py$/, "").replaceAll("/", ".");
    return [name, [file, readFileSync(join(python, folder, file), "utf8")]];
  });
  return Object.fromEntries(modules);
}

const PREFIX = "python:";

/** `import modules from "python:FOLDER"` for esbuild: src/bridge/embedded.d.ts has its type. */
export const embedPython = {
  name: "embed-python",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^python:/ }, ({ path }) => ({
      path: path.slice(PREFIX.length),
      namespace: "python",
    }));
    onLoad({ filter: /.*/, namespace: "python" }, ({ path }) => ({
      contents: JSON.stringify(pythonModules(path)),
      loader: "json",
    }));
  },
};

/** The same for Vite, with which tests load src/. */
export const embedPythonInTests = {
  name: "embed-python",
  enforce: "pre",
  resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
  load: (id) =>
    id.startsWith(`\0${PREFIX}`)
      ? `export default ${JSON.stringify(pythonModules(id.slice(PREFIX.length + 1)))}`
      : undefined,
};

// The whole engine as one file for hosts: it needs nothing there but Node 18.19.
import { join } from "node:path";
import { build } from "esbuild";
import { embedPython, textLoaders } from "./embed.mjs";
import { root } from "./inputs.mjs";

const forHosts = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node18.19",
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
};

/** `embedded:jiti` is the source text of jiti as one CommonJS program; src/cli/embedded-jiti.ts runs it. */
const embeddedJiti = {
  name: "embedded-jiti",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^embedded:jiti$/ }, ({ path }) => ({ path, namespace: "embedded" }));
    onLoad({ filter: /.*/, namespace: "embedded" }, async () => {
      const entryPoints = ["jiti/static"];
      const result = await build({ ...forHosts, entryPoints, format: "cjs", write: false });
      return { contents: result.outputFiles[0].text, loader: "text" };
    });
  },
};

export function buildEngine(outdir) {
  return build({
    ...forHosts,
    entryPoints: ["src/cli/engine.ts"],
    format: "esm",
    outfile: join(outdir, "engine.mjs"),
    alias: { jiti: "./src/cli/embedded-jiti.ts" },
    // Secrets come to a host through the connection: what it cannot open it needs no means to open.
    external: ["age-encryption"],
    loader: textLoaders,
    plugins: [embeddedJiti, embedPython],
    banner: {
      js: 'import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);',
    },
  });
}

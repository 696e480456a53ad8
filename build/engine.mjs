// The whole engine as one file for hosts: it only needs Node 18.19 there.
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./inputs.mjs";
import { asProgram, refuseImports } from "./program.mjs";

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
    onLoad({ filter: /^embedded:jiti$/, namespace: "embedded" }, async () => {
      const entryPoints = ["jiti/static"];
      const result = await build({ ...forHosts, entryPoints, format: "cjs", write: false });
      return { contents: result.outputFiles[0].text, loader: "text" };
    });
  },
};

/** `embedded:engine` is the text of the engine as a program; src/cli/engine.ts runs it. */
const embeddedEngine = {
  name: "embedded-engine",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^embedded:engine$/ }, ({ path }) => ({ path, namespace: "embedded" }));
    onLoad({ filter: /^embedded:engine$/, namespace: "embedded" }, async () => {
      // Secrets reach a host through the connection, so it does not need to decrypt any.
      const external = ["age-encryption"];
      const program = asProgram((name) => external.includes(name));
      const { metafile, outputFiles } = await build({
        ...program,
        target: forHosts.target,
        entryPoints: ["src/cli/buildout/run-buildout.ts"],
        alias: { jiti: "./src/cli/embedded-jiti.ts" },
        external,
        plugins: [embeddedJiti, ...program.plugins],
        write: false,
      });
      refuseImports(metafile);
      return { contents: outputFiles[0].text, loader: "text" };
    });
  },
};

export function buildEngine(outdir) {
  return build({
    ...forHosts,
    entryPoints: ["src/cli/engine.ts"],
    format: "esm",
    outfile: join(outdir, "engine.mjs"),
    plugins: [embeddedEngine],
  });
}

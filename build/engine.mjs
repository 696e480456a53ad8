// The whole engine as one file for hosts: it only needs Node 18.19 there. A small script, followed by the texts of the
// program in comments, compressed: src/cli/engine.ts reads them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { EVERYDAY } from "./everyday.mjs";
import { root } from "./inputs.mjs";
import { buildProgram } from "./program.mjs";

const target = "node18.19";

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target,
  format: "cjs",
  minify: true,
  logLevel: "warning",
  write: false,
};

async function oneFile(entryPoint, options = {}) {
  const { outputFiles } = await build({ ...common, ...options, entryPoints: [entryPoint] });
  return outputFiles[0].text;
}

// Secrets reach a host through the connection, so it does not need to decrypt any.
const external = ["age-encryption"];

const program = () =>
  buildProgram({
    entry: "src/cli/buildout/run-buildout.ts",
    everyday: EVERYDAY.engine,
    outside: (name) => external.includes(name),
    options: {
      target,
      minifyWhitespace: true,
      alias: { jiti: "./src/cli/embedded-jiti.ts" },
      external: [...external, "embedded:texts"],
    },
  });

function comment(name, text) {
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
  return `//${name}:${brotliCompressSync(text, { params }).toString("base64")}\n`;
}

export async function buildEngine(outdir) {
  const [script, { core, rest }, jiti] = await Promise.all([
    oneFile("src/cli/engine.ts"),
    program(),
    oneFile("jiti/static"),
  ]);
  const texts = Object.entries({ core, rest, jiti }).map(([name, text]) => comment(name, text));
  writeFileSync(join(outdir, "engine.cjs"), [script, ...texts].join(""));
}

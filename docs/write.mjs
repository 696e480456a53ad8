// `npm run docs`: writes what docs/generate.ts makes. It is bundled first, since some of src/ imports
// shell and Python programs as text.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { embedPython, textLoaders } from "../build/embed.mjs";

const root = new URL("..", import.meta.url);
const outfile = fileURLToPath(new URL(".cache/docs/generate.mjs", root));
await build({
  entryPoints: [fileURLToPath(new URL("docs/generate.ts", root))],
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  loader: textLoaders,
  plugins: [embedPython],
  outfile,
});
const { GENERATED } = await import(outfile);
for (const [path, content] of GENERATED) writeFileSync(new URL(path, root), content());

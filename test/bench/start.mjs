// Starts run.ts in the same way as the tests: modules of src/ embed shell and Python programs, which only
// Vite or a build can load.
import { fileURLToPath } from "node:url";
import { createViteServer } from "vitest/node";
import { embedPythonInTests } from "../../build/embed.mjs";

const server = await createViteServer({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  configFile: false,
  plugins: [embedPythonInTests],
  appType: "custom",
  logLevel: "error",
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, watch: null, ws: false },
});
try {
  await server.ssrLoadModule("/test/bench/run.ts");
} finally {
  await server.close();
}

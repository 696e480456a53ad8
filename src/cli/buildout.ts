import module from "node:module";
import { fileURLToPath } from "node:url";
import { optimizeLater } from "./tiering.ts";

// Compiled code is kept between runs where Node can do it (22.1 and later).
(module as { enableCompileCache?: () => void }).enableCompileCache?.();
optimizeLater();
const { runBuildout } = await import("./buildout/run-buildout.ts");
await runBuildout({ module: fileURLToPath(import.meta.url), node: undefined });

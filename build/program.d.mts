import type { BuildOptions } from "esbuild";

/** See program.mjs. */
export function buildProgram(program: {
  entry: string;
  everyday?: readonly string[];
  outside(name: string): boolean;
  options: BuildOptions;
}): Promise<{ core: string; rest: string }>;

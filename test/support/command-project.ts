/** A directory with files in which the built `buildout` runs as a process. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scratchFiles } from "./scratch.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const command = join(root, "bin/buildout");
export const engine = join(root, "dist/engine.cjs");

export const environment = (folder: string) => ({ PATH: process.env.PATH, HOME: folder });

/** Removed with the test. In outputs, its path is `/p`. */
export function project(given: Record<string, string> = {}) {
  const files = scratchFiles(given);
  const runProgram = (program: string, ...args: string[]) => {
    const result = spawnSync(process.execPath, [program, ...args], {
      cwd: files.directory,
      env: environment(files.directory),
      encoding: "utf8",
    });
    return {
      status: result.status,
      out: files.plain(result.stdout),
      err: files.plain(result.stderr),
    };
  };
  return {
    ...files,
    buildout: (...args: string[]) => runProgram(command, ...args),
    runProgram,
  };
}

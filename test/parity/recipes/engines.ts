/** The two engines, each in a process that runs buildout again and again. */
import { type ChildProcessWithoutNullStreams, fork, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { embedPython, textLoaders } from "../../../build/embed.mjs";

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Runs buildout in a directory, and answers with its exit status. */
export interface Engine {
  run(directory: string, assignments: readonly string[]): Promise<number>;
  close(): void;
}

const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  PYTHONWARNINGS: "ignore",
  NO_COLOR: "1",
  LANG_OF_TEST: "C",
};

/** The output of an engine is appended to the file `output`. */
export async function thisEngine(output: string): Promise<Engine> {
  const outdir = mkdtempSync(here("../../../node_modules/.parity-"));
  await build({
    entryPoints: [here("engine.ts")],
    outdir,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    packages: "external",
    loader: textLoaders,
    plugins: [embedPython],
    outExtension: { ".js": ".mjs" },
  });
  const file = openSync(output, "a");
  const child = fork(join(outdir, "engine.mjs"), [], {
    env: ENVIRONMENT,
    stdio: ["ignore", file, file, "ipc"],
  });
  closeSync(file);
  return {
    close: () => {
      child.disconnect();
      rmSync(outdir, { recursive: true, force: true });
    },
    run: (directory, assignments) =>
      new Promise((resolve, reject) => {
        const ended = (status: number | null) =>
          reject(new Error(`The engine ended with status ${status}.`));
        child.once("close", ended);
        child.once("message", (status: number) => {
          child.off("close", ended);
          resolve(status);
        });
        child.send({ directory, assignments });
      }),
  };
}

/** zc.buildout and the recipes that `python` has. */
export function originalEngine(python: string, output: string): Engine {
  const child: ChildProcessWithoutNullStreams = spawn(python, [here("oracle.py")], {
    env: ENVIRONMENT,
  });
  child.stderr.pipe(process.stderr);
  const answers = createInterface({ input: child.stdout });
  return {
    close: () => child.stdin.end(),
    run: (directory, assignments) =>
      new Promise((resolve, reject) => {
        const ended = (status: number | null) =>
          reject(new Error(`${python} ended with status ${status}.`));
        child.once("close", ended);
        answers.once("line", (line) => {
          child.off("close", ended);
          resolve(Number(line));
        });
        const request = { directory, arguments: assignments, output };
        child.stdin.write(`${JSON.stringify(request)}\n`);
      }),
  };
}

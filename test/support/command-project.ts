/** A folder with files, and the built `buildout` run in it as a process. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const command = join(root, "bin/buildout");
export const engine = join(root, "dist/engine.mjs");

export const environment = (folder: string) => ({ PATH: process.env.PATH, HOME: folder });

/** Goes away with the test. In outputs its path is `/p`. */
export function project(files: Record<string, string> = {}) {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "buildout-cli-")));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = (name: string) => join(directory, name);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const runProgram = (program: string, ...args: string[]) => {
    const result = spawnSync(process.execPath, [program, ...args], {
      cwd: directory,
      env: environment(directory),
      encoding: "utf8",
    });
    const plain = (text: string) => text.replaceAll(directory, "/p");
    return { status: result.status, out: plain(result.stdout), err: plain(result.stderr) };
  };
  return {
    directory,
    path,
    write,
    read: (name: string) => readFileSync(path(name), "utf8"),
    has: (name: string) => existsSync(path(name)),
    buildout: (...args: string[]) => runProgram(command, ...args),
    runProgram,
  };
}

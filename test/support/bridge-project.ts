import type { ChildProcess } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { engine, root } from "./command-project.ts";
import { start as startProgram } from "./running.ts";
import { type ScratchFiles, scratchFiles } from "./scratch.ts";

const recipes = join(root, "fixtures/python-recipes");

interface Run {
  status: number | null;
  /** Standard output, with the project's directory as `/p`, without lines about directories and develop. */
  out: string;
  err: string;
}

export interface PythonProject extends ScratchFiles {
  buildout(...args: string[]): Promise<Run>;
  /** The same, without waiting for its end. */
  start(...args: string[]): { process: ChildProcess; ended: Promise<Run> };
}

/**
 * A buildout in a scratch directory, in which these recipes in fixtures/python-recipes are develop packages.
 * `configuration` is the text after `develop` in [buildout].
 */
export function pythonProject(
  names: readonly string[],
  configuration: string,
  env: Record<string, string> = {},
): PythonProject {
  const files = scratchFiles();
  for (const name of names)
    cpSync(join(recipes, name), files.path(`src/${name}`), { recursive: true });
  const develop = names.map((name) => `src/${name}`).join(" ");
  files.write("buildout.cfg", `[buildout]\nnewest = false\ndevelop = ${develop}\n${configuration}`);

  const plain = (text: string) =>
    files.plain(text).replace(/^(Creating directory|Develop:) .*\n/gm, "");
  const start = (...args: string[]) => {
    const { child, outcome } = startProgram(process.execPath, [engine, ...args], {
      cwd: files.directory,
      env: { PATH: process.env.PATH, HOME: files.directory, PIP_NO_INDEX: "1", ...env },
    });
    const ended = outcome.then(({ status, stdout, stderr }) => ({
      status,
      out: plain(stdout),
      err: plain(stderr),
    }));
    return { process: child, ended };
  };
  return { ...files, start, buildout: (...args) => start(...args).ended };
}

/** Waits until a file exists, and returns its content. */
export async function appeared(file: string): Promise<string> {
  for (;;) {
    if (existsSync(file) && readFileSync(file, "utf8") !== "") return readFileSync(file, "utf8");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

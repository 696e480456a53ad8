import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
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
import { engine } from "./command-project.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const recipes = join(root, "fixtures/python-recipes");

interface Run {
  status: number | null;
  /** Standard output, with the project's folder as `/p`, without lines on folders and develop. */
  out: string;
  err: string;
}

export interface PythonProject {
  directory: string;
  path(name: string): string;
  write(name: string, text: string): void;
  read(name: string): string;
  has(name: string): boolean;
  buildout(...args: string[]): Promise<Run>;
  /** The same, without waiting for its end. */
  start(...args: string[]): Promise<{ process: ChildProcess; ended: Promise<Run> }>;
}

/**
 * A buildout in a scratch folder, with these of the recipes in fixtures/python-recipes developed
 * there. `configuration` is what follows `develop` in [buildout].
 */
export function pythonProject(
  names: readonly string[],
  configuration: string,
  env: Record<string, string> = {},
): PythonProject {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "buildout-python-")));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = (name: string) => join(directory, name);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  for (const name of names) cpSync(join(recipes, name), path(`src/${name}`), { recursive: true });
  const develop = names.map((name) => `src/${name}`).join(" ");
  write("buildout.cfg", `[buildout]\nnewest = false\ndevelop = ${develop}\n${configuration}`);

  const plain = (text: string) =>
    text.replaceAll(directory, "/p").replace(/^(Creating directory|Develop:) .*\n/gm, "");
  const start = async (...args: string[]) => {
    const child = spawn(process.execPath, [engine, ...args], {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: directory, PIP_NO_INDEX: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (data) => {
      out += data;
    });
    child.stderr.on("data", (data) => {
      err += data;
    });
    const ended = new Promise<Run>((resolve) =>
      child.once("close", (status) => resolve({ status, out: plain(out), err: plain(err) })),
    );
    return { process: child, ended };
  };
  return {
    directory,
    path,
    write,
    read: (name) => readFileSync(path(name), "utf8"),
    has: (name) => existsSync(path(name)),
    start,
    buildout: async (...args) => (await start(...args)).ended,
  };
}

/** Waits until a file is there, and gives what it holds. */
export async function appeared(file: string): Promise<string> {
  for (;;) {
    if (existsSync(file) && readFileSync(file, "utf8") !== "") return readFileSync(file, "utf8");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

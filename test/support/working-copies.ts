import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { nativeExtensions, nativeRecipes } from "../../recipes/index.ts";
import { developCommand } from "../../src/cli/buildout/developed-packages.ts";
import { BuildoutError } from "../../src/errors/error.ts";
import { painter } from "../../src/report/color.ts";
import { formatError } from "../../src/report/error.ts";
import { installInProcess } from "./in-process.ts";
import { scratch, writeFiles } from "./scratch.ts";

export type Files = Record<string, string>;

/** A package of one file, so that it can be developed. */
export function nodePackage(name: string, version = "1.0.0"): Files {
  return { "package.json": JSON.stringify({ name, version }) };
}

export function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** A git repository that packages are checked out from. */
export class Repository {
  readonly folder: string;

  constructor(folder: string, files: Files) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.git("init", "--quiet");
    this.commit(files);
  }

  get url(): string {
    return `file://${this.folder}`;
  }

  git(...args: string[]): string {
    return run("git", args, this.folder).trim();
  }

  /** Commits the files; returns the commit's id. */
  commit(files: Files): string {
    writeFiles(this.folder, files);
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message", `Files: ${Object.keys(files).join()}`);
    return this.git("rev-parse", "HEAD");
  }
}

export interface RunOptions {
  assignments?: string[];
  /** Answers to questions, in turn. */
  answers?: string[];
  /** The recorded part of the command line. */
  argv?: string[];
  parts?: string[];
}

/** A buildout in a scratch directory, run in this process; both are removed after the test. */
export class Workspace {
  readonly scratch = scratch();
  readonly directory = join(this.scratch, "p");

  constructor(files: Files) {
    const home = join(this.scratch, "home");
    writeFiles(home, {
      ".gitconfig":
        "[user]\nname = T\nemail = t@example.com\n[init]\ndefaultBranch = main\n[commit]\ngpgSign = false\n",
      ".hgrc": "[ui]\nusername = T <t@example.com>\n",
    });
    vi.stubEnv("HOME", home);
    vi.stubEnv("GIT_CONFIG_GLOBAL", join(home, ".gitconfig"));
    vi.stubEnv("GIT_CONFIG_NOSYSTEM", "1");
    vi.stubEnv("GIT_TERMINAL_PROMPT", "0");
    mkdirSync(this.directory);
    this.write(files);
    const before = process.cwd();
    onTestFinished(() => {
      vi.unstubAllEnvs();
      process.chdir(before);
    });
  }

  path(name: string): string {
    return join(this.directory, name);
  }
  has(name: string): boolean {
    return existsSync(this.path(name));
  }
  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }
  write(files: Files): void {
    writeFiles(this.directory, files);
  }
  remove(name: string): void {
    rmSync(this.path(name), { recursive: true });
  }

  repository(name: string, files: Files = nodePackage(name)): Repository {
    return new Repository(join(this.scratch, "repositories", name), files);
  }

  /** The output, with the scratch directory as `/t`, and the error if there was one. */
  async buildout(options: RunOptions = {}) {
    const lines: string[] = [];
    const { assignments = [], answers = [], argv = ["/p/bin/buildout"], parts = [] } = options;
    const error = await installInProcess(
      this.directory,
      {
        recipes: nativeRecipes,
        extensions: nativeExtensions({
          argv,
          commandGiven: false,
          ask: async (question) => {
            lines.push(`${question}\n`);
            return answers.shift();
          },
          print: (line) => lines.push(`${line}\n`),
        }),
        assignments,
        parts,
        env: process.env,
      },
      (text) => lines.push(text),
    );
    const text = this.plain(lines.join("")).replace(/^Creating directory .*\n/gm, "");
    return { text, error };
  }

  /** Runs a command of `bin/develop`. */
  async develop(args: string[], answers: string[] = []) {
    const out: string[] = [];
    const err: string[] = [];
    let status = 0;
    try {
      status = await developCommand(args, {
        directory: this.directory,
        env: process.env,
        write: (text) => void out.push(text),
        warn: (text) => void err.push(text),
        paint: painter(false),
        report: () => {},
        argv: [],
        ask: async (question) => {
          err.push(`${question}\n`);
          return answers.shift();
        },
        program: { module: "", node: undefined },
        signal: new AbortController().signal,
        shown: { hide: (text) => text },
      });
    } catch (thrown) {
      if (!(thrown instanceof BuildoutError)) throw thrown;
      status = 1;
      err.push(formatError(thrown, { directory: this.directory }));
    }
    return { status, out: this.plain(out.join("")), err: this.plain(err.join("")) };
  }

  private plain(text: string): string {
    return text.replaceAll(this.scratch, "/t");
  }
}

/** The messages of mr.developer alone, without its name. */
export function messages(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line) => /^(?:mr\.developer|INFO|WARNING|ERROR): (.*)$/.exec(line)?.[1] ?? []);
}

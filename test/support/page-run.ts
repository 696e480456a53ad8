/** Runs a page of docs/ from top to bottom in a directory of its own, as its reader would. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect } from "vitest";
import type { Block } from "./documentation.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export class PageRun {
  readonly scratch: string;
  readonly project: string;
  /** More variables of the environment of all that it starts. */
  readonly env: Record<string, string> = {};
  #folder: string;
  #sandbox: ChildProcess | undefined;
  readonly #replacements: [shown: string, real: string][];

  /**
   * `project` is the directory with the files of the page; its commands are run in `start`, below the scratch
   * directory. `replacements`: text on the page, and what it is here.
   */
  constructor(
    name: string,
    { project, start }: { project: string; start: string },
    replacements: (scratch: string) => [shown: string, real: string][],
  ) {
    this.scratch = realpathSync(mkdtempSync(join(tmpdir(), `${name}-`)));
    this.project = join(this.scratch, project);
    this.#folder = join(this.scratch, start);
    mkdirSync(this.#folder, { recursive: true });
    this.#replacements = replacements(this.scratch);
    // Without a terminal curl shows how far it is.
    writeFileSync(join(this.scratch, ".curlrc"), "silent\n");
  }

  async close(): Promise<void> {
    if (this.#sandbox?.exitCode === null) {
      this.#sandbox.kill();
      await once(this.#sandbox, "exit");
    }
    rmSync(this.scratch, { recursive: true, force: true });
  }

  #real(text: string): string {
    return this.#replacements.reduce((all, [shown, real]) => all.replaceAll(shown, real), text);
  }

  #shown(text: string): string {
    return this.#replacements.reduce((all, [shown, real]) => all.replaceAll(real, shown), text);
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      HOME: this.scratch,
      LC_ALL: "C",
      NO_COLOR: "1",
      npm_config_offline: "true",
      npm_config_update_notifier: "false",
      // Nothing of the tests that run this one.
      NODE_OPTIONS: "",
      NODE_TEST_CONTEXT: undefined,
      PATH: [join(root, "bin"), process.env.PATH].join(delimiter),
      ...this.env,
    };
  }

  /** The result of `npm install`, with this checkout as `hostout`. */
  #install(): void {
    const commands = join(this.#folder, "node_modules/.bin");
    mkdirSync(commands, { recursive: true });
    symlinkSync(root, join(this.#folder, "node_modules/hostout"));
    for (const name of ["buildout", "hostout", "hostout-sandbox"]) {
      symlinkSync(join(root, "bin", name), join(commands, name));
    }
  }

  async #startSandbox(command: string): Promise<string> {
    this.#sandbox = spawn("sh", ["-c", `exec ${this.#real(command)}`], {
      cwd: this.#folder,
      env: this.#environment(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(createInterface(this.#sandbox.stdout!), "line");
    return String(line);
  }

  async #run(command: string): Promise<string> {
    const [, into] = /^cd (.+)$/.exec(command) ?? [];
    if (into !== undefined) this.#folder = resolve(this.#folder, into);
    if (into !== undefined) return "";
    const sandbox = /^(?:npx )?(hostout-sandbox .*)/.exec(command)?.[1];
    if (sandbox !== undefined) return this.#startSandbox(sandbox);
    if (/^npm install( hostout)?$/.test(command)) this.#install();
    if (/^npm install( hostout)?$/.test(command)) return "";
    const { stdout, exitCode } = await execa("sh", ["-c", `exec 2>&1; ${this.#real(command)}`], {
      cwd: this.#folder,
      env: this.#environment(),
      extendEnv: false,
      reject: false,
      stdin: "ignore",
    });
    // A command that fails is shown with its error.
    if (/^np[mx]/.test(command)) expect(exitCode, stdout).toBe(0);
    return stdout;
  }

  /** Writes a file of the page. */
  write(file: string, text: string): void {
    const path = join(this.project, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, this.#real(text));
  }

  /** Runs the commands of a block and compares their output; a line `...` is any lines, else `...` any text. */
  async check({ text }: Block): Promise<void> {
    for (const piece of text.split(/^\$ /m).slice(1)) {
      const [command = "", ...expected] = piece.trimEnd().split("\n");
      const output = this.#shown(await this.#run(command));
      const squeezed = (line: string) => line.replace(/\s+/g, " ").trim();
      const lines = output.split("\n").filter((line) => !line.startsWith("npm warn"));
      const got = lines.map(squeezed).join("\n").trim();
      const literal = (line: string) =>
        squeezed(line)
          .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
          .replaceAll("\\.\\.\\.", ".*");
      const pattern = expected
        .map((line) => (line === "..." ? "(?:.*\n)*?" : `${literal(line)}\n`))
        .join("");
      expect(got === "" ? "" : `${got}\n`, command).toMatch(new RegExp(`^${pattern}$`));
    }
  }
}

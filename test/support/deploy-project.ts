import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestServer } from "./servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A process whose end and output can be waited for. */
export interface Running {
  child: ChildProcess;
  outcome: Promise<Outcome>;
  /** Resolves when stdout holds `text`; rejects when the process ends without it. */
  said(text: string): Promise<void>;
}

/** A development buildout in a scratch folder, run through the built commands. */
export class TestProject {
  readonly scratch = realpathSync(mkdtempSync(join(tmpdir(), "hostout-e2e-")));
  readonly directory = join(this.scratch, "project");

  constructor(files: Record<string, string>) {
    mkdirSync(this.directory);
    this.write(files);
  }

  /** `[host1]` for a server, as lines of a configuration. */
  hostLines(server: TestServer, options: Record<string, string> = {}): string {
    const all = {
      recipe: "collective.hostout",
      host: `${server.host}:${server.port}`,
      user: server.user,
      "identity-file": server.key,
      "known-hosts": join(this.scratch, "known_hosts"),
      "ssh-config": join(this.scratch, "ssh_config"),
      "accept-new": "true",
      "no-sudo": "true",
      path: join(server.home, "app"),
      buildout: "prod.cfg",
      ...options,
    };
    return Object.entries(all)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => `${name} = ${value.replaceAll("\n", "\n    ")}\n`)
      .join("");
  }

  write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      const file = join(this.directory, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  buildout(...args: string[]): Promise<Outcome> {
    return this.start(join(root, "bin/buildout"), args).outcome;
  }

  hostout(...args: string[]): Promise<Outcome> {
    return this.startHostout(...args).outcome;
  }

  startHostout(...args: string[]): Running {
    return this.start(join(this.directory, "bin/hostout"), args);
  }

  /** Runs one of our own scripts with this Node. */
  start(script: string, args: string[]): Running {
    return this.run(process.execPath, [script, ...args]);
  }

  run(program: string, args: string[]): Running {
    const child = spawn(program, args, {
      cwd: this.directory,
      env: {
        PATH: process.env.PATH,
        HOME: this.scratch,
        USER: "tester",
        npm_config_cache: process.env.npm_config_cache ?? join(process.env.HOME ?? "/", ".npm"),
        npm_config_userconfig:
          process.env.npm_config_userconfig ?? join(process.env.HOME ?? "/", ".npmrc"),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { stdout: "", stderr: "" };
    let changed = () => {};
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
        changed();
      });
    }
    const outcome = new Promise<Outcome>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status) => {
        resolve({ status, ...output });
        changed();
      });
    });
    return {
      child,
      outcome,
      said: (text) =>
        new Promise((resolve, reject) => {
          const check = () => {
            if (output.stdout.includes(text)) resolve();
            else if (child.exitCode !== null)
              reject(new Error(`ended without '${text}': ${output.stdout}${output.stderr}`));
          };
          changed = check;
          check();
        }),
    };
  }

  remove(): void {
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, type Running, start } from "./running.ts";
import { writeFiles } from "./scratch.ts";
import type { TestServer } from "./servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A development buildout in a scratch directory, run with the built commands. */
export class TestProject {
  readonly scratch = realpathSync(mkdtempSync(join(tmpdir(), "hostout-e2e-")));
  readonly directory = join(this.scratch, "project");
  /** More variables of the environment of all that it starts. */
  readonly env: Record<string, string> = {};

  constructor(files: Record<string, string>) {
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

  /** Adds `[host1]` to the parts of base.cfg, or makes it the only part if there is no base.cfg. */
  writeHost(server: TestServer, options: Record<string, string> = {}): void {
    const hasBase = existsSync(join(this.directory, "base.cfg"));
    const parts = hasBase ? "extends = base.cfg\nparts += host1" : "parts = host1";
    const lines = this.hostLines(server, options);
    this.write({ "buildout.cfg": `[buildout]\n${parts}\n[host1]\n${lines}` });
  }

  write(files: Record<string, string>): void {
    writeFiles(this.directory, files);
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
    return start(program, args, {
      cwd: this.directory,
      env: {
        PATH: process.env.PATH,
        HOME: this.scratch,
        USER: "tester",
        npm_config_cache: process.env.npm_config_cache ?? join(process.env.HOME ?? "/", ".npm"),
        npm_config_userconfig:
          process.env.npm_config_userconfig ?? join(process.env.HOME ?? "/", ".npmrc"),
        ...this.env,
      },
    });
  }

  remove(): void {
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

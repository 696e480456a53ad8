import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sandbox } from "../../src/ssh/sandbox/sandbox.ts";
import { TestProject } from "../support/deploy-project.ts";
import { matches } from "./compare.ts";
import type { Shown } from "./document.ts";
import { type Substituted, substitute } from "./substitutions.ts";

const ENGINE = fileURLToPath(new URL("../../bin/buildout", import.meta.url));

/** The address and key that a host shows at a login. */
export type Known = Pick<Sandbox, "host" | "port" | "hostKey">;

export interface Answer {
  status: number | null;
  /** Both outputs, as a terminal shows them. */
  output: string;
}

/** A buildout directory and a home directory for the document's examples. */
export class World {
  readonly project = new TestProject({});
  /** The values of the words in braces in the substitutions. */
  readonly values: Record<string, string>;
  readonly #substituted: (done: Substituted) => void;

  constructor(values: Record<string, string>, substituted: (done: Substituted) => void) {
    this.values = { buildout: this.project.directory, ...values };
    this.#substituted = substituted;
  }

  /** Makes `host` known to ssh under the name in the document, with its key. */
  knowsHost(name: string, host: Known): void {
    const known = `[${host.host}]:${host.port} ${host.hostKey}\n`;
    const port = name === host.host ? "" : `  Port ${host.port}\n`;
    writeHome(this.project.scratch, {
      ".ssh/known_hosts": known,
      ".ssh/config": `Host ${name}\n  HostName ${host.host}\n${port}`,
    });
  }

  /** A text of the document adapted to this machine; `line` is that of an example. */
  text(original: string, line?: number): string {
    const done = substitute(original, this.values, line);
    this.#substituted(done);
    return done.text;
  }

  write(name: string, text: string): void {
    this.project.write({ [name]: this.text(text) });
  }

  start(command: string) {
    const line = `buildout() { '${process.execPath}' '${ENGINE}' "$@"; }\nexec 2>&1\n${this.text(command)}`;
    return this.project.run("sh", ["-c", line]);
  }

  async run(command: string): Promise<Answer> {
    const { status, stdout } = await this.start(command).outcome;
    return { status, output: stdout };
  }

  /** Runs an example. Throws if its output differs from the document. */
  async shows({ line, command, expected }: Shown): Promise<string> {
    const { status, output } = await this.run(command);
    const wanted = this.text(expected, line);
    // If the document shows no output, there may be some nevertheless.
    const same = wanted.trim() === "" || matches(wanted, output);
    if (status === 0 && same) return output;
    throw new Error(
      `Line ${line}: $> ${command}\n--- the document, substituted:\n${wanted}\n--- here (status ${status}):\n${output}`,
    );
  }

  remove(): void {
    this.project.remove();
  }
}

/** Settings of a user. */
export function writeHome(home: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(home, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

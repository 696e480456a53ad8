import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sandbox } from "../../src/ssh/sandbox/sandbox.ts";
import { TestProject } from "../support/deploy-project.ts";
import { matches } from "./compare.ts";
import type { Shown } from "./document.ts";
import { type Substituted, substitute } from "./substitutions.ts";

const ENGINE = fileURLToPath(new URL("../../bin/buildout", import.meta.url));

/** What a host shows of itself to whoever logs in. */
export type Known = Pick<Sandbox, "host" | "port" | "hostKey">;

export interface Answer {
  status: number | null;
  /** Both outputs, as a terminal shows them. */
  output: string;
}

/** A buildout folder and a home folder in which the document's examples are run. */
export class World {
  readonly project = new TestProject({});
  /** What the words in braces of the substitutions are here. */
  readonly values: Record<string, string>;
  readonly #substituted: (done: Substituted) => void;

  constructor(values: Record<string, string>, substituted: (done: Substituted) => void) {
    this.values = { buildout: this.project.directory, ...values };
    this.#substituted = substituted;
  }

  /** Lets ssh find `host` under the name that the document uses, and know it. */
  knowsHost(name: string, host: Known): void {
    const known = `[${host.host}]:${host.port} ${host.hostKey}\n`;
    const port = name === host.host ? "" : `  Port ${host.port}\n`;
    writeHome(this.project.scratch, {
      ".ssh/known_hosts": known,
      ".ssh/config": `Host ${name}\n  HostName ${host.host}\n${port}`,
    });
  }

  /** A text of the document as it is here; `line` is that of an example. */
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

  /** Runs an example. Throws where it prints something else than the document says. */
  async shows({ line, command, expected }: Shown): Promise<string> {
    const { status, output } = await this.run(command);
    const wanted = this.text(expected, line);
    // Where the document shows no output, it does not say that there is none.
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

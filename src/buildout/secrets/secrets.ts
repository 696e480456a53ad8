import { createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { SecretRequest } from "../../config/resolve/secret-request.ts";
import type { Shown } from "../../contract/engine.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { readSecret, type Surroundings } from "./read-secret.ts";

const PRIVATE = 0o600;
const KEY_BYTES = 32;
/** Hexadecimal digits that tell a changed secret from an unchanged one. */
const DIGITS = 32;

/** The secrets that a run has read, and what may be seen of them. */
export class Secrets {
  private readonly surroundings: Surroundings;
  /** Holds the key of the hashes that are remembered; undefined where nothing is. */
  private readonly keyFile: string | undefined;
  private readonly values = new Set<string>();
  /** The forms in which output can contain a value, the longest first. */
  private forms: string[] = [];
  private key: Buffer | undefined;

  private readonly isPlan: boolean;

  /** From now on `shown` hides what is read. */
  constructor(
    surroundings: Surroundings,
    { installed, isPlan }: { installed: string | undefined; isPlan: boolean },
    shown: Shown | undefined,
  ) {
    this.surroundings = surroundings;
    this.isPlan = isPlan;
    this.keyFile = installed === undefined ? undefined : `${installed}.key`;
    if (shown) shown.hide = (text) => this.replace(text, this.forms, () => "***");
  }

  /** Throws `secret-missing`. */
  async read(request: SecretRequest): Promise<string> {
    const value = await readSecret(request, this.surroundings);
    this.values.add(value);
    this.forms = [...this.values].flatMap(formsOf).sort((a, b) => b.length - a.length);
    return value;
  }

  isIn(text: string): boolean {
    return [...this.values].some((value) => text.includes(value));
  }

  /** A value of an option as `.installed.cfg` has it: keyed hashes in the place of secrets. */
  remembered(text: string): string {
    const values = [...this.values].sort((a, b) => b.length - a.length);
    return this.replace(text, values, (value) => `***${this.hash(value)}***`);
  }

  private replace(text: string, values: readonly string[], by: (value: string) => string): string {
    return values.reduce((rest, value) => {
      return rest.includes(value) ? rest.replaceAll(value, () => by(value)) : rest;
    }, text);
  }

  private hash(value: string): string {
    this.key ??= this.readKey();
    return createHmac("sha256", this.key).update(value).digest("hex").slice(0, DIGITS);
  }

  /** The key of this buildout, made when it is first needed. */
  private readKey(): Buffer {
    const { keyFile } = this;
    const fresh = randomBytes(KEY_BYTES);
    if (keyFile === undefined) return fresh;
    try {
      const known = Buffer.from(readFileSync(keyFile, "utf8"), "hex");
      if (known.length === KEY_BYTES) return known;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    if (this.isPlan) return fresh;
    writeFileAtomically(keyFile, fresh.toString("hex"), { mode: PRIVATE, durable: "name" });
    return fresh;
  }
}

/** How a value can appear in output: as it is, in JSON, in an address, line by line. */
function formsOf(value: string): string[] {
  const lines = value.split("\n").filter((line) => line.length >= 8);
  const quoted = JSON.stringify(value).slice(1, -1);
  return [...new Set([value, quoted, encodeURIComponent(value), ...lines])];
}

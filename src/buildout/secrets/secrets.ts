import { createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { SecretRequest } from "../../config/resolve/secret-request.ts";
import type { EngineContext } from "../../contract/engine.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { HiddenValues } from "./hidden-values.ts";
import { readSecret, type Surroundings } from "./read-secret.ts";
import { readSentSecrets } from "./sent-secrets.ts";

const PRIVATE = 0o600;
const KEY_BYTES = 32;
/** Length of the hexadecimal hash that detects changed secrets. */
const DIGITS = 32;

/** The secrets that a run has read, and their hidden forms. */
export class Secrets {
  private readonly surroundings: Surroundings;
  /** The key of recorded hashes; undefined if nothing is recorded. */
  private readonly keyFile: string | undefined;
  private readonly values = new HiddenValues();
  /** The option of [secrets] that each value was first read for. */
  private readonly options = new Map<string, string>();
  /** Secrets sent by a deployment, read on first use. */
  private sent: ReadonlyMap<string, string> | undefined;
  private key: Buffer | undefined;
  private readonly isPlan: boolean;

  /** From now on, `shown` of the request hides secrets. */
  constructor(
    {
      directory,
      isPlan,
      request: { signal, shown },
      settings: { installed },
    }: Pick<EngineContext, "directory" | "isPlan" | "request" | "settings">,
    env: NodeJS.ProcessEnv,
  ) {
    this.surroundings = { directory, env, signal };
    this.isPlan = isPlan;
    this.keyFile = installed === undefined ? undefined : `${installed}.key`;
    if (shown) shown.hide = (text) => this.values.hide(text);
  }

  /** Throws `secret-missing`. */
  async read(request: SecretRequest): Promise<string> {
    const value = await readSecret(request, this.surroundings, () => this.sentSecrets());
    this.values.add(value);
    if (!this.options.has(value)) this.options.set(value, request.option);
    return value;
  }

  /** Hide all of them at once: a recipe may print values that nothing refers to. */
  private sentSecrets(): ReadonlyMap<string, string> {
    if (this.sent === undefined) {
      this.sent = readSentSecrets(this.surroundings.env);
      for (const value of this.sent.values()) this.values.add(value);
    }
    return this.sent;
  }

  isIn(text: string): boolean {
    return this.values.isIn(text);
  }

  /** A value as recorded in `.installed.cfg`, with keyed hashes in place of secrets. */
  remembered(text: string): string {
    return this.values.replaced(text, (value) => `***${this.hash(value)}***`);
  }

  /** A text with `${secrets:NAME}` in place of each value. */
  references(text: string): string {
    return this.values.replaced(text, (value) => {
      const option = this.options.get(value);
      return option === undefined ? value : `\${secrets:${option}}`;
    });
  }

  private hash(value: string): string {
    this.key ??= this.readKey();
    return createHmac("sha256", this.key).update(value).digest("hex").slice(0, DIGITS);
  }

  /** The key of this buildout, created on first use. */
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

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
/** Hexadecimal digits that tell a changed secret from an unchanged one. */
const DIGITS = 32;

/** The secrets that a run has read, and what may be seen of them. */
export class Secrets {
  private readonly surroundings: Surroundings;
  /** Holds the key of the hashes that are remembered; undefined where nothing is. */
  private readonly keyFile: string | undefined;
  private readonly values = new HiddenValues();
  /** The option of [secrets] that each value was first read for. */
  private readonly options = new Map<string, string>();
  /** What a deployment has sent, once something asks for it. */
  private sent: ReadonlyMap<string, string> | undefined;
  private key: Buffer | undefined;
  private readonly isPlan: boolean;

  /** From now on `shown` of the request hides what is read. */
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

  /** All of them are hidden at once: a recipe may print what nothing has referred to. */
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

  /** A value of an option as `.installed.cfg` has it: keyed hashes in the place of secrets. */
  remembered(text: string): string {
    return this.values.replaced(text, (value) => `***${this.hash(value)}***`);
  }

  /** A text with `${secrets:NAME}` in the place of each value. */
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

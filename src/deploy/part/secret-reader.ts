import type { HiddenValues } from "../../buildout/secrets/hidden-values.ts";
import { readSecret, type Surroundings } from "../../buildout/secrets/read-secret.ts";
import type { SecretRequest } from "../../config/resolve/secret-request.ts";

/** The secrets of one call: each source is read once, one after the other. */
export class SecretReader {
  /** What has been read. */
  readonly hidden: HiddenValues;
  readonly #surroundings: Surroundings;
  readonly #values = new Map<string, Promise<string>>();
  /** Commands may ask for a passphrase, so two must not run at once. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(surroundings: Surroundings, hidden: HiddenValues) {
    this.#surroundings = surroundings;
    this.hidden = hidden;
  }

  /** Throws `secret-missing`. */
  read(request: SecretRequest): Promise<string> {
    let value = this.#values.get(request.text);
    if (value === undefined) {
      value = this.#last.then(() => this.#readNow(request));
      this.#last = value.catch(() => {});
      this.#values.set(request.text, value);
    }
    return value;
  }

  async #readNow(request: SecretRequest): Promise<string> {
    const value = await readSecret(request, this.#surroundings, () => new Map());
    this.hidden.add(value);
    return value;
  }
}

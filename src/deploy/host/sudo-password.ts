import { BuildoutError } from "../../errors/error.ts";
import type { Interaction } from "../../ssh/target.ts";

const ATTEMPTS = 3;

/** The login user's password as sudo wants it. */
export class SudoPassword {
  readonly #interaction: Interaction;
  readonly #host: string;
  readonly #known: () => Promise<string | undefined>;
  readonly #user: () => Promise<string>;
  #password: Promise<string> | undefined;

  /** `known` gives the password where nobody has to be asked; `user` says who logs in. */
  constructor(
    interaction: Interaction,
    host: string,
    known: () => Promise<string | undefined>,
    user: () => Promise<string>,
  ) {
    this.#interaction = interaction;
    this.#host = host;
    this.#known = known;
    this.#user = user;
  }

  /** The one that is known, or was asked for once. Throws `sudo-password-needed`. */
  async get(): Promise<string> {
    this.#password ??= this.#first();
    try {
      return await this.#password;
    } catch (error) {
      this.#password = undefined;
      throw error;
    }
  }

  /** Answers one sudo: with the password that is known or asked for once, then with others typed. */
  answers(): (attempt: number) => Promise<string | undefined> {
    let used: Promise<string> | undefined;
    return async (attempt) => {
      const { ask, note } = this.#interaction;
      if (attempt > 1 && (ask === undefined || attempt > ATTEMPTS)) {
        if (this.#password === used) this.#password = undefined;
        return undefined;
      }
      // Another command may have been given a better one meanwhile.
      if (attempt > 1 && this.#password === used) {
        note?.("sudo: wrong password, try again.");
        this.#password = this.#typed();
      }
      this.#password ??= this.#first();
      used = this.#password;
      return used;
    };
  }

  async #first(): Promise<string> {
    return (await this.#known()) ?? this.#typed();
  }

  async #typed(): Promise<string> {
    const user = await this.#user();
    const { ask } = this.#interaction;
    if (ask === undefined) {
      throw new BuildoutError("sudo-password-needed", `sudo asks ${user} for a password.`, {
        hint: "Run this on a terminal, or give 'password-file', or allow NOPASSWD in sudoers.",
      });
    }
    return ask(`[sudo] password for ${user} on ${this.#host}: `, { hidden: true });
  }
}

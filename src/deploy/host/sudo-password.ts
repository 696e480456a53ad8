import { BuildoutError } from "../../errors/error.ts";
import type { Interaction } from "../../ssh/target.ts";

const ATTEMPTS = 3;

/** The login user's password for sudo. */
export class SudoPassword {
  readonly #interaction: Interaction;
  readonly #host: string;
  readonly #known: () => Promise<string | undefined>;
  readonly #user: () => Promise<string>;
  #password: Promise<string> | undefined;

  /** `known` returns the password if it is known without asking; `user` returns the login user. */
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

  /** The password, known or asked for once. Throws `sudo-password-needed`. */
  async get(): Promise<string> {
    this.#password ??= this.#first();
    try {
      return await this.#password;
    } catch (error) {
      this.#password = undefined;
      throw error;
    }
  }

  /** Answers one sudo with the known password or one asked for once, then with newly typed ones. */
  answers(): (attempt: number) => Promise<string | undefined> {
    let used: Promise<string> | undefined;
    return async (attempt) => {
      const { ask, note, sudoPasswords: shared } = this.#interaction;
      if (attempt > 1 && (ask === undefined || attempt > ATTEMPTS)) {
        if (this.#password === used) this.#password = undefined;
        return undefined;
      }
      // Another command may have received a better one meanwhile.
      if (attempt > 1 && this.#password === used) {
        const where = shared === undefined ? "" : ` on ${this.#host}`;
        note?.(`sudo${where}: wrong password, try again.`);
        this.#password = this.#typed(used);
      }
      this.#password ??= this.#first();
      used = this.#password;
      return used;
    };
  }

  async #first(): Promise<string> {
    return (await this.#known()) ?? this.#typed(undefined);
  }

  /** Reuses one typed for another host, unless it was wrong here. */
  async #typed(wrong: Promise<string> | undefined): Promise<string> {
    const user = await this.#user();
    const { ask, sudoPasswords: shared } = this.#interaction;
    if (ask === undefined) {
      throw new BuildoutError("sudo-password-needed", `sudo needs the password of ${user}.`, {
        hint: "Run this on a terminal, set 'password-file', or allow NOPASSWD in sudoers.",
      });
    }
    const others = shared?.get(user);
    if (others !== undefined && (await others) !== (await wrong)) return others;
    const places = shared === undefined || others !== undefined ? ` on ${this.#host}` : "";
    const typed = ask(`[sudo] password for ${user}${places}: `, { hidden: true });
    shared?.set(user, typed);
    typed.catch(() => shared?.delete(user));
    return typed;
  }
}

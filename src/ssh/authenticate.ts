import { readFile } from "node:fs/promises";
import type { AnyAuthMethod, AuthHandlerMiddleware, BaseAgent, ParsedKey } from "ssh2";
import { BuildoutError, messageOf } from "../errors/error.ts";
import { type Interaction, label, type ResolvedTarget } from "./target.ts";

const PASSWORD_ATTEMPTS = 3;
type Ssh2 = typeof import("ssh2");

interface LoadedIdentity {
  path: string;
  /** Undefined while the key is encrypted or only its public half is here. */
  key: ParsedKey | undefined;
  /** The text of an encrypted private key. */
  encrypted: string | undefined;
  publicKey: Buffer | undefined;
}

/**
 * The order in which a person proves to be `target.user`: key files, ssh-agent, encrypted key files
 * (their passphrase is asked for), password, and last a prompt. Methods that the host does not
 * offer are left out.
 */
export class Authenticator {
  /** What has been offered so far, for the error message. */
  readonly tried: string[] = [];
  /** The password that was offered last, and let in if the host did. */
  password: string | undefined;
  /** What the host would accept, as it says (RFC 4252, 5.1). */
  accepts: string[] = [];
  readonly #ssh2: Ssh2;
  readonly #target: ResolvedTarget;
  readonly #interaction: Interaction;
  #fail: (error: unknown) => void = () => {};

  constructor(ssh2: Ssh2, target: ResolvedTarget, interaction: Interaction) {
    this.#ssh2 = ssh2;
    this.#target = target;
    this.#interaction = interaction;
  }

  /** For ssh2's `authHandler`; `fail` is called once nothing is left to try. */
  handler(fail: (error: unknown) => void): AuthHandlerMiddleware {
    this.#fail = fail;
    const attempts = this.#attempts();
    return (left, _partial, next) => {
      if (left !== null) this.accepts = left;
      attempts
        .next()
        .then(({ value }) => (value === undefined ? fail(this.refused()) : next(value)), fail);
      return undefined as never;
    };
  }

  async *#attempts(): AsyncGenerator<AnyAuthMethod, undefined> {
    const username = this.#target.user;
    // Tells what the host accepts, and lets in where nothing is asked for.
    yield { type: "none", username };

    const identities = await this.#loadIdentities();
    if (this.accepts.includes("publickey")) {
      for (const { path, key } of identities) {
        if (key === undefined) continue;
        this.tried.push(`key ${path}`);
        yield { type: "publickey", username, key };
      }
      const agent = await this.#agent(identities);
      if (agent !== undefined) {
        yield { type: "agent", username, agent };
      }
      for (const identity of identities) {
        const key = await this.#decrypt(identity);
        if (key === undefined) continue;
        this.tried.push(`key ${identity.path}`);
        yield { type: "publickey", username, key };
      }
    }

    const { password, askPassword } = this.#target;
    if (password !== undefined) {
      this.password = password;
      if (this.accepts.includes("password")) {
        this.tried.push("password");
        yield { type: "password", username, password };
      }
      if (this.accepts.includes("keyboard-interactive")) {
        this.tried.push("password (keyboard-interactive)");
        yield this.#keyboard(password);
      }
    }

    const { ask } = this.#interaction;
    if (ask === undefined || !askPassword) return;
    if (this.accepts.includes("keyboard-interactive")) {
      this.tried.push("keyboard-interactive");
      yield this.#keyboard(undefined);
    }
    for (let i = 0; i < PASSWORD_ATTEMPTS && this.accepts.includes("password"); i++) {
      const typed = await ask(`${label(this.#target)}'s password: `, { hidden: true });
      this.tried.push("typed password");
      this.password = typed;
      yield { type: "password", username, password: typed };
    }
  }

  /** `password` answers a single hidden question; any other is put to the person at the terminal. */
  #keyboard(password: string | undefined): AnyAuthMethod {
    let unused = password;
    return {
      type: "keyboard-interactive",
      username: this.#target.user,
      prompt: (_name, instructions, _lang, prompts, finish) => {
        const answer = async () => {
          if (unused !== undefined && prompts.length === 1 && prompts[0]!.echo !== true) {
            const only = unused;
            unused = undefined;
            return [only];
          }
          const { ask } = this.#interaction;
          if (instructions !== "") this.#interaction.note?.(instructions);
          const answers: string[] = [];
          for (const { prompt, echo } of prompts) {
            answers.push(
              (await ask?.(`(${label(this.#target)}) ${prompt}`, { hidden: echo !== true })) ?? "",
            );
          }
          if (prompts.length === 1 && prompts[0]!.echo !== true) this.password = answers[0];
          return answers;
        };
        answer().then(finish, this.#fail);
      },
    };
  }

  async #loadIdentities(): Promise<LoadedIdentity[]> {
    const loaded = await Promise.all(
      this.#target.identities.map(({ path, required }) => this.#load(path, required)),
    );
    return loaded.filter((identity) => identity !== undefined);
  }

  async #load(path: string, required: boolean): Promise<LoadedIdentity | undefined> {
    const publicKey = await this.#loadPublic(path);
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      const absent = (error as NodeJS.ErrnoException).code === "ENOENT";
      // Without its private half, a key can still be in the agent.
      if (absent && publicKey !== undefined) {
        return { path, key: undefined, encrypted: undefined, publicKey };
      }
      if (!required) return undefined;
      throw new BuildoutError(
        "identity-file-unreadable",
        `Cannot read the key ${path}: ${absent ? "no such file" : messageOf(error)}`,
        { hint: "Check identity-file.", cause: error },
      );
    }
    const key = this.#ssh2.utils.parseKey(text);
    if (!(key instanceof Error)) {
      return { path, key, encrypted: undefined, publicKey: key.getPublicSSH() };
    }
    if (/no passphrase given/i.test(key.message)) {
      return { path, key: undefined, encrypted: text, publicKey };
    }
    if (!required) return undefined;
    throw new BuildoutError(
      "identity-file-unreadable",
      `Cannot use the key ${path}: ${key.message}`,
      {
        hint: "identity-file must name a private key in OpenSSH's or PEM format.",
      },
    );
  }

  async #loadPublic(path: string): Promise<Buffer | undefined> {
    try {
      const key = this.#ssh2.utils.parseKey(await readFile(`${path}.pub`, "utf8"));
      return key instanceof Error ? undefined : key.getPublicSSH();
    } catch {
      // Only a help to find the key in an agent: whoever has no .pub file has no need of it.
      return undefined;
    }
  }

  async #decrypt(identity: LoadedIdentity): Promise<ParsedKey | undefined> {
    const { path, encrypted } = identity;
    if (encrypted === undefined) return undefined;
    const { ask } = this.#interaction;
    if (ask === undefined) {
      this.tried.push(`key ${path} (encrypted, and no terminal to ask for its passphrase)`);
      return undefined;
    }
    for (let i = 0; i < PASSWORD_ATTEMPTS; i++) {
      const passphrase = await ask(`Passphrase of ${path}: `, { hidden: true });
      if (passphrase === "") break;
      const key = this.#ssh2.utils.parseKey(encrypted, passphrase);
      if (!(key instanceof Error)) return key;
    }
    this.tried.push(`key ${path} (wrong passphrase)`);
    return undefined;
  }

  /** The agent with the keys that may be offered and were not yet; undefined if none is left. */
  async #agent(identities: LoadedIdentity[]): Promise<BaseAgent | undefined> {
    const { agent: socket, identitiesOnly } = this.#target;
    if (socket === undefined) return undefined;
    const agent = this.#ssh2.createAgent(socket);
    const keys = await new Promise<unknown[]>((resolve) =>
      agent.getIdentities((error, found) => {
        if (error) this.tried.push(`ssh-agent (${error.message})`);
        resolve(found ?? []);
      }),
    );
    const isOneOf = (key: unknown, offered: LoadedIdentity[]) => {
      const parsed = this.#ssh2.utils.parseKey(key as ParsedKey);
      if (parsed instanceof Error) return false;
      const blob = parsed.getPublicSSH();
      return offered.some(({ publicKey }) => publicKey?.equals(blob));
    };
    const done = identities.filter(({ key }) => key !== undefined);
    const named = keys.filter((key) => isOneOf(key, identities) && !isOneOf(key, done));
    const others = identitiesOnly ? [] : keys.filter((key) => !isOneOf(key, identities));
    const offers = [...named, ...others];
    if (offers.length === 0) return undefined;
    this.tried.push(`ssh-agent (${offers.length} ${offers.length === 1 ? "key" : "keys"})`);
    const getIdentities: BaseAgent["getIdentities"] = (callback) =>
      callback(undefined, offers as ParsedKey[]);
    agent.getIdentities = getIdentities;
    return agent;
  }

  /** The error for a host that accepted nothing of what was offered. */
  refused(detail?: string): BuildoutError {
    const tried = this.tried.length === 0 ? "nothing to offer" : `tried ${this.tried.join(", ")}`;
    const accepts = this.accepts.join(", ") || "nothing";
    return new BuildoutError(
      "authentication-failed",
      `${label(this.#target)} refused to log in: ${tried}; the host accepts ${accepts}` +
        (detail === undefined ? "" : ` (${detail})`),
      { hint: this.#hint() },
    );
  }

  #hint(): string {
    const { password, user } = this.#target;
    const who = `user '${user}'`;
    const offeredKey = this.tried.some((method) => /^key|^ssh-agent/.test(method));
    if (this.tried.some((method) => method.includes("no terminal to ask"))) {
      return "Load the key into ssh-agent (ssh-add), or run the command on a terminal.";
    }
    if (password !== undefined && this.tried.some((method) => method.startsWith("password"))) {
      return `Check the password of ${who}.`;
    }
    if (password !== undefined) {
      return "The host takes no passwords: use identity-file or ssh-agent.";
    }
    if (offeredKey && this.accepts.includes("publickey")) {
      return `Add the public key to ~/.ssh/authorized_keys of ${who} on the host (ssh-copy-id), or check the user name.`;
    }
    return "Name a key with identity-file, load one into ssh-agent, or set a password.";
  }
}

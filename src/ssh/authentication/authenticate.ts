/** Over 300 lines: the methods of one login, which share what has been tried. */
import { basename } from "node:path";
import type { AnyAuthMethod, AuthHandlerMiddleware, Client, ParsedKey } from "ssh2";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import { quote, quoteAll } from "../commands/quote.ts";
import { parseCertificate } from "../keys/certificate.ts";
import { type Interaction, label, type ResolvedTarget, USUAL_KEYS } from "../target.ts";
import { agentKeys } from "./agent.ts";
import {
  described,
  type LoadedIdentity,
  limitsOf,
  loadCertificates,
  loadIdentities,
  type OwnCertificate,
} from "./identities.ts";
import { KeyRing, type SendPacket } from "./key-ring.ts";
import { agentKey, certifiedAgentKey, localKey, type OfferedKey, usable } from "./offered-key.ts";

const PASSPHRASE_ATTEMPTS = 3;
type Ssh2 = typeof import("ssh2");

interface KeyFiles {
  identities: LoadedIdentity[];
  certificates: OwnCertificate[];
  /** `reason` is undefined for a file that does not exist. */
  leftOut: { path: string; reason: string | undefined }[];
}

/**
 * The order in which a person proves to be `target.user`: that of `target.methods`. Of keys those in
 * files, then those of ssh-agent, then encrypted files (their passphrase is asked for); of passwords
 * the one that is known, then a prompt. Methods that the host does not offer are left out.
 */
export class Authenticator {
  /** What has been offered so far, for the error message. */
  readonly tried: string[] = [];
  /** The last password that was offered: the right one if the login succeeded. */
  password: string | undefined;
  /** The methods that the host would accept, as reported by it (RFC 4252, 5.1). */
  accepts: string[] = [];
  readonly #ssh2: Ssh2;
  readonly #target: ResolvedTarget;
  readonly #interaction: Interaction;
  readonly #accepted: readonly string[];
  readonly #ring: KeyRing;
  #files: Promise<KeyFiles> | undefined;
  #first: Promise<OfferedKey | undefined> | undefined;
  /** The keys and certificates that have had their turn. */
  readonly #offered: Buffer[] = [];
  #fail: (error: unknown) => void = () => {};
  /** Keys that were left out since others can get at them. */
  readonly #exposed: string[] = [];

  /** `accepted` are the algorithms that keys may sign with. */
  constructor(
    ssh2: Ssh2,
    target: ResolvedTarget,
    interaction: Interaction,
    accepted: readonly string[],
    sendPacket: SendPacket,
  ) {
    this.#ssh2 = ssh2;
    this.#ring = new KeyRing(ssh2, sendPacket);
    this.#accepted = accepted;
    this.#target = target;
    this.#interaction = interaction;
  }

  /** For ssh2's `authHandler`; `fail` is called once nothing is left to try. */
  handler(fail: (error: unknown) => void): AuthHandlerMiddleware {
    this.#fail = fail;
    const attempts = this.#attempts();
    return (_left, _partial, next) => {
      attempts
        .next()
        .then(({ value }) => (value === undefined ? fail(this.refused()) : next(value)), fail);
      return undefined as never;
    };
  }

  /** Call this once `client` has started to connect. */
  serve(client: Client): void {
    // ssh2 does not pass on what a host accepts after a key.
    this.#ring.serve(client, this.#target.user, this.#firstKey(), (left) => {
      this.accepts = left;
    });
  }

  #firstKey(): Promise<OfferedKey | undefined> {
    // What is wrong with a key is reported when its turn comes.
    this.#first ??= this.#chooseFirstKey().catch(() => undefined);
    return this.#first;
  }

  /**
   * The key that is offered before the host says what it accepts: most likely it lets us in. A refusal
   * counts as an attempt, so none is offered where keys are not the first choice or a password is known.
   */
  async #chooseFirstKey(): Promise<OfferedKey | undefined> {
    const { methods, password } = this.#target;
    if (methods[0] !== "publickey" || password !== undefined) return undefined;
    const { identities, certificates } = await this.#keyFiles();
    for (const { path, key } of identities) {
      if (key === undefined) continue;
      const [first] = this.#usable(this.#local(path, key, certificates)).allowed;
      if (first !== undefined) return first;
    }
    return undefined;
  }

  /** Read once. */
  #keyFiles(): Promise<KeyFiles> {
    this.#files ??= this.#readKeyFiles();
    return this.#files;
  }

  async #readKeyFiles(): Promise<KeyFiles> {
    const { identities: named, certificates: files } = this.#target;
    const leftOut: KeyFiles["leftOut"] = [];
    const [identities, certificates] = await Promise.all([
      loadIdentities(this.#ssh2, named, (path, reason) => leftOut.push({ path, reason })),
      loadCertificates(named, files),
    ]);
    return { identities, certificates, leftOut };
  }

  async *#attempts(): AsyncGenerator<AnyAuthMethod, undefined> {
    const username = this.#target.user;
    // Returns what the host accepts, and logs in if the host requires nothing.
    const none: AnyAuthMethod = { type: "none", username };
    const first = await this.#firstKey();
    if (first === undefined) yield none;
    else yield* this.#offer([first]);

    const { methods } = this.#target;
    const keys = methods.indexOf("publickey");
    if (keys === -1) yield* this.#passwordAttempts(methods);
    else {
      yield* this.#passwordAttempts(methods.slice(0, keys));
      yield* this.#keyAttempts();
      yield* this.#passwordAttempts(methods.slice(keys + 1));
    }
    if (first !== undefined) yield none;
    return undefined;
  }

  /** Whether the host takes a method now. */
  #may(method: string): boolean {
    return this.accepts.includes(method);
  }

  async *#keyAttempts(): AsyncGenerator<AnyAuthMethod, void> {
    if (!this.#may("publickey")) return;
    const { identities, certificates, leftOut } = await this.#keyFiles();
    for (const { path, reason } of leftOut) this.#leaveOut(path, reason);
    for (const { path, key } of identities) {
      if (key !== undefined) yield* this.#offer(this.#local(path, key, certificates));
    }
    yield* this.#offer(await this.#ofAgent(identities, certificates));
    for (const identity of identities) {
      const key = await this.#decrypt(identity);
      if (key !== undefined) yield* this.#offer(this.#local(identity.path, key, certificates));
    }
  }

  /** A missing key is only mentioned if somebody has named it. */
  #leaveOut(path: string, reason: string | undefined): void {
    if (reason === undefined && USUAL_KEYS.includes(basename(path))) return;
    this.tried.push(`no key ${path} (${reason ?? "no such file"})`);
  }

  *#offer(keys: OfferedKey[]): Generator<AnyAuthMethod, void> {
    const { allowed: all, small } = this.#usable(keys);
    this.tried.push(...small);
    const allowed = all.filter(({ blob }) => !this.#offered.some((one) => one.equals(blob)));
    this.#offered.push(...allowed.map(({ blob }) => blob));
    if (allowed.length === 0) return;
    this.tried.push(...allowed.map(({ name }) => name));
    for (const { name, blob } of allowed) {
      const command = parseCertificate(blob)?.criticalOptions.get("force-command");
      if (command !== undefined)
        this.#interaction.note?.(`With ${name}, the host only runs: ${command}`);
    }
    yield { type: "agent", username: this.#target.user, agent: this.#ring.agent(allowed) };
  }

  #usable(keys: OfferedKey[]): ReturnType<typeof usable> {
    return usable(keys, this.#accepted, this.#target.requiredRsaSize);
  }

  /** A local key: first with its certificates, then alone. */
  #local(path: string, key: ParsedKey, certificates: OwnCertificate[]): OfferedKey[] {
    const { legacyAlgorithms: sha1 } = this.#target;
    const plain = localKey(`key ${path}`, key, sha1);
    const certified = certificates
      .filter(({ certificate }) => certificate.publicKey.equals(plain.publicKey))
      .map((own) => {
        const name = `key ${path} with ${described(own, this.#target.user)}`;
        return localKey(name, key, sha1, own.certificate);
      });
    return [...certified, plain];
  }

  /** A known password is tried with all `methods` before asking. */
  async *#passwordAttempts(methods: string[]): AsyncGenerator<AnyAuthMethod, void> {
    const { password, askPassword, user: username } = this.#target;
    if (password !== undefined) {
      this.password = password;
      for (const method of methods) {
        if (!this.#may(method)) continue;
        this.tried.push(method === "password" ? "password" : `password (${method})`);
        yield method === "password"
          ? { type: "password", username, password }
          : this.#keyboard(password);
      }
    }

    const { ask } = this.#interaction;
    if (ask === undefined || !askPassword) return;
    const { passwordPrompts } = this.#target;
    let wrong =
      password !== undefined && this.tried.some((method) => method.startsWith("password"));
    const next = () => {
      if (wrong) this.#interaction.note?.(`${label(this.#target)}: wrong password, try again.`);
      wrong = true;
    };
    for (const method of methods) {
      for (let i = 0; i < passwordPrompts && this.#may(method); i++) {
        next();
        if (method === "keyboard-interactive") {
          this.tried.push(method);
          yield this.#keyboard(undefined);
          continue;
        }
        const typed = await ask(`${label(this.#target)}'s password: `, { hidden: true });
        this.tried.push("typed password");
        this.password = typed;
        yield { type: "password", username, password: typed };
      }
    }
  }

  /** `password` answers a single hidden question; all others go to the user at the terminal. */
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
          if (ask === undefined && prompts.length > 0) {
            const asked = prompts.map(({ prompt }) => prompt.trim()).join(" ");
            this.tried.push(`keyboard-interactive (no terminal to ask on: ${asked})`);
          }
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

  async #decrypt(identity: LoadedIdentity): Promise<ParsedKey | undefined> {
    const { path, encrypted } = identity;
    if (encrypted === undefined) return undefined;
    const { ask, note } = this.#interaction;
    if (ask === undefined) {
      this.tried.push(`key ${path} (encrypted, and no terminal to ask for its passphrase)`);
      return undefined;
    }
    for (let i = 0; i < PASSPHRASE_ATTEMPTS; i++) {
      if (i > 0) note?.(`${path}: wrong passphrase, try again.`);
      const passphrase = await ask(`Passphrase of ${path}: `, { hidden: true });
      if (passphrase === "") break;
      const key = this.#ssh2.utils.parseKey(encrypted, passphrase);
      if (!(key instanceof Error)) return key;
    }
    this.tried.push(`key ${path} (wrong passphrase)`);
    return undefined;
  }

  /** The agent's keys that may be offered and have not been offered yet. */
  async #ofAgent(
    identities: LoadedIdentity[],
    certificates: OwnCertificate[],
  ): Promise<OfferedKey[]> {
    const { agent: socket, identitiesOnly, legacyAlgorithms: sha1 } = this.#target;
    const missing = (found: OfferedKey[]) => {
      const isThere = ({ publicKey }: LoadedIdentity) =>
        found.some((key) => publicKey !== undefined && key.publicKey.equals(publicKey));
      for (const identity of identities.filter(({ onToken }) => onToken)) {
        if (!isThere(identity)) this.tried.push(`key ${identity.path} (${ON_TOKEN})`);
      }
      for (const identity of identities) {
        if (identity.exposed !== undefined && !isThere(identity)) this.#refuseExposed(identity);
      }
    };
    if (socket === undefined) {
      missing([]);
      return [];
    }
    const keys: OfferedKey[] = [];
    try {
      for (const { blob, comment } of await agentKeys(socket)) {
        const certificate = parseCertificate(blob);
        const limits = certificate && limitsOf(certificate, this.#target.user);
        const name = `ssh-agent's ${comment || "key"}${certificate ? " (certificate)" : ""}`;
        keys.push(agentKey(limits ? `${name} (${limits})` : name, socket, blob, sha1));
      }
    } catch (error) {
      this.tried.push(`ssh-agent (${messageOf(error)})`);
    }
    missing(keys);
    const isOf = ({ publicKey }: OfferedKey, some: LoadedIdentity[]) =>
      some.some((identity) => identity.publicKey?.equals(publicKey));
    const isPlain = ({ blob, publicKey }: OfferedKey) => blob.equals(publicKey);
    const certified = keys
      .filter((key) => isPlain(key) && (!identitiesOnly || isOf(key, identities)))
      .flatMap((key) =>
        certificates
          .filter(({ certificate }) => certificate.publicKey.equals(key.publicKey))
          .map((own) => ({
            ...certifiedAgentKey(key, own.certificate, sha1),
            name: `${key.name} with ${described(own, this.#target.user)}`,
          })),
      );
    // A key that is also local was offered, but not the agent's certificate for it.
    const done = identities.filter(({ key }) => key !== undefined);
    const isNew = (key: OfferedKey) => !isOf(key, done) || !isPlain(key);
    // For IdentitiesOnly, a certificate next to the user's key is the user's, too.
    const isBeside = ({ blob }: OfferedKey) =>
      this.#target.certificates.length === 0 &&
      certificates.some(({ certificate }) => certificate.blob.equals(blob));
    const isMeant = (key: OfferedKey) => !identitiesOnly || isPlain(key) || isBeside(key);
    const named = keys.filter((key) => isOf(key, identities) && isNew(key) && isMeant(key));
    const others = identitiesOnly ? [] : keys.filter((key) => !isOf(key, identities));
    return [...certified.filter((key) => !isOf(key, done)), ...named, ...others];
  }

  /** A key that other users can access may have been copied; this does not concern the agent's keys. */
  #refuseExposed({ path, exposed, required }: LoadedIdentity): void {
    const message = `The key ${path} is not used: other users can access it (permissions ${exposed}).`;
    const remedy = `chmod 600 ${quote(path)}`;
    if (required) {
      throw new BuildoutError("identity-file-exposed", message, { hint: `Run: ${remedy}` });
    }
    this.#interaction.note?.(`${message} Run: ${remedy}`);
    this.tried.push(`key ${path} (permissions ${exposed} are too open)`);
    this.#exposed.push(path);
  }

  /** The error for a host that accepted none of the offers. */
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
    if (this.#exposed.length > 0) return `Run: chmod 600 ${quoteAll(this.#exposed)}`;
    if (this.tried.some((method) => method.includes(ON_TOKEN))) {
      return "Load the key into ssh-agent (ssh-add): only the agent can use a security key.";
    }
    if (this.tried.some((method) => method.includes("no terminal to ask on"))) {
      return `Log in once with ssh and answer the host's questions for ${who}.`;
    }
    if (this.tried.some((method) => method.includes("no terminal to ask"))) {
      return "Load the key into ssh-agent (ssh-add), or run the command on a terminal.";
    }
    if (this.tried.some((method) => LIMITED.test(method))) {
      return `Have the certificate signed again for ${who}: ssh-keygen -s AUTHORITY -I NAME -n ${user} KEY.pub`;
    }
    if (password !== undefined && this.tried.some((method) => method.startsWith("password"))) {
      return `Check the password of ${who}.`;
    }
    if (password !== undefined) {
      return "The host does not accept passwords: use identity-file or ssh-agent.";
    }
    if (offeredKey && this.accepts.includes("publickey")) {
      return `Add the public key to ~/.ssh/authorized_keys of ${who} on the host (ssh-copy-id), or check the user name.`;
    }
    if (this.tried.some((method) => method.startsWith("no key "))) {
      return "Check IdentityFile in ssh_config, and keys named in fabfiles.";
    }
    return "Set identity-file to a key, load one into ssh-agent, or set a password.";
  }
}

/** Describes a certificate, with reasons why it may have been refused. */
const LIMITED = /certificate.* \((?:expired|not valid yet|for |only from )/;
const ON_TOKEN = "on a security key";

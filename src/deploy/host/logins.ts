/** The logins of one session: how to reach its host, and one connection for each user. */
import { BuildoutError } from "../../errors/error.ts";
import type { HostEvent } from "../../events/deployment.ts";
import { connect } from "../../ssh/connect.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { resolveTarget } from "../../ssh/resolve.ts";
import type { HostTarget, Interaction, ResolvedTarget } from "../../ssh/target.ts";
import { isBuildoutUserAlone, loginTarget } from "../part/login.ts";
import type { HostOptions } from "../part/options.ts";
import type { Reveal } from "../part/revealed.ts";
import { type HostLocation, Whereabouts } from "./location.ts";

/** How to reach a host, in addition to its options. */
export interface Way {
  /** Overrides the options. */
  target?: Partial<HostTarget>;
  /** The logins to connect through, and as which user. */
  gateway?: { logins: Logins; user: string | undefined };
  /** Never ask for a password or anything else. */
  asksNobody?: boolean;
  /** Awaited before the first login; returns the typed password of the login user, if any. */
  beforeLogin?(): Promise<string | undefined>;
}

export interface LoginsOf {
  options: HostOptions;
  interaction: Interaction;
  signal: AbortSignal;
  /** For passwords in the options. */
  reveal: Reveal;
  way: Way;
  emit(event: HostEvent): void;
  note(text: string): void;
  /** Does `work`, measured for --timings. */
  timed<T>(phase: string, work: () => Promise<T>): Promise<T>;
}

export class Logins {
  readonly #of: LoginsOf;
  readonly #whereabouts = new Whereabouts();
  readonly #connections = new Map<string, Promise<HostConnection>>();
  readonly #open: HostConnection[] = [];
  /** The buildout user could not log in, and nothing has run on the host since then. */
  #refused = false;

  constructor(of: LoginsOf) {
    this.#of = of;
  }

  /** The connection of one user; undefined: the user from ~/.ssh/config or the system. */
  connection(user: string | undefined): Promise<HostConnection> {
    const key = user ?? "";
    let connection = this.#connections.get(key);
    if (connection === undefined) {
      connection = this.connect(user);
      this.#connections.set(key, connection);
      connection.catch(() => this.#connections.delete(key));
    }
    return connection;
  }

  /** Another connection of the same user. */
  async connect(user: string | undefined): Promise<HostConnection> {
    const { options, interaction, signal, way, emit, note, timed } = this.#of;
    this.#whereabouts.assertPresent(options);
    const typed = await way.beforeLogin?.();
    const own = await this.#targetOf(user);
    const isTyped = typed !== undefined && user === options.user;
    const target = isTyped ? { ...own, password: typed } : own;
    const resolved = await resolveTarget(target, interaction.env, signal);
    emit({ type: "login", user: resolved.user, address: resolved.host });
    const through = await way.gateway?.logins.connection(way.gateway.user);
    const connection = await timed("connection", () =>
      this.#whereabouts.connect(target, { ...interaction, signal }, through, {
        isLoginUser: target.user === options.user,
        onWait: () => note(`${options.host} does not accept logins yet; retrying`),
      }),
    );
    this.#open.push(connection);
    return connection;
  }

  /**
   * The buildout user's connection. Undefined if that user cannot log in but another one can, who may fix that. Does
   * not retry before something has run on the host: some hosts block an address after a few refusals.
   */
  async buildoutUser(): Promise<HostConnection | undefined> {
    if (this.#refused) return undefined;
    const { options, note } = this.#of;
    const { buildoutUser, user, host } = options;
    try {
      return await this.connection(buildoutUser ?? user);
    } catch (error) {
      const refused = error instanceof BuildoutError && error.code === "authentication-failed";
      if (!refused || !isBuildoutUserAlone(options, buildoutUser)) throw error;
      note(`${buildoutUser} cannot log in to ${host} yet`);
      this.#refused = true;
      return undefined;
    }
  }

  /** Something has run on the host: the buildout user may be able to log in now. */
  retry(): void {
    this.#refused = false;
  }

  /** Whether this key alone is enough to log in; never asks for anything. */
  async letsIn(user: string, key: string): Promise<boolean> {
    const { interaction, signal } = this.#of;
    const { password: _, ...target } = await this.#targetOf(user);
    try {
      const alone = { ...target, identityFile: key, askPassword: false };
      const connection = await connect(alone, { env: interaction.env, signal });
      await connection.close();
      return true;
    } catch (error) {
      if (error instanceof BuildoutError && error.code === "authentication-failed") return false;
      throw error;
    }
  }

  /** Where a login would go, and with what settings; does not connect. */
  async target(user = this.#of.options.user): Promise<ResolvedTarget> {
    const { interaction, signal } = this.#of;
    return resolveTarget(await this.#targetOf(user), interaction.env, signal);
  }

  /** What a deployment would create first; undefined: the machine exists. */
  get absent(): string | undefined {
    return this.#whereabouts.absent;
  }

  /** Notes where the host is; true if it was absent, or still is. */
  move(location: HostLocation): boolean {
    return this.#whereabouts.move(location);
  }

  /** Requests to the host so far. */
  get roundTrips(): number {
    return this.#open.reduce((sum, connection) => sum + connection.roundTrips, 0);
  }

  /** Forgets all connections, so that the next login is a new one; returns them, still open. */
  async leave(): Promise<HostConnection[]> {
    const all = [...this.#connections.values()];
    this.#connections.clear();
    this.#refused = false;
    const settled = await Promise.allSettled(all);
    return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }

  async #targetOf(user: string | undefined): Promise<HostTarget> {
    const { options, interaction, reveal, way } = this.#of;
    const target = await loginTarget(options, user, interaction.env, reveal);
    return { ...target, ...this.#whereabouts.login, ...way.target };
  }
}

/** Running commands whose output fabfiles in Python read, and to which they write. */
import { PassThrough } from "node:stream";
import { BuildoutError } from "../../errors/error.ts";
import type { FabfileState } from "./state.ts";

interface LiveOptions {
  pty: boolean;
}

/** Output since the last call, each byte as one character; `ended` comes with the last of it. */
export interface LiveOutput {
  out: string;
  err: string;
  ended?: { code: number | null };
}

/** The commands of one Python process, by number. */
export class LiveCommands {
  readonly #running = new Map<number, LiveCommand>();
  #last = 0;

  /** Starts a command in the login shell; `state` has the directory, user and visibility. */
  start(state: FabfileState, command: string, { pty }: LiveOptions): number {
    this.#last += 1;
    this.#running.set(this.#last, new LiveCommand(state, command, pty));
    return this.#last;
  }

  /** Waits for output or the end. Throws if the command ended without a status. */
  async next(number: number): Promise<LiveOutput> {
    const output = await this.#found(number).next();
    if (output.ended !== undefined) this.#running.delete(number);
    return output;
  }

  /** Bytes for the command, each as one character; null ends its input. */
  write(number: number, text: string | null): void {
    this.#running.get(number)?.write(text);
  }

  /** Ends a command; its output ends with status null. */
  kill(number: number): void {
    this.#running.get(number)?.kill();
  }

  /** Abandons a command: nobody reads its output. */
  async disown(number: number): Promise<void> {
    const command = this.#found(number);
    this.#running.delete(number);
    await command.begun;
  }

  #found(number: number): LiveCommand {
    const command = this.#running.get(number);
    if (command !== undefined) return command;
    throw new BuildoutError("unknown-fact", `There is no running command ${number}.`);
  }
}

class LiveCommand {
  readonly #input = new PassThrough();
  readonly #killing = new AbortController();
  readonly #chunks: Record<"out" | "err", Buffer[]> = { out: [], err: [] };
  /** Resolves when the command was sent. */
  readonly begun: Promise<unknown>;
  #ended: { code: number | null } | undefined;
  #failure: unknown;
  #wake: () => void = () => {};

  constructor({ context, settings }: FabfileState, command: string, pty: boolean) {
    const { session, options } = context;
    const login = settings.user ?? options.user;
    const run = session.run(command, {
      ...{ login, cwd: null, shell: null, hidden: settings.hidden, pty, input: this.#input },
      signal: this.#killing.signal,
      onBytes: (stream, bytes) => {
        this.#chunks[stream].push(bytes);
        this.#wake();
      },
    });
    this.begun = session.logins.connection(login);
    this.begun.catch(() => {
      // `run` fails for the same reason.
    });
    run.then(
      ({ code }) => this.#end(code),
      (error: unknown) => {
        if (!this.#killing.signal.aborted) this.#failure = error;
        this.#end(null);
      },
    );
  }

  async next(): Promise<LiveOutput> {
    while (this.#ended === undefined && this.#chunks.out.length + this.#chunks.err.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const output = { out: this.#take("out"), err: this.#take("err") };
    if (this.#ended === undefined) return output;
    if (this.#failure !== undefined) throw this.#failure;
    return { ...output, ended: this.#ended };
  }

  write(text: string | null): void {
    if (text === null) this.#input.end();
    else if (!this.#input.writableEnded) this.#input.write(Buffer.from(text, "latin1"));
  }

  kill(): void {
    this.#killing.abort();
  }

  #take(stream: "out" | "err"): string {
    return Buffer.concat(this.#chunks[stream].splice(0)).toString("latin1");
  }

  #end(code: number | null): void {
    this.#ended = { code };
    this.#wake();
  }
}

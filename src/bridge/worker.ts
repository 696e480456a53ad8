/**
 * A Python process that runs code for us, with calls in both directions over two separate pipes: see
 * `python/_hostout/channel.py`. Callers define the meaning of the calls.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { CompiledPlaces } from "../contract/engine.ts";
import { BuildoutError } from "../errors/error.ts";
import type { EnvironmentChanges, SharedEnvironment } from "./environment.ts";
import { type Failure, PythonError } from "./failure.ts";
import {
  type InterpreterProcess,
  type InterpreterRequest,
  startInterpreter,
  type WorkerOutput,
} from "./interpreter-process.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { OptionUses, SectionOptions, SharedOptions } from "./shared-options.ts";
import { core, type PythonModules } from "./worker-modules.ts";

/** What can be written as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: the two ends of a call agree on the shape
export type Json = any;

/** Requests of the Python side: name -> handler. */
export type Handlers = Readonly<Record<string, (...args: Json[]) => Json | Promise<Json>>>;

export interface WorkerRequest extends InterpreterRequest {
  /** Module of the Python side whose `HANDLERS` answer `call`. */
  serves: string;
  /** Modules in addition to the core; they override installed ones. */
  modules: PythonModules;
  /** Modules used if the interpreter has none of that name. */
  substitutes?: PythonModules;
  /** Where the compiled code of these modules is kept; otherwise, each start compiles it. */
  compiled?: CompiledPlaces | undefined;
  /** The process of that interpreter, if it has been started already. */
  interpreter?: InterpreterProcess | undefined;
  /** `sys.argv[0]` */
  program: string;
  /** Python's number of the minimum log level; by default, Python decides. */
  logLevel?: number;
  handlers: Handlers;
  /** Options that both sides know. */
  options?: SharedOptions;
  /** Distributions that facades stand for: name -> version. */
  facades: Readonly<Record<string, string>>;
}

interface Message {
  id: number;
  call?: string;
  args?: Json[];
  result?: Json;
  error?: Failure;
  environment?: EnvironmentChanges;
  /** Sent: sections that changed. Received: what was read and set. */
  options?: SectionOptions | OptionUses;
  /** The umask from now on. */
  umask?: number;
}

interface Waiting {
  resolve(result: Json): void;
  reject(error: unknown): void;
}

/** Milliseconds for the code's own cleanup after the last call. */
const CLOSING_TIME = 10_000;

/** Number of lines of a dying interpreter's output to show in an error. */
const LAST_LINES = 30;

export class PythonWorker {
  private readonly request: WorkerRequest;
  private readonly interpreter: InterpreterProcess;
  private readonly environment: SharedEnvironment;
  private umask: number;
  private readonly waiting = new Map<number, Waiting>();
  private lastCall = 0;
  /** Errors sent to the Python side, which may send them back. */
  private readonly refusals: unknown[] = [];
  /** Lines on our pipe that are not messages: the interpreter's own output. */
  private readonly lastWords: string[] = [];
  private readonly ended: Promise<void>;
  /** Resolves when all output has arrived. */
  private readonly printed: Promise<unknown> | undefined;
  private death: BuildoutError | undefined;

  /** Throws `interpreter-missing`, `interpreter-too-old`, `python-worker-died`. */
  static async start(request: WorkerRequest): Promise<PythonWorker> {
    const worker = new PythonWorker(request);
    await worker.begin();
    return worker;
  }

  private constructor(request: WorkerRequest) {
    this.request = request;
    const { output: printed, interpreter = startInterpreter(request) } = request;
    const { child, environment, umask } = interpreter;
    this.interpreter = interpreter;
    this.environment = environment;
    this.umask = umask;
    this.printed = typeof printed === "function" ? printedLines(child, printed) : undefined;
    const output = child.stdio[4] as Readable;
    eachLine(output, (line) => this.receive(line));
    this.ended = interpreter.ended.then(async (ending) => {
      if ("error" in ending) return this.die(this.notStarted(ending.error));
      // Its last output is still in the pipe, which a leftover child process may hold open.
      if (!output.readableEnded)
        await Promise.race([once(output, "end"), pause(200, undefined, { ref: false })]);
      this.die(this.died(ending.code, ending.signal));
    });
  }

  private get input(): Writable {
    return this.interpreter.child.stdio[3] as Writable;
  }

  private async begin(): Promise<void> {
    const started = this.answer(0);
    const { logLevel: level, program, facades, serves, compiled, substitutes = {} } = this.request;
    const groups = [{ ...core, ...this.request.modules }, substitutes];
    const files = groups.map((group) => mapped(group, ([file]) => file));
    const texts = groups.map((group) => mapped(group, ([, text]) => text));
    const start = { files, compiled, serves, level, program, facades };
    // The second line is only parsed if a text is needed.
    this.input.write(`${JSON.stringify(start)}\n${JSON.stringify(texts)}\n`);
    try {
      await started;
    } catch (error) {
      if (!(error instanceof PythonError) || error.failure.kind !== "too-old") throw error;
      await this.ended;
      throw new BuildoutError(
        "interpreter-too-old",
        `${this.request.executable} is Python ${error.message}, but 3.8 or newer is required.`,
        { hint: "Set `executable` in [buildout] to another interpreter." },
      );
    }
  }

  /**
   * The result of a function of the Python side. Throws `PythonError` for an exception there,
   * `python-worker-died`, and our own errors that a handler threw and the Python side did not catch.
   */
  async call(name: string, ...args: Json[]): Promise<Json> {
    if (this.death) throw this.death;
    this.lastCall += 1;
    const id = this.lastCall;
    const answer = this.answer(id);
    const environment = this.environment.changes();
    const umask = process.umask();
    const isChanged = umask !== this.umask;
    this.umask = umask;
    this.send({
      ...{ id, call: name, args },
      ...(environment && { environment }),
      ...(isChanged && { umask }),
    });
    return await answer;
  }

  get isAlive(): boolean {
    return this.death === undefined;
  }

  /** Lets the process end by itself, or kills it. */
  async close(): Promise<void> {
    this.input.end();
    const timer = setTimeout(this.interpreter.kill, CLOSING_TIME);
    await this.ended;
    clearTimeout(timer);
    // A leftover child process may hold its streams open.
    if (this.printed) await Promise.race([this.printed, pause(200)]);
    this.interpreter.forget();
  }

  private answer(id: number): Promise<Json> {
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  private send(message: Message | { id: number; error: Refusal }): void {
    if (this.death) return;
    const options = this.request.options?.changes();
    this.input.write(`${JSON.stringify({ ...message, ...(options && { options }) })}\n`);
  }

  private receive(line: string): void {
    if (!line.startsWith('{"id": ')) {
      this.lastWords.push(line);
      return;
    }
    const message = JSON.parse(line) as Message;
    if (message.options) this.request.options?.accept(message.options as OptionUses);
    if (message.environment) this.environment.accept(message.environment);
    if (message.call !== undefined) void this.serve(message.id, message.call, message.args ?? []);
    else this.settle(message);
  }

  private settle({ id, result, error }: Message): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else if (error.kind === "engine") waiting?.reject(this.refusals[error.key!]);
    else waiting?.reject(new PythonError(error));
  }

  private async serve(id: number, name: string, args: Json[]): Promise<void> {
    try {
      const result = await this.request.handlers[name]!(...args);
      this.send({ id, result: result ?? null });
    } catch (error) {
      const key = this.refusals.push(error) - 1;
      this.send({ id, error: refusal(error, key) });
    }
  }

  private die(error: BuildoutError): void {
    this.death = error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  private notStarted(error: NodeJS.ErrnoException): BuildoutError {
    const { executable } = this.request;
    return error.code === "ENOENT"
      ? new BuildoutError(
          "interpreter-missing",
          `There is no Python interpreter at '${executable}'.`,
        )
      : new BuildoutError("system-error", `Couldn't start ${executable}: ${error.message}`);
  }

  private died(code: number | null, signal: NodeJS.Signals | null): BuildoutError {
    const how = signal === null ? `with exit status ${code}` : `by ${signal}`;
    const words = this.lastWords.slice(0, LAST_LINES).join("\n");
    return new BuildoutError("python-worker-died", `The Python process ended ${how}.`, {
      ...(words !== "" && { output: words }),
    });
  }
}

/** Module name -> what `pick` takes of it. */
function mapped(modules: PythonModules, pick: (module: PythonModules[string]) => string) {
  return Object.fromEntries(Object.entries(modules).map(([name, one]) => [name, pick(one)]));
}

/** Calls `onLine` with each line. `node:readline` would have to be loaded, which takes three milliseconds. */
function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let open: string[] = [];
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const [end, ...others] = text.split("\n");
    open.push(end!);
    for (const start of others) {
      const line = open.join("");
      open = [start];
      onLine(line);
    }
  });
  stream.on("end", () => {
    const last = open.join("");
    if (last !== "") onLine(last);
  });
}

/** Passes on the output of a process line by line; resolves at its end. */
function printedLines(
  { stdout, stderr }: ChildProcess,
  onLine: Exclude<WorkerOutput, string>,
): Promise<unknown> {
  const streams = [["out", stdout!] as const, ["err", stderr!] as const];
  return Promise.all(
    streams.map(([name, stream]) => {
      const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
      lines.on("line", (line) => onLine(name, line));
      return once(lines, "close");
    }),
  );
}

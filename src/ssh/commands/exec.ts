import type { Readable } from "node:stream";
import type { ClientChannel, PseudoTtyOptions } from "ssh2";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import { EscapingDecoder } from "../../pythonic/surrogate-escape.ts";
import type { LocalTerminal } from "../target.ts";
import type { Transport } from "../transport.ts";
import { KeptOutput } from "./kept-output.ts";

export interface ExecOptions {
  /** The first line of the command's input, or lines, which are hidden: a secret. */
  firstLine?: string;
  /** Input of the command; empty by default. */
  input?: string | Uint8Array | NodeJS.ReadableStream;
  onStdout?(chunk: string): void;
  onStderr?(chunk: string): void;
  /** Output before decoding. */
  onBytes?(stream: "out" | "err", bytes: Buffer): void;
  /** Called after each piece of output: reading pauses until its promise resolves. */
  drained?: (() => Promise<void> | undefined) | undefined;
  /** Whether the result has all output or only its end; default all. */
  keep?: "whole" | "end";
  /** Run the command on a terminal, which merges its outputs. */
  pty?: boolean;
  /** The user's terminal: its name and size. */
  like?: Pick<LocalTerminal, "name" | "size" | "onResize">;
  /** Do not echo input on that terminal. */
  noEcho?: boolean;
  /** Seconds the command may run. */
  timeout?: number;
  signal?: AbortSignal;
  /** Fail if the host allows no further session now, instead of waiting for one. */
  onlyIfFree?: boolean;
  /** Called when the command has its session. */
  onStarted?(): void;
}

export interface ExecResult {
  stdout: string;
  stderr: string;
  /** null when the command was ended by a signal. */
  code: number | null;
  /** `SIGTERM` and so on. */
  signal?: string;
}

/** Milliseconds between TERM and KILL. */
const GRACE = 1000;

/**
 * Runs a command to its end. A status other than 0 is a result, not an error. Output is decoded as UTF-8;
 * for other bytes, see `surrogate-escape.ts`.
 *
 * @throws BuildoutError `connection-lost`, `command-timeout`, `interrupted`, `channel-refused`,
 *   `too-much-output`
 */
export function execute(
  transport: Transport,
  command: string,
  options: ExecOptions = {},
): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) return reject(transport.interrupted());
    const broken = firstError(options.input);
    const { signal, onlyIfFree } = options;
    transport
      .openCommand(command, { pty: terminal(options), signal, onlyIfFree }, (channel) => {
        follow(transport, channel, options, { broken, resolve, reject });
      })
      .catch(reject);
  });
}

/** The error of an input stream, which may come before there is a command to read it. */
function firstError(input: ExecOptions["input"]): () => unknown {
  let first: unknown;
  if (typeof input === "object" && "on" in input) {
    input.on("error", (error) => {
      first ??= error;
    });
  }
  return () => first;
}

/**
 * Feeds a newly started command and waits for its end. Over 80 lines: everything that can end it shares the
 * output so far.
 */
function follow(
  transport: Transport,
  channel: ClientChannel,
  options: ExecOptions,
  {
    broken,
    resolve,
    reject,
  }: {
    broken: () => unknown;
    resolve: (result: ExecResult) => void;
    reject: (error: unknown) => void;
  },
) {
  const { input, timeout } = options;
  if (options.onBytes !== undefined) {
    channel.on("data", (bytes: Buffer) => options.onBytes?.("out", bytes));
    channel.stderr.on("data", (bytes: Buffer) => options.onBytes?.("err", bytes));
  }
  const tooMuch = () => stop(tooMuchOutput(transport));
  const stdout = collect(channel, options, options.onStdout, tooMuch);
  const stderr = collect(channel.stderr, options, options.onStderr, tooMuch);
  const resize = () => {
    const { columns, rows } = options.like!.size();
    // Pixels only matter without characters.
    channel.setWindow(rows, columns, 0, 0);
  };
  const keepSize = options.like?.onResize(resize);
  const hurry = pace([channel, channel.stderr], options.drained);
  let source: NodeJS.ReadableStream | undefined;
  let code: number | null | undefined;
  let signal: string | undefined;
  let failure: unknown;
  let timer: NodeJS.Timeout | undefined;
  let grace: NodeJS.Timeout | undefined;

  const finish = () => {
    clearTimeout(timer);
    clearTimeout(grace);
    keepSize?.();
    options.signal?.removeEventListener("abort", abort);
    (source as Readable | undefined)?.destroy?.();
    // The status arrives before the end of the channel, unless the connection was lost.
    if (code === undefined) failure ??= transport.lost;
    if (failure !== undefined) return reject(failure);
    resolve({
      stdout: stdout(),
      stderr: stderr(),
      code: code ?? null,
      ...(signal === undefined ? {} : { signal }),
    });
  };
  const stop = (error: unknown) => {
    if (failure !== undefined) return;
    failure = error;
    hurry();
    sendSignal(channel, "TERM");
    grace = setTimeout(() => {
      sendSignal(channel, "KILL");
      channel.close();
      finish();
    }, GRACE);
  };
  const abort = () => stop(transport.interrupted());

  channel.on("exit", (status: number | null, name?: string) => {
    code = status;
    signal = name;
  });
  // It arrives with the end of standard output, which may be before that of standard error.
  channel.once("close", () => {
    if (channel.stderr.isPaused()) channel.stderr.once("end", finish);
    else finish();
  });
  channel.on("error", stop);
  options.signal?.addEventListener("abort", abort, { once: true });
  if (timeout !== undefined) {
    const message = `The command did not end within ${timeout} s on ${transport.where}`;
    const expire = () => stop(new BuildoutError("command-timeout", message));
    timer = setTimeout(expire, timeout * 1000);
  }
  if (options.signal?.aborted) return abort();

  options.onStarted?.();
  if (options.firstLine !== undefined) channel.write(`${options.firstLine}\n`);
  if (input === undefined || typeof input === "string" || input instanceof Uint8Array) {
    if (input !== undefined && input.length > 0) channel.write(input);
    endInput(channel, options);
  } else {
    source = input;
    pipeInput(input, channel, options, { broken, stop });
  }
}

function pipeInput(
  source: NodeJS.ReadableStream,
  channel: ClientChannel,
  options: ExecOptions,
  { broken, stop }: { broken: () => unknown; stop: (error: unknown) => void },
) {
  const failed = () => {
    const message = `The input of a command failed: ${messageOf(broken())}`;
    stop(new BuildoutError("input-failed", message, { cause: broken() }));
  };
  source.once("error", failed);
  if (broken() !== undefined) return failed();
  source.pipe(channel, { end: false });
  source.once("end", () => endInput(channel, options));
}

/** On a terminal, the end of input is a character: otherwise sshd hangs up on the command. */
function endInput(channel: ClientChannel, { pty }: ExecOptions) {
  if (pty) channel.write("\x04");
  else channel.end();
}

function terminal(options: ExecOptions): boolean | PseudoTtyOptions {
  const { pty = false, firstLine, noEcho, like } = options;
  if (pty && like !== undefined) {
    const { columns: cols, rows } = like.size();
    return { term: like.name, cols, rows };
  }
  return pty && (noEcho || firstLine !== undefined) ? { modes: { ECHO: 0 } } : pty;
}

/** Pauses streams while earlier data waits for a reader. Returns a function that ends this. */
function pace(streams: readonly Readable[], drained: ExecOptions["drained"]): () => void {
  let isFree = false;
  for (const stream of streams) {
    stream.on("data", () => {
      const waiting = isFree ? undefined : drained?.();
      if (waiting === undefined) return;
      stream.pause();
      void waiting.then(() => stream.resume());
    });
  }
  return () => {
    isFree = true;
    for (const stream of streams) stream.resume();
  };
}

/** Decodes a stream as it arrives. Returns a function that returns what was kept. */
function collect(
  stream: NodeJS.ReadableStream,
  { keep }: ExecOptions,
  onChunk: ((chunk: string) => void) | undefined,
  tooMuch: () => void,
) {
  const decoder = new EscapingDecoder();
  const kept = new KeptOutput(keep);
  const add = (text: string) => {
    if (text === "") return;
    if (!kept.add(text)) tooMuch();
    onChunk?.(text);
  };
  stream.on("data", (data: Buffer) => add(decoder.write(data)));
  stream.once("end", () => add(decoder.end()));
  return () => kept.text();
}

function tooMuchOutput({ where }: Pick<Transport, "where">) {
  return new BuildoutError(
    "too-much-output",
    `A command on ${where} printed too much output to keep.`,
    {
      hint: "Send its output to a file on the host, and fetch that.",
    },
  );
}

/**
 * RFC 4254, 6.9. Bypasses `channel.signal()`, which does nothing once our end of the input is closed, as
 * with almost every command.
 */
function sendSignal(channel: ClientChannel, name: "TERM" | "KILL") {
  const { outgoing, _client } = channel as unknown as {
    outgoing: { id: number; state: string };
    _client: { _protocol: { signal(id: number, name: string): void } };
  };
  if (outgoing.state === "open" || outgoing.state === "eof") {
    _client._protocol.signal(outgoing.id, name);
  }
}

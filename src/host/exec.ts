import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { ClientChannel } from "ssh2";
import { BuildoutError, messageOf } from "../error/index.ts";
import type { Transport } from "./transport.ts";

export interface ExecOptions {
  /** What the command reads; without it, it finds its input at an end. */
  input?: string | Uint8Array | NodeJS.ReadableStream;
  onStdout?(chunk: string): void;
  onStderr?(chunk: string): void;
  /** Give the command a terminal; its two outputs become one. */
  pty?: boolean;
  /** Seconds the command may run. */
  timeout?: number;
  signal?: AbortSignal;
}

export interface ExecResult {
  stdout: string;
  stderr: string;
  /** null when the command was ended by a signal. */
  code: number | null;
  /** `SIGTERM` and so on. */
  signal?: string;
}

/** How long a command may take to obey TERM before it gets KILL, milliseconds. */
const GRACE = 1000;

/**
 * Runs a command to its end. A status other than 0 is a result, no error. Output is UTF-8.
 *
 * @throws BuildoutError `connection-lost`, `command-timeout`, `interrupted`, `channel-refused`
 */
export async function execute(
  transport: Transport,
  command: string,
  options: ExecOptions = {},
): Promise<ExecResult> {
  if (options.signal?.aborted) throw interrupted(transport);
  const channel = await transport.openCommand(command, options.pty ?? false);
  return new Promise((resolve, reject) => {
    const stdout = collect(channel, options.onStdout);
    const stderr = collect(channel.stderr, options.onStderr);
    let code: number | null | undefined;
    let signal: string | undefined;
    let failure: unknown;
    let timer: NodeJS.Timeout | undefined;
    let grace: NodeJS.Timeout | undefined;

    const finish = () => {
      clearTimeout(timer);
      clearTimeout(grace);
      options.signal?.removeEventListener("abort", abort);
      if (source !== undefined) {
        source.unpipe(channel);
        if ("destroy" in source) (source as Readable).destroy();
      }
      const ended = code !== undefined || signal !== undefined;
      if (failure === undefined && !ended && transport.lost) failure = transport.lost;
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
      sendSignal(channel, "TERM");
      grace = setTimeout(() => {
        sendSignal(channel, "KILL");
        channel.close();
        finish();
      }, GRACE);
    };
    const abort = () => stop(interrupted(transport));

    channel.on("exit", (status: number | null, name?: string) => {
      code = status;
      signal = name;
    });
    channel.once("close", finish);
    channel.on("error", stop);
    options.signal?.addEventListener("abort", abort, { once: true });
    if (options.timeout !== undefined) {
      const seconds = options.timeout;
      const expired = `The command did not end within ${seconds} s on ${transport.where}`;
      timer = setTimeout(() => stop(new BuildoutError("command-timeout", expired)), seconds * 1000);
    }

    const { input } = options;
    let source: NodeJS.ReadableStream | undefined;
    if (input === undefined) channel.end();
    else if (typeof input === "string" || input instanceof Uint8Array) channel.end(input);
    else {
      source = input;
      source.once("error", (error) =>
        stop(
          new BuildoutError("input-failed", `The input of a command failed: ${messageOf(error)}`, {
            cause: error,
          }),
        ),
      );
      source.pipe(channel);
    }
  });
}

/** Decodes a stream as it comes; the result is the function that returns all of it. */
function collect(stream: NodeJS.ReadableStream, onChunk?: (chunk: string) => void) {
  const decoder = new StringDecoder("utf8");
  const chunks: string[] = [];
  const add = (text: string) => {
    if (text === "") return;
    chunks.push(text);
    onChunk?.(text);
  };
  stream.on("data", (data: Buffer) => add(decoder.write(data)));
  stream.once("end", () => add(decoder.end()));
  return () => chunks.join("");
}

/**
 * RFC 4254, 6.9. Goes past `channel.signal()`, which stays silent once our end of the input is
 * closed; and that is the case for almost every command.
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

function interrupted(transport: Transport) {
  return new BuildoutError("interrupted", `Interrupted a command on ${transport.where}`);
}

/**
 * One run at a time in a directory. The lock is a listening socket with an abstract name: it is acquired at
 * once or not at all, and disappears with the process, however that ends. A waiting process connects to it,
 * learns who holds it, and is woken by its end.
 */
import { existsSync, statSync } from "node:fs";
import { createConnection, createServer, Socket, type SocketConstructorOpts } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { LockHolder, LockRequest } from "./lock-request.ts";

/** Milliseconds that a busy holder may take to identify itself. */
const ANSWER = 1000;
/** Backlog of pending connections. */
const WAITING = 511;
/** Milliseconds between attempts if the holder is unreachable. */
const PAUSE = 50;

/** The maximum length of a name, since Node 20 pads shorter ones, and Node 22 does not. */
const NAME_LENGTH = 107;
/** For an engine whose Node does not support this (older-lock.ts); not a name for an eggs directory's lock. */
const LOCK_FILE = ".buildout-running";

/** Abstract names (unix(7)) begin with a zero byte; older versions of Node cut them off there. */
function canBeAbstract(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return process.platform === "linux" && (major > 20 || (major === 20 && minor >= 4));
}

/** What listens. */
interface Listener {
  onConnection(welcome: (socket: Socket) => void): void;
  close(): void;
}

/** Node's internal object behind a server of `node:net`. Its methods return 0 or an error's number. */
interface Pipe {
  onconnection(error: number, client: unknown): void;
  bind(path: string): number;
  listen(backlog: number): number;
  unref(): void;
  close(): void;
}

/** Undefined if Node no longer exposes it. */
function newPipe(): Pipe | undefined {
  try {
    const node = process as unknown as {
      binding(name: string): { Pipe: new (kind: number) => Pipe; constants: { SERVER: number } };
    };
    const { Pipe, constants } = node.binding("pipe_wrap");
    return new Pipe(constants.SERVER);
  } catch {
    return undefined;
  }
}

/**
 * Takes a name without `node:net`, which loads child processes and clusters to listen: a sixth of a run
 * with nothing to do. `taken`: another process has it; undefined: use the usual way.
 */
function listenAtOnce(path: string): Listener | "taken" | undefined {
  const pipe = newPipe();
  if (pipe === undefined) return undefined;
  const failed = pipe.bind(path) || pipe.listen(WAITING);
  if (failed !== 0) {
    pipe.close();
    return failed === -constants.errno.EADDRINUSE ? "taken" : undefined;
  }
  pipe.unref();
  return {
    onConnection(welcome) {
      pipe.onconnection = (error, handle) => {
        if (error === 0) welcome(new Socket({ handle } as SocketConstructorOpts));
      };
    },
    close: () => pipe.close(),
  };
}

async function listen(path: string): Promise<Listener | undefined> {
  const listener = listenAtOnce(path);
  if (listener !== undefined) return listener === "taken" ? undefined : listener;
  const server = createServer();
  return new Promise((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") done(undefined);
      else fail(error);
    });
    server.listen({ path }, () => {
      server.unref();
      done({
        onConnection: (welcome) => void server.on("connection", welcome),
        close: () => void server.close(),
      });
    });
  });
}

/** Tells connecting processes who holds the lock. Returns a function that ends this. */
function serve(listener: Listener): () => void {
  const waiting = new Set<Socket>();
  const holder: LockHolder = { pid: process.pid, since: new Date().toISOString() };
  listener.onConnection((socket) => {
    waiting.add(socket);
    socket.unref();
    socket.on("error", () => {});
    socket.on("close", () => waiting.delete(socket));
    socket.write(`${JSON.stringify(holder)}\n`);
  });
  return () => {
    listener.close();
    for (const socket of waiting) socket.destroy();
  };
}

/** Waits until the holder is gone or, after it had time to identify itself, `until` has passed. */
function waitForEnd(
  path: string,
  until: number,
  onHolder: (holder: LockHolder | undefined) => void,
): Promise<void> {
  return new Promise((done) => {
    const socket = createConnection({ path });
    let end: NodeJS.Timeout | undefined;
    const learn = (holder: LockHolder | undefined) => {
      clearTimeout(unknown);
      onHolder(holder);
      if (end !== undefined || until === Number.POSITIVE_INFINITY) return;
      end = setTimeout(() => socket.destroy(), Math.max(0, until - Date.now()));
    };
    const unknown = setTimeout(() => learn(undefined), ANSWER);
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (data: string) => {
      text += data;
      if (text.includes("\n")) learn(JSON.parse(text) as LockHolder);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(unknown);
      clearTimeout(end);
      done();
    });
  });
}

async function take(path: string, request: LockRequest): Promise<Listener> {
  const until = Date.now() + (request.wait ?? Number.POSITIVE_INFINITY);
  let holder: LockHolder | undefined;
  let told = false;
  for (;;) {
    const listener = await listen(path);
    if (listener !== undefined) return listener;
    await waitForEnd(path, until, (found) => {
      holder = found ?? holder;
      if (!told) request.onWait(holder);
      told = true;
    });
    if (told && Date.now() >= until) throw request.givenUp(holder);
    // It has just ended, or is not our engine.
    if (!told) await pause(PAUSE);
  }
}

/** Runs `action` while no other process or call does so in the directory. */
export async function aloneIn<T>(request: LockRequest, action: () => Promise<T>): Promise<T> {
  const { directory } = request;
  const { dev, ino } = statSync(directory);
  const name = `buildout-${dev}-${ino}`.padEnd(NAME_LENGTH, "-");
  const file = join(directory, LOCK_FILE);
  if (!canBeAbstract()) {
    const { aloneWithFile } = await import("./older-lock.ts");
    return await aloneWithFile(request, file, name, action);
  }
  const end = serve(await take(`\0${name}`, request));
  try {
    if (existsSync(file)) await (await import("./older-lock.ts")).untilNobodyHas(file, request);
    return await action();
  } finally {
    end();
  }
}

/**
 * The lock of a buildout folder on a host. flock(1) holds it there for a program that runs as long as
 * this end keeps its input open; the kernel frees it with that program, whatever ended it.
 */
import { createInterface } from "node:readline";
import type { Duplex, Readable } from "node:stream";
import { BuildoutError } from "../../errors/error.ts";
import { quoteAll } from "../../ssh/commands/quote.ts";
import { underSh, withWords } from "../../ssh/commands/shell-program.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { type HostFacts, parseFacts, remotePath } from "./probe.ts";
import holdByHandProgram from "./programs/hold-by-hand.sh?raw";
import holdLock from "./programs/hold-lock.sh?raw";
import lockState from "./programs/lock-state.sh?raw";
import probeFunction from "./programs/probe-function.sh?raw";
import releaseLock from "./programs/release-lock.sh?raw";

/** Status of a command that finds a host locked: EX_TEMPFAIL of sysexits.h. */
const TRY_AGAIN_LATER = 75;

/** Somebody who has a lock, as noted on the host. */
export interface Holder {
  who: string;
  /** What is done: commands, a release, or the reason of a hold by hand. */
  what: string;
  /** When it began, by the host's clock: ISO 8601. */
  since: string;
  /** On the host; empty for a hold by hand. */
  pid: string;
}

/** What there is about the lock of one folder. */
export interface LockState {
  /** The deployment that has it. */
  deployment: Holder | undefined;
  /** A build whose deployer may have gone. */
  build: Holder | undefined;
  /** Somebody keeps deployments out until further notice. */
  hold: Holder | undefined;
}

/** Who asks for a lock, and for how long. */
export interface LockRequest {
  /** The part, for messages. */
  name: string;
  /** Folder and cache of the buildout; either may begin with a tilde. */
  path: string;
  cache: string;
  who: string;
  what: string;
  /** Seconds to wait for another deployment. */
  wait: number;
  signal: AbortSignal;
  onWait(text: string): void;
  /** Another connection of the same user, for a host that allows one session on each. */
  another(): Promise<HostConnection>;
}

/** The time from taking a lock to giving it back. */
export interface HeldLock {
  /** Whether the host still has it for us. */
  readonly isHeld: boolean;
  /** Gives the lock back; returns when the host has freed it. */
  release(): Promise<void>;
}

/**
 * Takes the lock of a buildout folder and looks at the folder under it. There is no lock where there
 * is no folder yet that the user may write.
 *
 * @throws BuildoutError `host-locked`, `flock-missing`, `lock-failed`, `connection-lost`
 */
export async function takeLock(
  connection: HostConnection,
  request: LockRequest,
): Promise<{ lock: HeldLock | undefined; facts: Omit<HostFacts, "buildoutUser"> }> {
  const { name, signal, onWait } = request;
  const program = await startProgram(connection, request, String(request.wait));
  const end = () => program.channel.destroy();
  signal.addEventListener("abort", end, { once: true });
  let said: string[] = [];
  let told = "";
  try {
    for (;;) {
      const line = await program.next();
      if (line === "locked") {
        return { lock: new Lock(connection, program, request), facts: parseFacts(said) };
      }
      if (line === "unlocked") return { lock: undefined, facts: parseFacts(said) };
      if (line === "no-flock") throw flockMissing(name);
      if (line === "busy" || line === "held") throw locked(name, said);
      if (line === undefined) throw lockFailed(name, await program.errors);
      if (line === "waiting" || line === "building") {
        const text = describeHolders(name, stateOf(said))[0] ?? "";
        if (text !== told) onWait(`${text}; waiting for it to end`);
        told = text;
        said = [];
      } else said.push(line);
    }
  } catch (error) {
    program.channel.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** programs/hold-lock.sh while it runs on the host. */
interface LockProgram {
  channel: Duplex;
  /** The next line that it prints; undefined at its end. */
  next(): Promise<string | undefined>;
  /** What it has said of errors, known at its end. */
  errors: Promise<string>;
}

async function startProgram(
  connection: HostConnection,
  { path, cache, who, what }: LockRequest,
  wait: string,
): Promise<LockProgram> {
  const words = `${remotePath(path)} ${remotePath(cache)} ${quoteAll([who, what, wait])}`;
  const channel = await connection.open(underSh(withWords(`${probeFunction}${holdLock}`, words)));
  const lines = createInterface({ input: channel })[Symbol.asyncIterator]();
  return {
    channel,
    next: async () => ((await lines.next()) as IteratorResult<string, undefined>).value,
    errors: textOf(channel.stderr),
  };
}

/** A lock that its program keeps. On a host that allows one session it gets a connection of its own. */
class Lock implements HeldLock {
  readonly #request: LockRequest;
  #program: LockProgram;
  #closed: Promise<void>;
  #moving: Promise<void> | undefined;
  #own: HostConnection | undefined;
  isHeld = true;

  constructor(connection: HostConnection, program: LockProgram, request: LockRequest) {
    this.#request = request;
    this.#program = program;
    this.#closed = this.#follow(program);
    connection.onCrowded(() => {
      this.#moving ??= this.#move();
    });
  }

  async release(): Promise<void> {
    await this.#moving;
    this.#program.channel.end();
    await this.#closed;
    await this.#own?.close();
  }

  #follow(program: LockProgram): Promise<void> {
    return new Promise((resolve) => {
      program.channel.once("close", () => {
        if (this.#program === program) this.isHeld = false;
        resolve();
      });
    });
  }

  /** The second program is in line for the lock before the first one gives it back. */
  async #move(): Promise<void> {
    try {
      this.#own = await this.#request.another();
      const next = await startProgram(this.#own, this.#request, "handover");
      if ((await next.next()) !== "waiting")
        throw lockFailed(this.#request.name, await next.errors);
      const former = this.#program;
      this.#program = next;
      const followed = this.#follow(next);
      former.channel.end();
      await this.#closed;
      this.#closed = followed;
      if ((await next.next()) !== "locked") this.isHeld = false;
    } catch {
      // The commands that wait go on without the lock no further than to the next that needs it.
      this.isHeld = false;
      this.#program.channel.end();
    }
  }
}

/**
 * Asks who has the lock of a folder; nothing is changed.
 *
 * @throws BuildoutError `flock-missing`
 */
export async function readLock(
  connection: HostConnection,
  name: string,
  path: string,
): Promise<LockState> {
  const { stdout } = await connection.sh(withWords(lockState, remotePath(path)));
  const said = stdout.split("\n");
  if (said.includes("no-flock")) throw flockMissing(name);
  return stateOf(said);
}

/**
 * Keeps all deployments out until the lock is released.
 *
 * @throws BuildoutError `host-locked` where somebody does so already, `lock-failed`
 */
export async function holdByHand(
  connection: HostConnection,
  { name, path, who, reason }: { name: string; path: string; who: string; reason: string },
): Promise<void> {
  const words = `${remotePath(path)} ${quoteAll([who, reason])}`;
  const result = await connection.sh(withWords(holdByHandProgram, words));
  if (result.code === 3) throw locked(name, result.stdout.split("\n"));
  if (result.code !== 0) throw lockFailed(name, result.stderr);
}

/** Takes a hold by hand away; with `force` also the lock of a deployment, which fails then. */
export async function freeLock(
  connection: HostConnection,
  { name, path, force }: { name: string; path: string; force: boolean },
): Promise<void> {
  const words = `${remotePath(path)} ${force ? "yes" : "no"}`;
  const result = await connection.sh(withWords(releaseLock, words));
  if (result.code !== 0) throw lockFailed(name, result.stderr);
}

/** Who has the lock, in words, the one that matters most first; empty where it is free. */
export function describeHolders(name: string, { deployment, build, hold }: LockState): string[] {
  const time = ({ since }: Holder) => since.replace(/^(.*)T(.*)Z$/, "$1 $2 UTC");
  return [
    ...(hold ? [`${name} is held by ${hold.who} since ${time(hold)}: ${hold.what}`] : []),
    ...(deployment
      ? [
          `${name} is locked by ${deployment.who} since ${time(deployment)} (${deployment.what}, pid ${deployment.pid} on the host)`,
        ]
      : []),
    ...(build
      ? [
          `A build of release ${build.what} still runs on ${name} since ${time(build)} ('kill ${build.pid}' there ends it)`,
        ]
      : []),
  ];
}

function stateOf(said: readonly string[]): LockState {
  return {
    hold: holder(said, "hold"),
    deployment: holder(said, "owner"),
    build: holder(said, "build"),
  };
}

/** What `said` tells of one of them: lines such as `owner-pid=811`. */
function holder(said: readonly string[], kind: string): Holder | undefined {
  const lines = said.filter((line) => line.startsWith(`${kind}-`));
  if (lines.length === 0) return undefined;
  const value = (key: string) => {
    const head = `${kind}-${key}=`;
    return lines.find((line) => line.startsWith(head))?.slice(head.length) ?? "";
  };
  return { who: value("who"), what: value("what"), since: value("since"), pid: value("pid") };
}

async function textOf(stream: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

function locked(name: string, said: readonly string[]): BuildoutError {
  const state = stateOf(said);
  const [text = `${name} is locked by somebody`] = describeHolders(name, state);
  return new BuildoutError("host-locked", text.replace(/(?<![.!?])$/, "."), {
    hint:
      state.hold === undefined
        ? "Try again when it has ended, or wait for it with --lock-wait."
        : `'bin/hostout ${name} lock release' lets deployments in again.`,
    exitStatus: TRY_AGAIN_LATER,
  });
}

function flockMissing(name: string): BuildoutError {
  return new BuildoutError(
    "flock-missing",
    `${name} has no flock, which keeps deployments apart.`,
    {
      hint: "It comes with util-linux and with BusyBox: install one of them there.",
    },
  );
}

function lockFailed(name: string, output: string): BuildoutError {
  return new BuildoutError("lock-failed", `The lock of ${name} cannot be taken or given back.`, {
    output,
  });
}

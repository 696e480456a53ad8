/**
 * The lock of a buildout directory on a host. flock(1) holds it for a program that runs as long as this end
 * keeps its input open; the kernel frees it when that program ends, for whatever reason. Over 300 lines: taking,
 * reading and freeing it share the words of its programs.
 */
import { PassThrough } from "node:stream";
import { BuildoutError } from "../../errors/error.ts";
import type { ExecResult } from "../../ssh/commands/exec.ts";
import { quoteAll } from "../../ssh/commands/quote.ts";
import { withWords } from "../../ssh/commands/shell-program.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { describeHolders, type LockState, lockState } from "./lock-state.ts";
import { outputLines } from "./output-lines.ts";
import { type HostFacts, parseFacts, probeFunctions, remotePath, type Wanted } from "./probe.ts";
import auditProgram from "./programs/audit.sh?raw";
import holdByHandProgram from "./programs/hold-by-hand.sh?raw";
import holdLock from "./programs/hold-lock.sh?raw";
import lockFunctions from "./programs/lock-functions.sh?raw";
import lockStateProgram from "./programs/lock-state.sh?raw";
import ownerFunctions from "./programs/owner-functions.sh?raw";
import releaseLock from "./programs/release-lock.sh?raw";
import { stateDamaged } from "./release-state.ts";
import { SET_UP_FUNCTIONS, type SetUp, setUpWords } from "./set-up.ts";

const LOCK_FUNCTIONS = `${lockFunctions}${ownerFunctions}`;
/** Exit status for a locked host: EX_TEMPFAIL of sysexits.h. */
const TRY_AGAIN_LATER = 75;

/** How a deployment appears to others that find its lock, and how long it waits itself. */
export interface Purpose {
  /** `ann@ci-7` */
  who: string;
  /** The commands. */
  what: string;
  /** The same for all hosts of one call of the command line. */
  run: string;
  /** Seconds to wait for another deployment; undefined: only wait for an orphaned build. */
  wait: number | undefined;
}

export interface LockRequest extends Purpose {
  /** The part, for messages. */
  name: string;
  /** Directory and cache of the buildout; either may start with a tilde. */
  path: string;
  cache: string;
  /** Whether to inspect the releases, too. */
  releases: Wanted;
  /** To do before the host is inspected, under the lock as far as possible. */
  setUp: SetUp | undefined;
  signal: AbortSignal;
  onNote(text: string): void;
  /** Another connection of the same user, for hosts that allow only one session per connection. */
  another(): Promise<HostConnection>;
}

/** A held lock. */
export interface HeldLock {
  /** Whether we still hold it. */
  readonly isHeld: boolean;
  /** Shows others the current activity. */
  note(what: string): void;
  /** Releases the lock; resolves when the host has freed it. */
  release(): Promise<void>;
}

export interface Taken {
  /** Undefined if there is no writable directory yet. */
  lock: HeldLock | undefined;
  /** The state of the host under the lock; undefined if the set-up failed. */
  facts: Omit<HostFacts, "buildoutUser"> | undefined;
}

/** @throws BuildoutError `host-locked`, `flock-missing`, `lock-failed`, `state-damaged`, `connection-lost` */
export function takeLock(connection: HostConnection, request: LockRequest): Promise<Taken> {
  const { name, signal, setUp } = request;
  return new Promise((resolve, reject) => {
    const waiting = new AbortController();
    const interrupt = () => waiting.abort();
    const done = <T>(settle: (value: T) => void, value: T) => {
      signal.removeEventListener("abort", interrupt);
      settle(value);
    };
    signal.addEventListener("abort", interrupt);
    let told = "";
    const program = start(
      connection,
      { ...request, wait: String(request.wait ?? "") },
      waiting.signal,
      {
        locked: (said) => {
          setUp?.end();
          const lock = new Lock(connection, program, request);
          done(resolve, { lock, facts: parseFacts(said) });
        },
        unlocked: (said) => done(resolve, { lock: undefined, facts: parseFacts(said) }),
        foreign: (said) => done(reject, stateDamaged(parseFacts(said).foreign ?? name)),
        "no-flock": () => done(reject, flockMissing(name)),
        busy: (said) => done(reject, locked(name, lockState(said))),
        held: (said) => done(reject, locked(name, lockState(said))),
        waiting: (said) => {
          const [text = `${name} is locked`] = describeHolders(name, lockState(said));
          if (text !== told) request.onNote(`${text}; waiting for it to end`);
          told = text;
        },
        ...setUp?.reactions,
      },
    );
    const end = (result: ExecResult) => {
      if (setUp?.stage === undefined) return done(reject, lockFailed(name, result.stderr));
      setUp.end(result);
      done(resolve, { lock: undefined, facts: undefined });
    };
    // No effect if its output has settled the promise.
    program.ended.then(end, (error) => done(reject, error));
  });
}

/** programs/hold-lock.sh while it runs on the host. */
interface LockProgram {
  input: PassThrough;
  ended: Promise<ExecResult>;
}

/** What to do with the lines before each word that the program prints. */
type Reactions = Readonly<Record<string, (said: readonly string[]) => void>>;

function start(
  connection: HostConnection,
  {
    path,
    cache,
    releases,
    who,
    what,
    run,
    wait,
    setUp,
  }: Omit<LockRequest, "wait"> & {
    wait: string;
  },
  signal: AbortSignal,
  reactions: Reactions,
): LockProgram {
  const own = [who, what, run, wait, releases].map((word) => word.replace(/\s+/g, " "));
  const words = quoteAll([...own, ...(setUp ? setUpWords(setUp.engine) : [])]);
  const program = withWords(
    `${LOCK_FUNCTIONS}${probeFunctions(releases)}${setUp ? SET_UP_FUNCTIONS : ""}${holdLock}`,
    `${remotePath(path)} ${remotePath(cache)} ${words}`,
  );
  let said: string[] = [];
  const lines = outputLines((line) => {
    if (!Object.hasOwn(reactions, line)) return void said.push(line);
    reactions[line]!(said);
    said = [];
  });
  const input = new PassThrough();
  if (setUp?.engine !== undefined) input.write(setUp.engine.packed);
  const ended = connection.sh(program, { input, signal, keep: "end", onStdout: lines.push });
  return { input, ended };
}

/** A lock held by its program; on a host that allows only one session, in a separate connection. */
class Lock implements HeldLock {
  readonly #request: LockRequest;
  #program: LockProgram;
  #moving: Promise<void> | undefined;
  #own: HostConnection | undefined;
  #what: string | undefined;
  isHeld = true;

  constructor(connection: HostConnection, program: LockProgram, request: LockRequest) {
    this.#request = request;
    this.#program = program;
    this.#follow(program);
    connection.onCrowded(() => {
      this.#moving ??= this.#move(connection);
    });
  }

  note(what: string): void {
    this.#what = what;
    this.#program.input.write(`${what}\n`);
  }

  async release(): Promise<void> {
    await this.#moving;
    const { input, ended } = this.#program;
    input.end();
    await ended.catch(() => {});
    await this.#own?.close();
  }

  #follow(program: LockProgram): void {
    const end = () => {
      if (this.#program === program) this.isHeld = false;
    };
    program.ended.then(end, end);
  }

  /** The second program takes over before the first one ends. */
  async #move(connection: HostConnection): Promise<void> {
    const { signal, onNote, name } = this.#request;
    try {
      const own = await this.#request.another();
      this.#own = own;
      await new Promise<void>((resolve, reject) => {
        const handover = { ...this.#request, wait: "handover", setUp: undefined };
        const next = start(own, handover, signal, {
          waiting: () => {
            const former = this.#program;
            this.#program = next;
            former.input.end();
          },
          locked: () => {
            if (this.#what !== undefined) this.note(this.#what);
            resolve();
          },
        });
        next.ended.then(({ stderr }) => reject(lockFailed(name, stderr)), reject);
        this.#follow(next);
      });
    } catch (error) {
      this.isHeld = false;
      onNote(
        `The lock of ${name} needs a second connection, which failed: ${(error as Error).message}`,
      );
      // Commands that wait for a session must not run without the lock.
      await connection.close();
    }
  }
}

/**
 * Asks who holds the lock of a directory; changes nothing.
 *
 * @throws BuildoutError `flock-missing`, `lock-failed`
 */
export async function readLock(
  connection: HostConnection,
  name: string,
  path: string,
): Promise<LockState> {
  const program = withWords(`${LOCK_FUNCTIONS}${lockStateProgram}`, remotePath(path));
  const { code, stdout, stderr } = await connection.sh(program);
  const said = stdout.split("\n");
  if (said.includes("no-flock")) throw flockMissing(name);
  if (code !== 0) throw lockFailed(name, stderr);
  return lockState(said);
}

/** The host's records of manual locks: lines of its log, and `hold-KEY=VALUE` for the current one. */
export async function readHolds(
  connection: HostConnection,
  name: string,
  path: string,
): Promise<string[]> {
  const program = withWords(`${LOCK_FUNCTIONS}${auditProgram}`, remotePath(path));
  const { code, stdout, stderr } = await connection.sh(program);
  if (code !== 0) throw lockFailed(name, stderr);
  return stdout.split("\n");
}

/**
 * Locks out all deployments until the lock is released.
 *
 * @throws BuildoutError `host-locked` if somebody has already done so, `lock-failed`
 */
export async function holdByHand(
  connection: HostConnection,
  { name, path, who, reason }: { name: string; path: string; who: string; reason: string },
): Promise<void> {
  const text = reason.replace(/\s+/g, " ");
  const line = JSON.stringify({ event: "hold", start: null, who, reason: text });
  const words = `${remotePath(path)} ${quoteAll([who, text, line])}`;
  const program = withWords(`${LOCK_FUNCTIONS}${holdByHandProgram}`, words);
  const result = await connection.sh(program);
  if (result.code === 3) throw locked(name, lockState(result.stdout.split("\n")));
  if (result.code !== 0) throw lockFailed(name, result.stderr);
}

/** Allows deployments again; with `force`, one that holds the lock loses it and fails. */
export async function freeLock(
  connection: HostConnection,
  { name, path, who, force }: { name: string; path: string; who: string; force: boolean },
): Promise<void> {
  const line = JSON.stringify({ event: "free", start: null, who, ...(force && { force }) });
  const words = `${remotePath(path)} ${quoteAll([force ? "yes" : "no", line])}`;
  const result = await connection.sh(withWords(`${LOCK_FUNCTIONS}${releaseLock}`, words));
  if (result.code !== 0) throw lockFailed(name, result.stderr);
}

function locked(name: string, state: LockState): BuildoutError {
  const [text = `${name} is locked`] = describeHolders(name, state);
  return new BuildoutError("host-locked", text.replace(/(?<![.!?])$/, "."), {
    hint:
      state.hold === undefined
        ? "Try again later, or wait for it with --lock-wait."
        : `Run 'bin/hostout ${name} lock release' to allow deployments again.`,
    exitStatus: TRY_AGAIN_LATER,
  });
}

function flockMissing(name: string): BuildoutError {
  return new BuildoutError(
    "flock-missing",
    `${name} has no flock, which is needed to lock deployments.`,
    { hint: "Install util-linux or BusyBox there." },
  );
}

function lockFailed(name: string, output: string): BuildoutError {
  return new BuildoutError("lock-failed", `The lock of ${name} cannot be acquired or released.`, {
    hint: "The buildout user must be able to write in .hostout of the path: 'setowners' fixes that.",
    output: output.trim(),
  });
}

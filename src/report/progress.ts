import {
  durationText,
  fitted,
  type Size,
  type Tally,
  type Transfer,
  tableRows,
  transferText,
  type Work,
} from "./progress-text.ts";
import { MeasuredTransfer } from "./transfer-rate.ts";

interface Terminal {
  write(text: string): void;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

interface Wait {
  text: string;
  line?: string;
  /** Time of the last output. */
  heard: number;
  began: number;
  transfer?: MeasuredTransfer;
}

/** Milliseconds of silence before the status is shown. */
const LONG = 3000;
/** The same before the table of several hosts: quick runs need none. */
const SHORT = 500;
const TICK = 1000;
/** Milliseconds between redraws. */
const INTERVAL = 100;
/** The default if a terminal does not know its size. */
const USUAL_SIZE: Size = { columns: 80, rows: 24 };

/** `stream`, if lines on it can be redrawn. */
export function drawable(stream: Terminal, env: NodeJS.ProcessEnv): Terminal {
  return env.TERM === "dumb" ? { write: () => {} } : stream;
}

/**
 * The last lines of a terminal: a transfer, or work that has taken some seconds; with `table`, a line for
 * each running host. They are cleared before any other output, and never shown if output goes to a file.
 */
export class StatusLine {
  readonly #terminal: Terminal;
  readonly #tally: Tally | undefined;
  readonly #waits = new Map<string, Wait>();
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #drawn = 0;
  #isShown = false;
  #pauses = 0;

  /** `hosts`: the number of hosts in a table; for one or none, there is a single line. */
  constructor(terminal: Terminal, hosts = 1) {
    this.#terminal = terminal;
    this.#tally = hosts > 1 ? { total: hosts, done: 0, failed: 0 } : undefined;
  }

  /** `who`, a host or undefined, started `text`, which may take a while, at `since`. */
  wait(who: string, text: string, since = Date.now()): void {
    if (this.#terminal.isTTY !== true) return;
    const began = this.#waits.get(who)?.began ?? since;
    this.#waits.set(who, { text, heard: since, began });
    this.#timer ??= setInterval(() => this.#tick(), TICK).unref();
    if (this.#tally !== undefined) this.#drawSoon();
  }

  /** There was a sign of life from `who`, with `line` if it printed one: restarts the wait. */
  heard(who: string, line?: string): void {
    const wait = this.#waits.get(who);
    if (wait === undefined) return;
    wait.heard = Date.now();
    delete wait.transfer;
    if (line !== undefined && line.trim() !== "") wait.line = line;
  }

  /** `who` is done. */
  done(who: string): void {
    this.#waits.delete(who);
  }

  /** A host has finished. */
  ended(who: string, ok: boolean): void {
    this.done(who);
    if (this.#tally === undefined) return;
    if (ok) this.#tally.done++;
    else this.#tally.failed++;
  }

  transfer(who: string, transfer: Transfer): void {
    if (this.#terminal.isTTY !== true) return;
    const now = Date.now();
    const wait = this.#waits.get(who) ?? { text: transfer.name, heard: now, began: now };
    this.#waits.set(who, wait);
    wait.heard = now;
    wait.transfer = MeasuredTransfer.after(wait.transfer, transfer, now);
    if (this.#tally !== undefined) this.#drawSoon();
    else if (now - this.#drawn >= INTERVAL) this.#show([this.#fitted(transferText(wait.transfer))]);
  }

  /** Clears the lines for other output. */
  clear(): void {
    if (this.#isShown) this.#terminal.write("\r\u001b[J");
    this.#isShown = false;
    if (this.#tally !== undefined && this.#waits.size > 0) this.#drawSoon();
  }

  /** Releases the terminal until the returned function is called. */
  pause(): () => void {
    this.clear();
    this.#pauses++;
    return () => {
      this.#pauses--;
      for (const who of this.#waits.keys()) this.heard(who);
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#waits.clear();
    this.clear();
    clearTimeout(this.#soon);
  }

  #drawSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#table();
    }, INTERVAL).unref();
  }

  #table(): void {
    const now = Date.now();
    const works: Work[] = [...this.#waits].map(([who, { began, ...wait }]) => {
      return { ...wait, who, seconds: Math.floor((now - began) / 1000) };
    });
    const isLong = [...this.#waits.values()].some(({ began }) => now - began >= SHORT);
    if (isLong) this.#show(tableRows(works, this.#tally!, this.#size()));
  }

  #tick(): void {
    if (this.#tally !== undefined) {
      this.#table();
      return;
    }
    const now = Date.now();
    const long = [...this.#waits].filter(([, { heard }]) => now - heard >= LONG);
    const [first] = long;
    if (first === undefined || now - this.#drawn < TICK / 2) return;
    const [who, { text, heard }] = first;
    const end = ` (${durationText(Math.floor((now - heard) / 1000))})`;
    this.#show([this.#fitted(who === "" ? text : `${who}: ${text}`, end)]);
  }

  #fitted(text: string, end = ""): string {
    return fitted(text, end, this.#size().columns);
  }

  #size(): Size {
    const { columns, rows } = this.#terminal;
    return { columns: columns || USUAL_SIZE.columns, rows: rows || USUAL_SIZE.rows };
  }

  #show(lines: readonly string[]): void {
    if (this.#terminal.isTTY !== true || this.#pauses > 0) return;
    this.#drawn = Date.now();
    this.#isShown = true;
    const up = lines.length > 1 ? `\u001b[${lines.length - 1}A` : "";
    // Move the cursor back: the next output overwrites the lines.
    this.#terminal.write(`\r\u001b[J${lines.join("\n")}${up}\r`);
  }
}

import { bytesText } from "../system/bytes.ts";

interface Terminal {
  write(text: string): void;
  isTTY?: boolean;
  columns?: number;
}

interface Transfer {
  name: string;
  bytes: number;
  total: number;
}

interface Wait {
  text: string;
  since: number;
}

/** Milliseconds of silence after which a person wants to know what is going on. */
const LONG = 3000;
const TICK = 1000;
const TRANSFER_INTERVAL = 100;

/**
 * The last line of a terminal: a transfer, or what has been waited for for some seconds. It is gone
 * when anything else is said, and there is none where output goes to a file.
 */
export class StatusLine {
  readonly #terminal: Terminal;
  readonly #waits = new Map<string, Wait>();
  #timer: NodeJS.Timeout | undefined;
  #drawn = 0;
  #isShown = false;
  #pauses = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** `who`, a host or nobody in particular, may take a while for `text` from `since` on. */
  wait(who: string, text: string, since = Date.now()): void {
    if (this.#terminal.isTTY !== true) return;
    this.#waits.set(who, { text, since });
    this.#timer ??= setInterval(() => this.#tick(), TICK).unref();
  }

  /** `who` was heard of: the wait begins anew. */
  heard(who: string): void {
    const wait = this.#waits.get(who);
    if (wait !== undefined) wait.since = Date.now();
  }

  /** `who` is done. */
  done(who: string): void {
    this.#waits.delete(who);
  }

  transfer({ name, bytes, total }: Transfer): void {
    if (Date.now() - this.#drawn < TRANSFER_INTERVAL) return;
    const percent = total === 0 ? 100 : Math.floor((bytes / total) * 100);
    this.#show(`${name} ${percent}% of ${bytesText(total)}`);
  }

  /** Makes place for something else. */
  clear(): void {
    if (this.#isShown) this.#terminal.write("\r\u001b[K");
    this.#isShown = false;
  }

  /** Leaves the terminal to somebody else until the returned function is called. */
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
  }

  #tick(): void {
    const now = Date.now();
    const long = [...this.#waits].filter(([, { since }]) => now - since >= LONG);
    const [first] = long;
    if (first === undefined || now - this.#drawn < TICK / 2) return;
    const seconds = Math.floor((now - Math.min(...long.map(([, { since }]) => since))) / 1000);
    const [who, { text }] = first;
    const one = who === "" ? text : `${who}: ${text}`;
    const what = long.length === 1 ? one : `Waiting for ${long.map(([name]) => name).join(", ")}`;
    this.#show(what, ` (${seconds} s)`);
  }

  #show(text: string, end = ""): void {
    if (this.#terminal.isTTY !== true || this.#pauses > 0) return;
    this.#drawn = Date.now();
    this.#isShown = true;
    // A terminal may not know its width.
    const width = Math.max((this.#terminal.columns || 80) - 1 - end.length, 1);
    const line = printable(text);
    const shown = line.length > width ? `${line.slice(0, width - 1)}…` : line;
    // The cursor goes back to the beginning: whatever is printed next covers the line.
    this.#terminal.write(`\r\u001b[K${shown}${end}\r`);
  }
}

/** The first line without control characters: a terminal would act on them. */
function printable(text: string): string {
  return text
    .trim()
    .replace(/[\r\n][\s\S]*$/, "")
    .replace(/\p{Cc}/gu, " ");
}

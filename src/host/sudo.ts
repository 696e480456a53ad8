import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { BuildoutError } from "../error/index.ts";
import { type ExecOptions, type ExecResult, execute } from "./exec.ts";
import { quoteAll } from "./quote.ts";
import type { Transport } from "./transport.ts";

export interface SudoOptions extends ExecOptions {
  /** Default root. */
  user?: string;
  /** Called only if sudo asks. */
  password?: string | (() => Promise<string>);
}

/**
 * Runs a shell command as another user through sudo(8), in one round trip: sudo asks for the
 * password with a prompt of ours if it needs one at all, and gets it over its standard input. A
 * second mark tells that the command has begun; only then it gets its own input.
 *
 * @throws BuildoutError `sudo-password-missing`, `sudo-password-wrong`, `sudo-refused`, and those
 *   of `execute`
 */
export async function sudo(
  transport: Transport,
  command: string,
  options: SudoOptions,
): Promise<ExecResult> {
  const { user = "root", password, ...execOptions } = options;
  const nonce = randomBytes(8).toString("hex");
  const prompt = `password-${nonce}:`;
  const begun = `begun-${nonce}:`;
  const script = `printf %s ${begun} >&2\n${command}`;
  const words = ["sudo", "-S", "-H", "-p", prompt, "-u", user, "--", "/bin/sh", "-c", script];

  const input = new PassThrough();
  let asked = false;
  let hasBegun = false;
  let failure: unknown;
  const giveUp = (error: unknown) => {
    failure ??= error;
    // sudo gives up when its input ends.
    input.end();
  };
  const onMark = (mark: string) => {
    if (mark === begun) {
      hasBegun = true;
      sendInput(input, options.input);
    } else if (asked) {
      giveUp(wrongPassword(transport, user));
    } else {
      asked = true;
      answer(password).then((typed) => {
        if (typed === undefined) giveUp(missingPassword(transport, user));
        else input.write(`${typed}\n`);
      }, giveUp);
    }
  };
  const marks = [prompt, begun];
  const stdout = new MarkFilter(marks, onMark, options.onStdout);
  const stderr = new MarkFilter(marks, onMark, options.onStderr);

  const result = await execute(transport, quoteAll(words), {
    ...execOptions,
    input,
    onStdout: (chunk) => stdout.add(chunk),
    onStderr: (chunk) => stderr.add(chunk),
  });
  const output = { stdout: stdout.end(), stderr: stderr.end() };
  if (failure !== undefined) throw failure;
  if (!hasBegun && result.code !== null) {
    throw new BuildoutError("sudo-refused", `sudo did not run on ${transport.where}`, {
      hint: `Is sudo installed there, and may this user run commands as '${user}'?`,
      output: (output.stderr + output.stdout).trim(),
    });
  }
  return { ...result, ...output };
}

async function answer(password: SudoOptions["password"]): Promise<string | undefined> {
  return typeof password === "function" ? password() : password;
}

function sendInput(to: PassThrough, input: ExecOptions["input"]) {
  if (input === undefined) to.end();
  else if (typeof input === "string" || input instanceof Uint8Array) to.end(input);
  else input.pipe(to);
}

/** Takes marks out of a stream of text, also those cut in two, and passes on the rest. */
class MarkFilter {
  readonly #marks: string[];
  readonly #onMark: (mark: string) => void;
  readonly #onText: ((text: string) => void) | undefined;
  readonly #texts: string[] = [];
  #held = "";

  constructor(
    marks: string[],
    onMark: (mark: string) => void,
    onText: ((text: string) => void) | undefined,
  ) {
    this.#marks = marks;
    this.#onMark = onMark;
    this.#onText = onText;
  }

  add(chunk: string): void {
    this.#held += chunk;
    for (;;) {
      const found = this.#marks
        .map((mark) => ({ mark, at: this.#held.indexOf(mark) }))
        .filter(({ at }) => at >= 0)
        .sort((a, b) => a.at - b.at)[0];
      if (found === undefined) break;
      this.#pass(found.at);
      this.#held = this.#held.slice(found.mark.length);
      this.#onMark(found.mark);
    }
    this.#pass(this.#held.length - this.#beginningOfMark());
  }

  /** All text without the marks. */
  end(): string {
    this.#pass(this.#held.length);
    return this.#texts.join("");
  }

  #pass(length: number) {
    if (length === 0) return;
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.#texts.push(text);
    this.#onText?.(text);
  }

  /** How many characters at the end could be the beginning of a mark. */
  #beginningOfMark(): number {
    const lengths = this.#marks.map((mark) => {
      let length = Math.min(mark.length - 1, this.#held.length);
      while (length > 0 && !this.#held.endsWith(mark.slice(0, length))) length--;
      return length;
    });
    return Math.max(...lengths);
  }
}

function wrongPassword(transport: Transport, user: string) {
  return new BuildoutError(
    "sudo-password-wrong",
    `Wrong password for sudo (as '${user}') on ${transport.where}`,
    { hint: "sudo asks for the password of the user that logs in." },
  );
}

function missingPassword(transport: Transport, user: string) {
  return new BuildoutError(
    "sudo-password-missing",
    `sudo on ${transport.where} asks for a password to become '${user}'`,
    {
      hint: "Set a password for the host, run on a terminal, or allow it without one in sudoers (NOPASSWD).",
    },
  );
}

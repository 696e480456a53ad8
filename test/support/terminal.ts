import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { quoteAll } from "../../src/ssh/commands/quote.ts";

/** A program on a terminal of its own, made by script(1). */
export interface OnTerminal {
  /** All that it has shown. */
  output(): string;
  /** Resolves when `text` is shown after the text that the last call waited for. */
  shows(text: string): Promise<void>;
  /** Types a line. */
  type(text: string): void;
  /** Sends keys as they are. */
  press(keys: string): void;
  status: Promise<number | null>;
}

/** Ends with the test. */
export function onTerminal(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string | undefined> },
): OnTerminal {
  const child = spawn("script", ["-qefc", quoteAll([program, ...args]), "/dev/null"], options);
  onTestFinished(() => void child.kill());
  let output = "";
  let seen = 0;
  let changed = () => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    changed();
  });
  const status = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve(code);
      changed();
    });
  });
  return {
    output: () => output,
    shows: (text) =>
      new Promise((resolve, reject) => {
        changed = () => {
          const at = output.indexOf(text, seen);
          if (at >= 0) {
            seen = at + text.length;
            resolve();
          } else if (child.exitCode !== null) {
            reject(new Error(`ended without '${text}': ${output}`));
          }
        };
        changed();
      }),
    type: (text) => child.stdin.write(`${text}\r`),
    press: (keys) => child.stdin.write(keys),
    status,
  };
}

import type { ExecResult } from "../../ssh/commands/exec.ts";

/** How a command ended. As a string, it is the command's output. */
export class CommandResult {
  readonly command: string;
  /** Without trailing line breaks. */
  readonly stdout: string;
  readonly stderr: string;
  /** 128 or more if a signal ended it and its number is unknown. */
  readonly returnCode: number;

  constructor(command: string, { stdout, stderr, code }: ExecResult) {
    this.command = command;
    this.stdout = stdout.replace(/[\r\n]+$/, "");
    this.stderr = stderr.replace(/[\r\n]+$/, "");
    this.returnCode = code ?? 128;
  }

  get succeeded(): boolean {
    return this.returnCode === 0;
  }

  get failed(): boolean {
    return !this.succeeded;
  }

  toString(): string {
    return this.stdout;
  }
}

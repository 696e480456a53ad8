import type { ExecResult } from "../../ssh/commands/exec.ts";

/** How a command ended. As text it is what the command printed. */
export class CommandResult {
  readonly command: string;
  /** Without the line ends at its end. */
  readonly stdout: string;
  readonly stderr: string;
  /** 128 and more where a signal ended it and its number is not known. */
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

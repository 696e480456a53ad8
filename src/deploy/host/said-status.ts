/** A host's data for `status`: programs/status.sh and its output. */
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import { type LockState, lockState } from "./lock-state.ts";
import lockFunctions from "./programs/lock-functions.sh?raw";
import lockStateProgram from "./programs/lock-state.sh?raw";
import ownerFunctions from "./programs/owner-functions.sh?raw";
import program from "./programs/status.sh?raw";

/** `directory` is the current release's; `supervisor`: ask its supervisorctl, if any. */
export function statusScript(path: string, directory: string, supervisor: boolean): string {
  const locks = `locks() {\n${lockStateProgram}\n}\n`;
  const args = [path, directory, supervisor ? "yes" : "no"];
  return shellProgram(`${lockFunctions}${ownerFunctions}${locks}${program}`, args);
}

export interface SaidStatus {
  lock: LockState;
  /** Bytes. */
  disk?: { free: number; total: number };
  /** Bytes of the releases. */
  kept?: number;
  supervisor?: { status: number; lines: string[] };
}

const KILO = 1024;

export function parseStatus(output: string): SaidStatus {
  const lines = output.split("\n");
  const numbers = (word: string) => {
    const line = lines.filter((one) => one.startsWith(`${word} `)).at(-1) ?? "";
    return /^\w+( \d{1,15})+$/.test(line) ? line.split(" ").slice(1).map(Number) : [];
  };
  const [free, total] = numbers("disk");
  const [kept] = numbers("kept");
  const [status] = numbers("supervisor");
  const programs = lines.flatMap((line) => /^program (.*\S)\s*$/.exec(line)?.[1] ?? []);
  return {
    lock: lockState(lines),
    ...(free !== undefined &&
      total !== undefined && { disk: { free: free * KILO, total: total * KILO } }),
    ...(kept !== undefined && { kept: kept * KILO }),
    ...(status !== undefined && { supervisor: { status, lines: programs } }),
  };
}

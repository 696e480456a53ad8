import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";

/** Reads files in a tight loop until its input ends, and reports the missing ones. */
const PROGRAM = `
const { readFileSync } = require("node:fs");
const files = process.argv.slice(1);
const missed = new Set();
let rounds = 0;
let ends = false;
process.stdin.on("end", () => { ends = true; }).resume();
const round = () => {
  for (let at = 0; at < 20; at++) {
    for (const file of files) {
      try {
        readFileSync(file);
      } catch (error) {
        missed.add(error.code + " " + file);
      }
    }
    if (++rounds === 1) process.stdout.write("polling\\n");
  }
  if (!ends) return setImmediate(round);
  process.stdout.write(JSON.stringify({ rounds, missed: [...missed] }) + "\\n");
};
round();
`;

/** The results of the reader: how often it has read all files, and which were missing at least once. */
export interface Polled {
  rounds: number;
  missed: string[];
}

/** Starts a process that reads the files again and again. */
export async function pollFiles(
  files: readonly string[],
): Promise<{ stop(): Promise<Polled>; kill(): void }> {
  if (files.length === 0) return { stop: async () => ({ rounds: 0, missed: [] }), kill() {} };
  const child = spawn(process.execPath, ["-e", PROGRAM, ...files], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  // It has a low priority, so that the tested programs run first.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  let output = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (chunk: string) => {
    output += chunk;
  });
  await once(child.stdout, "data");
  return {
    kill: () => void child.kill("SIGKILL"),
    async stop() {
      child.stdin.end();
      await once(child, "close");
      return JSON.parse(output.replace("polling\n", ""));
    },
  };
}

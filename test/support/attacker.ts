import { spawn, spawnSync } from "node:child_process";

/** How often root acts while somebody swaps what it acts on. */
const ROUNDS = 10;

/** Has a user run shell commands over and over in `folder` while root acts a few times. */
export function attacked(
  user: string,
  folder: string,
  commands: string,
  act: () => void,
  rounds = ROUNDS,
): void {
  const loop = `cd ${folder} && while :; do ${commands}\ndone`;
  const child = spawn("su", ["-s", "/bin/sh", user, "-c", loop], { stdio: "ignore" });
  try {
    for (let round = 0; round < rounds; round++) act();
  } finally {
    child.kill();
    spawnSync("pkill", ["-KILL", "-u", user, "--ns", String(process.pid), "--nslist", "pid"]);
  }
}

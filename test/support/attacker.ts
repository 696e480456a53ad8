import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** How often root acts while somebody replaces the files it acts on. */
const ROUNDS = 10;

/** Has a user run shell commands repeatedly in `folder` while root acts a few times. */
export async function attacked(
  user: string,
  folder: string,
  commands: string,
  act: () => void,
  rounds = ROUNDS,
): Promise<void> {
  const loop = `cd ${folder} && echo begun && while :; do ${commands}\ndone`;
  const stdio = ["ignore", "pipe", "ignore"] as const;
  const child = spawn("su", ["-s", "/bin/sh", user, "-c", loop], { stdio: [...stdio] });
  try {
    await once(child.stdout!, "data");
    for (let round = 0; round < rounds; round++) act();
  } finally {
    child.kill();
    spawnSync("pkill", ["-KILL", "-u", user, "--ns", String(process.pid), "--nslist", "pid"]);
  }
}

import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connect } from "../../src/ssh/connect.ts";
import { nobody, scratchFolder, startSandboxServer, targetOf } from "../support/servers.ts";

/** A line that accepts everything at once and delivers 16 KB every tenth of a second. */
const SLOW = `import { connect } from "node:net";
const socket = connect(Number(process.argv[2]), "127.0.0.1");
socket.pipe(process.stdout);
let waiting = Buffer.alloc(0);
process.stdin.on("data", (data) => { waiting = Buffer.concat([waiting, data]); });
process.stdin.on("end", () => process.exit());
setInterval(() => {
  socket.write(waiting.subarray(0, 16384));
  waiting = waiting.subarray(16384);
}, 100);
`;

test("keep-alives queued after an upload do not end the connection", async () => {
  const folder = await scratchFolder();
  const server = await startSandboxServer();
  writeFileSync(join(folder, "slow.mjs"), SLOW);
  writeFileSync(
    join(folder, "ssh_config"),
    `ServerAliveInterval 1\nServerAliveCountMax 3\nProxyCommand ${process.execPath} ${folder}/slow.mjs %p\n`,
  );
  const host = await connect(targetOf(server, folder), nobody(folder, { SHELL: "/bin/sh" }));
  try {
    await host.put(Buffer.alloc(1_500_000, "x"), "big");
    expect((await host.exec("wc -c < big")).stdout.trim()).toBe("1500000");
  } finally {
    await host.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
});

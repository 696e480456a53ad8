import { BuildoutError } from "../../errors/error.ts";
import type { HostSession } from "../host/session.ts";

/** Milliseconds between checks of the host. */
const PAUSE = 1000;

/** Changes with every boot; empty if unknown. */
const BOOT_ID = "cat /proc/sys/kernel/random/boot_id 2>/dev/null";

/**
 * Restarts the host with `command`, as root or as the login user, and waits up to `wait` seconds
 * until it has started again and accepts logins. Throws `reboot-failed`, `reboot-timeout`.
 */
export async function reboot(
  session: HostSession,
  command: string,
  wait: number,
  asRoot: boolean,
): Promise<void> {
  const bootId = async () => (await (await session.loginConnection()).sh(BOOT_ID)).stdout;
  const before = await bootId();
  let away = false;
  try {
    const { code, stderr } = await (asRoot
      ? session.sudo(command, { cwd: null })
      : session.run(command, { cwd: null, login: session.options.user }));
    if (code !== 0 && code !== null) {
      throw new BuildoutError("reboot-failed", `'${command}' ended with status ${code}.`, {
        output: stderr.trim(),
      });
    }
  } catch (error) {
    if (!(error instanceof BuildoutError) || error.code !== "connection-lost") throw error;
    away = true;
  }
  const end = Date.now() + wait * 1000;
  for (;;) {
    session.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    await session.logOut();
    try {
      const now = await bootId();
      if (away || now !== before) return;
    } catch {
      away = true;
    }
    if (Date.now() > end) {
      throw new BuildoutError(
        "reboot-timeout",
        `${session.options.host} did not come back within ${wait} seconds after '${command}'.`,
      );
    }
  }
}

import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import { endBySignal } from "../../terminal/end-by-signal.ts";

/** In memory if possible: deleted files can be recovered from a disk. */
function scratchPlace(env: NodeJS.ProcessEnv): string {
  for (const place of [env.XDG_RUNTIME_DIR, "/dev/shm"]) {
    try {
      if (!place) continue;
      accessSync(place, constants.W_OK | constants.X_OK);
      return place;
    } catch {
      // Missing or not writable.
    }
  }
  return tmpdir();
}

/**
 * Lets the user edit a text, again if `accepts` rejects it and the user agrees. The directory of the file
 * is private and removed afterwards, even after a signal.
 */
export async function editText(
  text: string,
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
  accepts: (edited: string) => Promise<boolean>,
): Promise<string> {
  const folder = mkdtempSync(join(scratchPlace(env), "hostout-secrets-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const hangUp = () => {
    remove();
    endBySignal("SIGHUP");
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, remove);
  process.on("SIGHUP", hangUp);
  try {
    const file = join(folder, "secrets");
    writeFileSync(file, text, { mode: 0o600 });
    for (;;) {
      await runEditor(file, env, signal);
      const edited = readFileSync(file, "utf8");
      if (await accepts(edited)) return edited;
    }
  } finally {
    remove();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, remove);
    process.off("SIGHUP", hangUp);
  }
}

async function runEditor(file: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const editor = env.VISUAL || env.EDITOR || "vi";
  const { execa } = await import("execa");
  const result = await execa("/bin/sh", ["-c", `${editor} "$1"`, "sh", file], {
    ...{ env, extendEnv: false, reject: false, stdio: "inherit", cancelSignal: signal },
  });
  if (!result.failed) return;
  throw new BuildoutError("editor-failed", `'${editor}' failed; secrets.age is unchanged.`, {
    hint: "Set the environment variable EDITOR to your editor.",
  });
}

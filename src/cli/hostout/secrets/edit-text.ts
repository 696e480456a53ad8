import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import { endBySignal } from "../../terminal/end-by-signal.ts";

/** In memory where there is such a place: what is on a disk can be found there when it is deleted. */
function scratchPlace(env: NodeJS.ProcessEnv): string {
  for (const place of [env.XDG_RUNTIME_DIR, "/dev/shm"]) {
    try {
      if (!place) continue;
      accessSync(place, constants.W_OK | constants.X_OK);
      return place;
    } catch {
      // Not there, or not ours to write in.
    }
  }
  return tmpdir();
}

/**
 * Lets the person change a text in an editor, as often as `accepts` says that it is wrong and the person
 * wants to. The directory of the file is private, and gone afterwards, also after a signal.
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
  throw new BuildoutError("editor-failed", `'${editor}' failed; secrets.age is as it was.`, {
    hint: "Name your editor in the environment variable EDITOR.",
  });
}

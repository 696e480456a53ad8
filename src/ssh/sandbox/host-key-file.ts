import { readFile, writeFile } from "node:fs/promises";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import { newKeyPair } from "../keys/key-pair.ts";

/**
 * The host key of a server: from `file`, or a new ed25519 key, which is then stored there.
 *
 * @throws BuildoutError `sandbox-failed`
 */
export async function loadHostKey(
  utils: typeof import("ssh2").utils,
  file: string | undefined,
): Promise<{ private: string; public: string }> {
  let text: string | undefined;
  try {
    text = file === undefined ? undefined : await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw unusable(file!, error);
  }
  if (text === undefined) {
    text = newKeyPair(utils).private;
    if (file !== undefined) await writeFile(file, text, { mode: 0o600, flag: "wx" });
  }
  const key = utils.parseKey(text);
  if (key instanceof Error) throw unusable(file!, key);
  return { private: text, public: `${key.type} ${key.getPublicSSH().toString("base64")}` };
}

function unusable(file: string, error: unknown) {
  return new BuildoutError(
    "sandbox-failed",
    `Cannot use the host key ${file}: ${messageOf(error)}`,
    { cause: error },
  );
}

import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import { makeDirectory } from "../../system/make-directory.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
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
    if (file !== undefined) store(text, file);
  }
  const key = utils.parseKey(text);
  if (key instanceof Error) throw unusable(file!, key);
  return { private: text, public: `${key.type} ${key.getPublicSSH().toString("base64")}` };
}

function store(text: string, file: string): void {
  try {
    makeDirectory(dirname(file), 0o700);
    writeFileAtomically(file, text, 0o600);
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown) {
  return new BuildoutError(
    "sandbox-failed",
    `Cannot use the host key ${file}: ${messageOf(error)}`,
    { hint: "Remove the file, and a new key is made.", cause: error },
  );
}

import { join } from "node:path";
import { BuildoutError, messageOf } from "../../../errors/error.ts";
import { readRegularFile } from "../../../system/regular-file.ts";
import { identityFile, readIdentities } from "./identity.ts";
import { parseSecretLines } from "./secret-lines.ts";

/** The encrypted file of a buildout directory. */
export const SECRETS_FILE = "secrets.age";

/** The text in secrets.age; undefined if there is no such file. Throws `secrets-locked`. */
export async function readSecretsText(
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const file = join(directory, SECRETS_FILE);
  let content: Buffer;
  try {
    content = await readRegularFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new BuildoutError("secrets-locked", `Cannot read ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const identities = await readIdentities(env);
  if (identities.length === 0) {
    throw new BuildoutError("secrets-locked", `There is no key to decrypt ${file}.`, {
      hint: `'hostout secrets key' makes one in ${identityFile(env)}; then a member must add its public half.`,
    });
  }
  const { armor, Decrypter } = await age();
  try {
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    // `age` without `-a` writes binary files.
    const isArmored = content.includes("-----BEGIN AGE ENCRYPTED FILE-----");
    return await decrypter.decrypt(isArmored ? armor.decode(content.toString()) : content, "text");
  } catch (cause) {
    throw new BuildoutError("secrets-locked", `Cannot decrypt ${file}: ${messageOf(cause)}`, {
      hint: "Ask a member to add your public key, which 'hostout secrets key' prints.",
      cause,
    });
  }
}

/** The value of `key` in secrets.age; undefined if missing. */
export async function readAgeSecret(
  directory: string,
  env: NodeJS.ProcessEnv,
  key: string,
): Promise<string | undefined> {
  return parseSecretLines((await readSecretsText(directory, env)) ?? "").get(key);
}

/** Encrypts a text for members with these public keys, ASCII-armored. Throws `usage` for a wrong key. */
export async function sealed(text: string, keys: readonly string[]): Promise<string> {
  const { armor, Encrypter } = await age();
  const encrypter = new Encrypter();
  for (const key of keys) {
    try {
      encrypter.addRecipient(key);
    } catch (cause) {
      throw new BuildoutError("usage", `'${key}' is not a public key of age.`, {
        hint: "It starts with 'age1': 'hostout secrets key' and age-keygen print one.",
        cause,
      });
    }
  }
  return armor.encode(await encrypter.encrypt(text));
}

export async function newIdentity(): Promise<string> {
  return (await age()).generateX25519Identity();
}

export async function publicKey(identity: string): Promise<string> {
  return (await age()).identityToRecipient(identity);
}

/** The package is not on hosts. */
async function age() {
  try {
    return await import("age-encryption");
  } catch (cause) {
    throw new BuildoutError("secrets-locked", "The package age-encryption is not installed.", {
      hint: "On a host, secrets come from the machine that deploys.",
      cause,
    });
  }
}

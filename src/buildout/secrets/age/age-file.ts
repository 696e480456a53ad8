import { join } from "node:path";
import { BuildoutError, messageOf } from "../../../errors/error.ts";
import { readRegularFile } from "../../../system/regular-file.ts";
import { identityFile, readIdentities } from "./identity.ts";
import { parseSecretLines } from "./secret-lines.ts";

/** The encrypted file of a buildout directory. */
export const SECRETS_FILE = "secrets.age";

/** The text in secrets.age; undefined without such a file. Throws `secrets-locked`. */
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
    throw new BuildoutError("secrets-locked", `There is no key to open ${file} with.`, {
      hint: `'hostout secrets key' makes one in ${identityFile(env)}; a member adds its public half.`,
    });
  }
  const { armor, Decrypter } = await age();
  try {
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    // `age` without `-a` writes the file as it is.
    const isArmored = content.includes("-----BEGIN AGE ENCRYPTED FILE-----");
    return await decrypter.decrypt(isArmored ? armor.decode(content.toString()) : content, "text");
  } catch (cause) {
    throw new BuildoutError("secrets-locked", `Cannot open ${file}: ${messageOf(cause)}`, {
      hint: "A member has to add your public key: 'hostout secrets key' prints it.",
      cause,
    });
  }
}

/** The value of `key` in secrets.age; undefined where it is not there. */
export async function readAgeSecret(
  directory: string,
  env: NodeJS.ProcessEnv,
  key: string,
): Promise<string | undefined> {
  return parseSecretLines((await readSecretsText(directory, env)) ?? "").get(key);
}

/** A text as members with these public keys can read it, in letters. Throws `usage` for a wrong key. */
export async function sealed(text: string, keys: readonly string[]): Promise<string> {
  const { armor, Encrypter } = await age();
  const encrypter = new Encrypter();
  for (const key of keys) {
    try {
      encrypter.addRecipient(key);
    } catch (cause) {
      throw new BuildoutError("usage", `'${key}' is no public key of age.`, {
        hint: "It begins with 'age1': 'hostout secrets key' prints one, and so does age-keygen.",
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

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import { newKeyPair } from "../../ssh/keys/key-pair.ts";
import { makeDirectory } from "../../system/make-directory.ts";
import { readRegularFile } from "../../system/regular-file.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { ignoreKey } from "./keys-in-git.ts";
import type { HostOptions } from "./options.ts";

type KeyOptions = Pick<HostOptions, "identityFile" | "ownKeyFile">;
type Env = Record<string, string | undefined>;

/** Bytes; keys are far smaller. */
const LARGEST_KEY = 1024 * 1024;

/** The private key of `identity-file`, if it exists. */
export function namedKey({ identityFile }: KeyOptions, env: Env): string | undefined {
  if (identityFile === undefined) return undefined;
  const file = privateHalf(identityFile, env);
  return isKey(file) ? file : undefined;
}

/**
 * The private key of the buildout user: `identity-file` if it exists, else `HOSTNAME_key` in the buildout
 * directory. Undefined if neither exists yet.
 */
export function buildoutKey(options: KeyOptions, env: Env): string | undefined {
  return namedKey(options, env) ?? (isKey(options.ownKeyFile) ? options.ownKeyFile : undefined);
}

/** The path of a private key named by either half, `~` expanded. */
function privateHalf(file: string, env: Env): string {
  const expanded = file.replace(/^~(?=\/|$)/, env.HOME ?? homedir());
  return expanded.endsWith(".pub") ? expanded.slice(0, -4) : expanded;
}

/** If the private half is in the agent, there is only a file with the public half. */
function isKey(file: string): boolean {
  return existsSync(file) || existsSync(`${file}.pub`);
}

/** The public half of a key as a line of authorized_keys(8). Throws `public-key-unreadable`. */
export async function publicKeyLine(privateKey: string): Promise<string> {
  try {
    return onlyLine(await textOf(`${privateKey}.pub`), `${privateKey}.pub`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const { default: ssh2 } = await import("ssh2");
  let problem: unknown;
  try {
    const key = ssh2.utils.parseKey(await textOf(privateKey));
    if (!(key instanceof Error)) return `${key.type} ${key.getPublicSSH().toString("base64")}`;
    problem = key;
  } catch (error) {
    problem = error;
  }
  throw new BuildoutError(
    "public-key-unreadable",
    `Cannot read the public key of ${privateKey}: ${messageOf(problem)}`,
    { hint: `Create it with: ssh-keygen -y -f ${privateKey} > ${privateKey}.pub`, cause: problem },
  );
}

/** A public key, checked: what goes into authorized_keys must be one key and nothing else. */
export async function readPublicKey(file: string): Promise<string> {
  try {
    return onlyLine(await textOf(file), file);
  } catch (error) {
    if (error instanceof BuildoutError) throw error;
    throw new BuildoutError("public-key-unreadable", `Cannot read ${file}: ${messageOf(error)}`, {
      hint: "Use a public key, such as ~/.ssh/id_ed25519.pub.",
      cause: error,
    });
  }
}

const textOf = async (file: string) => (await readRegularFile(file, LARGEST_KEY)).toString();

function onlyLine(text: string, file: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const [line = ""] = lines;
  if (lines.length !== 1 || !/^(ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/=]+( .*)?$/.test(line.trim())) {
    throw new BuildoutError("public-key-unreadable", `${file} is not a public key.`, {
      hint: "A public key is one line, such as: ssh-ed25519 AAAA... name",
    });
  }
  return line.trim();
}

/** The current user's public keys, newest type first. */
export function personalKeys(env: Env): string[] {
  const folder = join(env.HOME ?? homedir(), ".ssh");
  const names = ["id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub"];
  return names.map((name) => join(folder, name)).filter((file) => existsSync(file));
}

/** Creates the key of a host, `HOSTNAME_key`, and adds it to .gitignore. Returns whether that changed the file. */
export async function makeOwnKey({
  ownKeyFile,
  name,
}: Pick<HostOptions, "ownKeyFile" | "name">): Promise<boolean> {
  await makeKeyPair(ownKeyFile, `hostout ${name}`);
  return ignoreKey(ownKeyFile);
}

/** Creates an ed25519 key pair without passphrase: `file`, readable only by its owner, and `file`.pub. */
async function makeKeyPair(file: string, comment: string): Promise<void> {
  const { default: ssh2 } = await import("ssh2");
  const pair = newKeyPair(ssh2.utils, comment);
  makeDirectory(dirname(file));
  writeFileAtomically(`${file}.pub`, `${pair.public.trim()}\n`, 0o644);
  writeFileAtomically(file, pair.private, { mode: 0o600, durable: "name" });
}

import { join } from "node:path";
import { BuildoutError, messageOf } from "../../../errors/error.ts";
import { readRegularFile } from "../../../system/regular-file.ts";

/** The private keys themselves, for machines without a file of them. */
const VARIABLE = "HOSTOUT_AGE_KEY";

/** The file that holds the current user's private keys. */
export function identityFile(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME ?? "", ".config"), "hostout/age.key");
}

/** The available private keys; none if there is no file. */
export async function readIdentities(env: NodeJS.ProcessEnv): Promise<string[]> {
  const text = env[VARIABLE] ?? (await readFileIfAny(identityFile(env)));
  return text.split(/\s*\n\s*/).filter((line) => line.startsWith("AGE-SECRET-KEY-"));
}

async function readFileIfAny(file: string): Promise<string> {
  try {
    return `\n${(await readRegularFile(file)).toString()}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new BuildoutError("secrets-locked", `Cannot read ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

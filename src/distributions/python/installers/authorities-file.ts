/** One file with all certificate authorities for an installer to trust. */
import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { allAuthorities } from "../../../system/authorities.ts";

/** pip's configuration files for all interpreters. */
function pipSettings(env: NodeJS.ProcessEnv): string[] {
  if (env.PIP_CONFIG_FILE) return [env.PIP_CONFIG_FILE];
  const home = env.HOME || homedir();
  return [
    "/etc/pip.conf",
    "/etc/xdg/pip/pip.conf",
    join(home, ".pip", "pip.conf"),
    join(env.XDG_CONFIG_HOME || join(home, ".config"), "pip", "pip.conf"),
  ];
}

/** The value in pip's own settings, which the file replaces. */
async function pipAuthorities(env: NodeJS.ProcessEnv): Promise<string[]> {
  const files = pipSettings(env).map((file) => readFile(file, "utf8").catch(() => ""));
  const named = (await Promise.all(files)).flatMap((text) =>
    [...text.matchAll(/^cert[ \t]*[=:][ \t]*(.+)$/gm)].map(([, file = ""]) => file.trim()),
  );
  return [...(env.PIP_CERT ? [env.PIP_CERT] : []), ...named];
}

/** Writes the file into `folder`; undefined if the installer's own authorities are enough. */
export async function authoritiesFile(
  folder: string,
  installer: "pip" | "uv",
): Promise<string | undefined> {
  const more = installer === "pip" ? await pipAuthorities(process.env) : [];
  const all = await allAuthorities(process.env, more);
  if (all === undefined) return undefined;
  const file = join(folder, "authorities.pem");
  await writeFile(file, `${all.join("\n")}\n`);
  return file;
}

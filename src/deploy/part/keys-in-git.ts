/** Keeps private keys out of git: anyone with the repository could deploy. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runProcess } from "../../system/process.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";

/** Adds a key to the `.gitignore` next to it, unless git ignores it anyway. Returns whether it did. */
export async function ignoreKey(key: string): Promise<boolean> {
  const file = join(dirname(key), ".gitignore");
  const line = `/${basename(key).replace(/([\\*?[\]!#])/g, "\\$1")}`;
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (text.split(/\r?\n/).includes(line) || (await git(key, ["check-ignore", "-q"]))?.code === 0) {
    return false;
  }
  const begin = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  writeFileAtomically(file, `${begin}${line}\n`);
  return true;
}

/** The problem and hint if a private key is in git, or would be added by `git add .`. */
export interface ExposedKey {
  message: string;
  hint: string;
}

export async function exposedKey(key: string): Promise<ExposedKey | undefined> {
  if (!existsSync(key) || !isInWorkTree(realpathSync(dirname(key)))) return undefined;
  const lists = async (...what: string[]) => (await git(key, ["ls-files", ...what]))?.output;
  const [cached, others] = await Promise.all([
    lists("--cached"),
    lists("--others", "--exclude-standard"),
  ]);
  if (cached) {
    return {
      message: `git has the private key ${key}: anyone with the repository can deploy.`,
      hint: `Run 'git rm --cached ${basename(key)}', and replace the key if it was pushed.`,
    };
  }
  if (!others) return undefined;
  return {
    message: `git does not ignore the private key ${key}: once committed, anyone with the repository can deploy.`,
    hint: "Add it to .gitignore.",
  };
}

/** Whether it is in a git repository, without running git. */
function isInWorkTree(folder: string): boolean {
  if (existsSync(join(folder, ".git"))) return true;
  return dirname(folder) !== folder && isInWorkTree(dirname(folder));
}

/** Undefined if there is no git. */
async function git(file: string, args: string[]) {
  try {
    const { exitCode, stdout } = await runProcess({
      command: "git",
      args: [...args, "--", basename(file)],
      cwd: dirname(file),
    });
    return { code: exitCode, output: exitCode === 0 ? stdout : "" };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

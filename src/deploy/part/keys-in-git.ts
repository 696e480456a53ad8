/** Keeps private keys out of git: whoever has the repository could deploy. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runProcess } from "../../system/process.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";

/** Names a key in the `.gitignore` beside it, unless git leaves it alone anyway. Returns whether it did. */
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

/** What is wrong where git has a private key, or would take it with `git add .`, and what to do. */
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
      message: `git has the private key ${key}: anyone who has the repository can deploy.`,
      hint: `Run 'git rm --cached ${basename(key)}', and make another key if it was pushed.`,
    };
  }
  if (!others) return undefined;
  return {
    message: `git does not ignore the private key ${key}: once committed, it lets anyone who has the repository deploy.`,
    hint: "Add it to .gitignore.",
  };
}

/** Whether git can know of it, without asking git. */
function isInWorkTree(folder: string): boolean {
  if (existsSync(join(folder, ".git"))) return true;
  return dirname(folder) !== folder && isInWorkTree(dirname(folder));
}

/** Undefined where there is no git. */
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

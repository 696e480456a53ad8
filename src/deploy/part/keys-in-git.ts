/** Keeps private keys out of git: whoever has the repository could deploy. */
import { existsSync, readFileSync } from "node:fs";
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

/** Whether git has the file, or would take it with `git add .`. */
export async function isInGit(file: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  const found = await git(file, ["ls-files", "--cached", "--others", "--exclude-standard"]);
  return found?.code === 0 && found.output !== "";
}

/** Undefined where there is no git. */
async function git(file: string, args: string[]) {
  try {
    const { exitCode, stdout } = await runProcess({
      command: "git",
      args: [...args, "--", basename(file)],
      cwd: dirname(file),
    });
    return { code: exitCode, output: stdout };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

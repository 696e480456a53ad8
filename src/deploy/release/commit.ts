import { runProcess } from "../../system/process.ts";

/** The state of a project in version control. */
export interface Commit {
  commit: string;
  /** Files have changed since then. */
  dirty: boolean;
  changedFiles: number;
}

/** Undefined if the directory is not in a git repository, or there is no git. */
export async function commitOf(directory: string): Promise<Commit | undefined> {
  const git = async (...args: string[]) => {
    const { exitCode, stdout } = await runProcess({ command: "git", args, cwd: directory });
    return exitCode === 0 ? stdout.trim() : undefined;
  };
  try {
    const [commit, changes] = await Promise.all([
      git("rev-parse", "--verify", "-q", "HEAD"),
      git("--no-optional-locks", "status", "--porcelain", "-uno"),
    ]);
    const changedFiles = (changes ?? "").split("\n").filter((line) => line !== "").length;
    return commit === undefined ? undefined : { commit, dirty: changes !== "", changedFiles };
  } catch {
    // Version control is optional.
    return undefined;
  }
}

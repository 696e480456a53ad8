import { statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { resolve } from "node:path";
import type { LintContext, LintProblem } from "../../src/index.ts";

/** Private keys that a login would not use because other users can access them. */
export function checkKeys({ name, directory, section }: LintContext): LintProblem[] {
  const options = section(name)!;
  const written = ["identity-file", "identity_file"].find((option) => options.has(option));
  const named =
    written &&
    options
      .get(written)!
      .trim()
      .replace(/\.pub$/, "");
  const own = `${(options.get("hostname") ?? name).replaceAll("/", "_")}_key`;
  const isExposed = (file: string) => {
    const stats = statSync(absolute(directory, file), { throwIfNoEntry: false });
    return stats?.isFile() === true && stats.uid === userInfo().uid && (stats.mode & 0o077) !== 0;
  };
  return [named, own].flatMap((file): LintProblem[] => {
    if (file === undefined || file === "" || !isExposed(file)) return [];
    const option = file === named ? { option: written! } : {};
    return [
      {
        ...{ severity: "error", code: "identity-file-exposed", section: name, ...option },
        message: `Other users can access the key ${file}, so logins will not use it.`,
        hint: `Run: chmod 600 ${file}`,
      },
    ];
  });
}

/** A local path from the options of a part. */
export function absolute(directory: string, path: string): string {
  return resolve(directory, path.replace(/^~(?=\/|$)/, homedir()));
}

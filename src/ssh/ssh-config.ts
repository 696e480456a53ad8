import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { BuildoutError, messageOf } from "../errors/error.ts";

/** Includes deeper than this are taken for a loop, as OpenSSH does. */
const MAX_DEPTH = 16;

/**
 * The options that an OpenSSH client configuration gives for a host (ssh_config(5)): lower-case
 * names, the first value found, lists for repeatable options. An absent file gives none.
 *
 * @throws BuildoutError `ssh-config-invalid` for a file that cannot be read or parsed
 */
export async function readSshConfig(
  file: string,
  host: string,
  user: string | undefined,
  home: string,
): Promise<Record<string, string | string[]>> {
  const text = await withIncludes(file, home, 0);
  if (text === undefined) return {};
  const { default: SSHConfig } = await import("ssh-config");
  try {
    const options = user === undefined ? { Host: host } : { Host: host, User: user };
    return SSHConfig.parse(text).compute(options, { ignoreCase: true });
  } catch (error) {
    throw new BuildoutError("ssh-config-invalid", `Cannot read ${file}: ${messageOf(error)}`, {
      location: { file },
      hint: "Check it with: ssh -G HOST",
      cause: error,
    });
  }
}

/**
 * The text of a configuration with its Include lines replaced by the files they name. The section
 * that holds an Include is opened again after it: an included file may have opened others.
 */
async function withIncludes(file: string, home: string, depth: number) {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new BuildoutError("ssh-config-invalid", `Cannot read ${file}: ${messageOf(error)}`, {
      location: { file },
      cause: error,
    });
  }
  if (!/^\s*include\b/im.test(text)) return text;
  if (depth >= MAX_DEPTH) {
    throw new BuildoutError("ssh-config-invalid", `${file} includes itself`, {
      location: { file },
    });
  }
  const lines: string[] = [];
  let section = "Host *";
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(host|match)[\s=]/i.test(line)) section = line;
    const include = /^\s*include(?:\s*=\s*|\s+)(.+)$/i.exec(line);
    if (include === null) {
      lines.push(line);
      continue;
    }
    for (const found of await includedFiles(include[1]!, home)) {
      lines.push((await withIncludes(found, home, depth + 1)) ?? "", section);
    }
  }
  return lines.join("\n");
}

/** Relative patterns are relative to ~/.ssh; a pattern that matches nothing is no error. */
async function includedFiles(patterns: string, home: string): Promise<string[]> {
  const { default: glob } = await import("fast-glob");
  const files: string[] = [];
  for (const [, quoted, bare] of patterns.matchAll(/"([^"]*)"|(\S+)/g)) {
    const pattern = (quoted ?? bare ?? "").replace(/^~(?=\/)/, home);
    const path = isAbsolute(pattern) ? pattern : join(home, ".ssh", pattern);
    const magic = glob.isDynamicPattern(path);
    const matches = magic ? await glob(path, { dot: true, cwd: dirname("/") }) : [path];
    files.push(...matches.sort());
  }
  return files;
}

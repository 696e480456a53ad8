import { createHash } from "node:crypto";
import { type BigIntStats, existsSync, lstatSync } from "node:fs";
import path from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { pacer } from "../../system/pause.ts";
import { lastLines, runProcess } from "../../system/process.ts";

/** The version control system of a directory: that of the nearest repository above. */
function versionControl(folder: string): "git" | "hg" | undefined {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (existsSync(path.join(at, ".git"))) return "git";
    if (existsSync(path.join(at, ".hg"))) return "hg";
    if (at === path.dirname(at)) return undefined;
  }
}

/** The output of git or hg; undefined if the program is not installed. Throws if it fails. */
async function ask(
  command: "git" | "hg",
  args: string[],
  cwd: string,
): Promise<string | undefined> {
  let result: Awaited<ReturnType<typeof runProcess>>;
  try {
    result = await runProcess({ command, args, cwd });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  if (result.exitCode !== 0) {
    throw new BuildoutError(`${command}-failed`, `${command} cannot list the files of ${cwd}.`, {
      output: lastLines(result.all),
    });
  }
  return result.stdout;
}

const parts = (output: string) => output.split("\0").filter((part) => part !== "");

const LIST = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];

/** The files in the output of git. */
async function filesListed(folder: string, output: string): Promise<string[]> {
  const names = new Set<string>();
  for (const entry of parts(output)) {
    const [, mode, name = entry] = /^([0-7]{6}) [0-9a-f]+ \d\t(.*)$/s.exec(entry) ?? [];
    if (mode !== "160000" && !name.endsWith("/")) {
      names.add(name);
      continue;
    }
    // A submodule, or a nested repository.
    const inner = path.join(folder, name);
    for (const file of (existsSync(inner) && (await trackedFiles(inner))) || []) {
      names.add(path.posix.join(name, file));
    }
  }
  return [...names];
}

async function gitFiles(folder: string): Promise<string[] | undefined> {
  const output = await ask("git", [...LIST, "--stage"], folder);
  return output === undefined ? undefined : filesListed(folder, output);
}

async function hgFiles(folder: string): Promise<string[] | undefined> {
  const output = await ask("hg", ["status", "-0ncmau", "--subrepos", "."], folder);
  return output === undefined ? undefined : parts(output).map((name) => name.replace(/^\.\//, ""));
}

/**
 * The files of `folder` according to git or hg: tracked ones, and new ones that are not ignored, so that a
 * file that was not added yet is not silently missing from a release. Undefined outside a repository,
 * without the program, and if the repository ignores the directory. Throws `git-failed` or `hg-failed`.
 */
export async function trackedFiles(folder: string): Promise<string[] | undefined> {
  const system = versionControl(folder);
  if (system === undefined) return undefined;
  const files = await (system === "git" ? gitFiles(folder) : hgFiles(folder));
  return files?.length === 0 ? undefined : files;
}

/** Prints the output of git for each directory, and its status between null characters. */
const LIST_EACH = `for folder; do
  git -C "$folder" ${LIST.join(" ")} --stage
  printf '\\0%d\\0' $?
done`;

/** The first output of LIST_EACH and its status, and what follows them; undefined if it is not all there. */
function firstOf(text: string): { output: string; status: string; rest: string } | undefined {
  // Each name ends with a null character: two of them, or one at the start, are before the status.
  const end = text.startsWith("\0") ? 0 : text.indexOf("\0\0") + 1;
  if (end === 0 && !text.startsWith("\0")) return undefined;
  const next = text.indexOf("\0", end + 1);
  if (next < 0) return undefined;
  return {
    output: text.slice(0, end),
    status: text.slice(end + 1, next),
    rest: text.slice(next + 1),
  };
}

/** The output of git for each directory as soon as it is there; undefined if git fails. */
function listEach(folders: readonly string[]): Map<string, Promise<string | undefined>> {
  const left: ((output: string | undefined) => void)[] = [];
  const listed = new Map(
    folders.map((folder) => [folder, new Promise<string | undefined>((done) => left.push(done))]),
  );
  let text = "";
  const onOutput = (more: string) => {
    text += more;
    for (let first = firstOf(text); first !== undefined; first = firstOf(text)) {
      left.shift()?.(first.status === "0" ? first.output : undefined);
      text = first.rest;
    }
  };
  const args = ["-c", LIST_EACH, "sh", ...folders];
  const end = () => {
    for (const done of left) done(undefined);
  };
  runProcess({ command: "sh", args, cwd: "/", onOutput }).then(end, end);
  return listed;
}

/**
 * The files of several packages: git lists all of them in one process at the start, since Node needs two
 * milliseconds to start another one. `forget` is for the time when a build may have written some.
 */
export class PackageFiles {
  private listed: ReadonlyMap<string, Promise<string | undefined>>;

  constructor(folders: readonly string[]) {
    const inGit = folders.filter((folder) => versionControl(folder) === "git");
    this.listed = inGit.length > 1 ? listEach(inGit) : new Map();
  }

  /** Like `trackedFiles`. */
  async tracked(folder: string): Promise<string[] | undefined> {
    // What fails is asked again, for its error.
    const output = await this.listed.get(folder);
    return output ? filesListed(folder, output) : trackedFiles(folder);
  }

  forget(): void {
    this.listed = new Map();
  }
}

/**
 * Text files with CRLF that git would store with LF (gitattributes(5), "End-of-line conversion"). Empty
 * without git.
 */
export async function filesStoredWithLf(folder: string): Promise<Set<string>> {
  const found = new Set<string>();
  if (versionControl(folder) !== "git") return found;
  const [listed, config] = await Promise.all([
    ask("git", [...LIST, "--eol"], folder),
    runProcess({ command: "git", args: ["config", "core.autocrlf"], cwd: folder }).catch(() => {}),
  ]);
  const automatic = /^(true|input)$/.test(config?.stdout.trim() ?? "");
  for (const entry of parts(listed ?? "")) {
    const match = /^i\/(\S*) +w\/(\S*) +attr\/([^\t]*)\t(.*)$/s.exec(entry);
    const [, index, here, attributes = "", name] = match ?? [];
    if (name === undefined || (here !== "crlf" && here !== "mixed")) continue;
    const isText = /^text( |$)/.test(attributes);
    const isGuessed = /^text=auto/.test(attributes) || (attributes.trim() === "" && automatic);
    if (isText || (isGuessed && index !== "crlf" && index !== "mixed")) found.add(name);
  }
  return found;
}

/** Every file and link below `folder`, except installed packages and repository data. */
export async function allFiles(folder: string): Promise<string[]> {
  const { default: glob } = await import("fast-glob");
  const entries = await glob("**", {
    cwd: folder,
    dot: true,
    followSymbolicLinks: false,
    onlyFiles: false,
    objectMode: true,
    ignore: ["**/node_modules/**", "**/.git/**", "**/.hg/**", "**/.svn/**"],
  });
  return entries.filter(({ dirent }) => !dirent.isDirectory()).map((entry) => entry.path);
}

export interface Fingerprint {
  /** Unchanged while no file is added, removed or written. */
  digest: string;
  /** The latest modification time, in milliseconds since 1970. */
  youngest: number;
}

/** Undefined if it is missing or inaccessible. */
function lookAt(file: string): BigIntStats | undefined {
  try {
    return lstatSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** A digest of names, sizes, times and modes, without reading any file. */
export async function fingerprint(folder: string, files: readonly string[]): Promise<Fingerprint> {
  const hash = createHash("sha256");
  let youngest = 0;
  const pause = pacer();
  for (const file of [...files].sort()) {
    // Thousands of small steps are much faster synchronously.
    const stat = lookAt(path.join(folder, file));
    const waiting = pause();
    if (waiting) await waiting;
    hash.update(`${file}\0`);
    if (stat === undefined) continue;
    hash.update(`${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino} ${stat.mode}\0`);
    youngest = Math.max(youngest, Number(stat.mtimeMs), Number(stat.ctimeMs));
  }
  return { digest: hash.digest("hex"), youngest };
}

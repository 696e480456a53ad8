/**
 * The shell programs of a deployment, in programs/. They need a POSIX shell with the
 * usual tools (cp -l, gzip, tar, xargs -0), which Debian's minbase and BusyBox have.
 * Paths come in as arguments; file lists come in on standard input.
 */
import { basename, dirname, join } from "node:path/posix";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import announce from "./programs/announce.sh?raw";
import build from "./programs/build.sh?raw";
import lockFunctions from "./programs/lock-functions.sh?raw";
import restore from "./programs/restore.sh?raw";
import restoreFunction from "./programs/restore-function.sh?raw";
import unpack from "./programs/unpack.sh?raw";

/** What a buildout makes and a failed one may have spoilt, beside the files of a release. */
export interface BuildoutFolders {
  /** Small ones that programs may rewrite in place: kept as copies. */
  copied: string[];
  /** Large ones: kept as hard links. */
  linked: string[];
}

/** What a release changes in the buildout folder. */
export interface ChangeLists {
  /** All files of the release, as `manifest` writes them. */
  manifest: string;
  added: string[];
  replaced: string[];
  stale: string[];
  staleFolders: string[];
}

/** Standard input of `announceScript`. Paths start with `./`, one on a line. */
export function announceInput(lists: ChangeLists): string {
  const tagged = (tag: string, lines: string[]) => lines.map((line) => `${tag} ${line}\n`).join("");
  const dotted = (paths: string[]) => paths.map((path) => `./${path}`);
  return [
    tagged(
      "=",
      lists.manifest.split("\n").filter((line) => line !== ""),
    ),
    tagged("+", dotted(lists.added)),
    tagged("~", dotted(lists.replaced)),
    tagged("-", dotted(lists.stale)),
    tagged("/", dotted(lists.staleFolders)),
  ].join("");
}

/** Takes the lists of what `unpackScript` shall change, and makes the folder for bundles. */
export function announceScript(path: string, bundleFolder: string): string {
  return shellProgram(`${lockFunctions}${announce}`, [path, bundleFolder]);
}

/**
 * Unpacks a bundle over the buildout folder `path`, after noting everything that the
 * release may change, so that `buildScript` can put it back. New files are made beside
 * and linked into place; a file that is in use is never half written. The bundle is the
 * file `bundle`, or comes on standard input (`arrives`) and is kept there when it is whole.
 */
export function unpackScript(
  path: string,
  bundle: { file: string; arrives: boolean },
  release: string,
  folders: BuildoutFolders,
): string {
  const part = join(dirname(bundle.file), `.incoming-${basename(path)}.tgz`);
  return shellProgram(`${lockFunctions}${unpack}`, [
    path,
    bundle.file,
    bundle.arrives ? part : "",
    release,
    String(folders.copied.length),
    ...folders.copied,
    ...folders.linked,
  ]);
}

/** Bundles kept in the cache. One that has gone is sent again when its release is wanted. */
const KEPT_BUNDLES = 10;

/**
 * Runs `bin/buildout -c CONFIGURATION ARGS`. When it succeeds the release is marked as current and,
 * with `shared`, the group may write what was made in `var`; when it fails the folder is put back
 * as it was, and the status is kept.
 */
export function buildScript(
  path: string,
  bundleFolder: string,
  configuration: string,
  release: string,
  args: readonly string[],
  shared = false,
): string {
  return shellProgram(`${lockFunctions}${restoreFunction}${build}`, [
    path,
    bundleFolder,
    String(KEPT_BUNDLES),
    configuration,
    release,
    shared ? "yes" : "no",
    ...args,
  ]);
}

/** Puts back what an interrupted deployment left half done. */
export function restoreScript(path: string): string {
  return shellProgram(`${lockFunctions}${restoreFunction}${restore}`, [path]);
}

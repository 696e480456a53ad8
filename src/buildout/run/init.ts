import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import { repr } from "../../pythonic/repr.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { isFilePath } from "../lookup/lookup.ts";

const PACKAGE_FILES = ["package.json", "setup.py", "pyproject.toml"];

/** What holds passwords and private keys of hosts. */
const IGNORED = "/parts/\n*_key\n";

function option(name: string, values: readonly string[]): string {
  return values.length === 0 ? "" : `${name} =\n${values.map((value) => `  ${value}\n`).join("")}`;
}

function comment(text: string): string {
  return text.replace(/^(?=.)/gm, "# ");
}

/**
 * Whether an argument of `init` is a folder: it holds a slash, and is not the
 * name of a scoped package.
 */
function isFolder(argument: string): boolean {
  return argument.includes("/") && (isFilePath(argument) || !argument.startsWith("@"));
}

/**
 * The text of a new `buildout.cfg` for the given npm packages and folders of own packages. Folders
 * without a package (`empty`) are only a comment: there is nothing to develop in them yet.
 */
function initialConfiguration(args: readonly string[], empty: ReadonlySet<string>): string {
  const folders = args.filter(isFolder);
  const packages = args.filter((argument) => !isFolder(argument));
  const full = folders.filter((folder) => !empty.has(folder));
  const later = comment(
    option(
      "develop",
      folders.filter((folder) => empty.has(folder)),
    ),
  );
  const head = `[buildout]\n${option("develop", full)}${later}`;
  if (packages.length === 0) return `${head}parts =\n`;
  const node = `[node]\nrecipe = hostout:node\ninterpreter = node\n${option("eggs", packages)}`;
  return `${head}parts = node\n\n${node}`;
}

/**
 * Writes a new configuration file; folders among the arguments are made where
 * they are missing, and secrets are kept out of git unless there is a `.gitignore`. Throws `file-exists`.
 */
export function writeInitialConfiguration(
  file: string,
  args: readonly string[],
  report: Reporter<EngineEvent>,
): void {
  if (existsSync(file)) {
    throw new BuildoutError("file-exists", `${repr(file)} already exists.`, {
      hint: "Run 'buildout bootstrap' to set up a buildout that has a configuration.",
    });
  }
  report({ type: "file-creating", path: file });
  const place = (folder: string) => resolve(dirname(file), folder);
  const folders = args.filter(isFolder);
  const empty = folders.filter(
    (folder) => !PACKAGE_FILES.some((name) => existsSync(join(place(folder), name))),
  );
  writeFileAtomically(file, initialConfiguration(args, new Set(empty)));
  const ignored = join(dirname(file), ".gitignore");
  if (!existsSync(ignored)) {
    report({ type: "file-creating", path: ignored });
    writeFileAtomically(ignored, IGNORED);
  }
  for (const folder of folders) mkdirSync(place(folder), { recursive: true });
  for (const folder of empty) {
    const message = `${repr(folder)} holds no package yet: its line below 'develop' is a comment.`;
    report({ type: "notice", message });
  }
}

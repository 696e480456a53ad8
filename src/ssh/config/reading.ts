import { readdir, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { type Location, messageOf } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { readRegularFile } from "../../system/regular-file.ts";
import { checkedArguments } from "./arguments.ts";
import { matchHolds, type Subject } from "./criteria.ts";
import { ExpansionError, expandTilde } from "./expansion.ts";
import { invalid } from "./invalid.ts";
import { checkJumps, jumpsOf } from "./jump.ts";
import { allKeywords, type Keyword, keywordNamed } from "./keywords.ts";
import { matchesPattern, matchesPatternList } from "./pattern.ts";
import { argumentsOf, firstWord } from "./words.ts";

/** Maximum depth of Include, as in OpenSSH. */
const MAX_DEPTH = 16;

/** One file, and how it is read. */
export interface ConfigFile {
  path: string;
  /** Base of relative paths in its Include lines. */
  includesFrom: string;
  /** Whether others must not be able to write it. */
  ownersOnly: boolean;
  /** The system's file: `~` is not allowed in its Include lines. */
  isSystem?: true;
}

interface Block {
  /** Whether the current lines apply to the host. */
  active: boolean;
  /** The file is included in a block that does not apply. */
  never: boolean;
  depth: number;
}

/**
 * Reads a configuration file with all that it includes into `subject.settings`. A missing file counts as
 * empty. Lines that do not apply to the host are checked, too, as in ssh.
 *
 * @throws BuildoutError `ssh-config-invalid` with the location of the line
 */
export async function readConfig(file: ConfigFile, subject: Subject): Promise<void> {
  await readFileInto(file, subject, { active: true, never: false, depth: 0 });
}

async function readFileInto(file: ConfigFile, subject: Subject, start: Block): Promise<void> {
  const text = await textOf(file, subject.local.uid);
  if (text === undefined) return;
  if (start.depth > MAX_DEPTH) {
    throw invalid(`${file.path} includes itself, or too many other files.`, { file: file.path });
  }
  const block = { ...start };
  let line = 0;
  for (const content of text.split("\n")) {
    line++;
    const clean = content
      .replace(/\0.*$/s, "")
      // A form feed alone on a line is an error, as in ssh.
      .replace(/(?!^)[ \t\r\f]+$/, "")
      .replace(/^[ \t\r]+/, "");
    if (clean === "" || clean.startsWith("#")) continue;
    await readLine(clean, { file: file.path, line }, file, subject, block);
  }
}

async function readLine(
  text: string,
  at: Location,
  file: ConfigFile,
  subject: Subject,
  block: Block,
): Promise<void> {
  let first = firstWord(text);
  if (first?.word === "") first = firstWord(first.rest ?? "");
  // ssh ignores lines with an empty keyword or an unclosed quote in it.
  if (first === undefined || /^(?:#|$)/.test(first.word)) return;
  const { word: name, rest = "" } = first;
  const keyword = keywordNamed(name);
  const ignored = subject.settings.one("IgnoreUnknown");
  if (keyword === undefined) {
    const isIgnored =
      ignored !== undefined && matchesPatternList(ignored.toLowerCase(), name.toLowerCase());
    if (isIgnored && rest !== "") return;
    if (name.startsWith("\ufeff")) {
      const hint = "Save the file as UTF-8 without one.";
      throw invalid("A byte order mark (U+FEFF) is not allowed here.", at, hint);
    }
    const names = allKeywords().map((known) => known.name);
    const hint = didYouMean(name, names) ?? `If ssh knows it, add 'IgnoreUnknown ${name}' above.`;
    throw invalid(`ssh_config has no keyword '${name}'.`, at, hint);
  }
  if (rest === "") throw invalid(`${name} needs an argument.`, at);
  const words = argumentsOf(rest);
  if (words === undefined) throw invalid(`${name}: quotes are not closed.`, at);
  if (keyword.name === "Match") {
    const isMatch = await matchHolds(rest, block.never ? withoutCommands(subject) : subject, at);
    block.active = isMatch && !block.never;
    return;
  }
  if (keyword.shape.kind === "rest") {
    const value = rest.replace(/^[\s=]+/, "");
    return setRest(keyword, value, at, subject, block);
  }
  if (keyword.name === "Host") {
    block.active = !block.never && namesHost(words, subject.name, at);
    return;
  }
  if (keyword.name === "Include") return include(words, at, file, subject, block);
  const values = checkedArguments(keyword, words, at, subject.local.env);
  if (block.active) subject.settings.add({ keyword, values, location: at });
}

const withoutCommands = (subject: Subject): Subject => ({
  ...subject,
  succeeds: async () => false,
});

function setRest(keyword: Keyword, value: string, at: Location, subject: Subject, block: Block) {
  const { settings } = subject;
  if (value === "") throw invalid(`${keyword.name} needs an argument.`, at);
  // The first of the two counts; but 'ProxyJump none' only disables other jumps.
  if (keyword.name === "ProxyJump") {
    checkJumps(value, at);
    if (settings.setting("ProxyCommand") !== undefined) return;
  }
  const jump = keyword.name === "ProxyCommand" ? settings.one("ProxyJump") : undefined;
  if (jump !== undefined && jumpsOf(jump).length > 0) return;
  if (block.active) settings.add({ keyword, values: [value], location: at });
}

function namesHost(patterns: string[], host: string, at: Location): boolean {
  let matches = false;
  for (const pattern of patterns) {
    if (pattern === "") throw invalid("Host has an empty pattern.", at);
    const negated = pattern.startsWith("!");
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, host)) continue;
    if (negated) return false;
    matches = true;
  }
  return matches;
}

async function include(
  patterns: string[],
  at: Location,
  file: ConfigFile,
  subject: Subject,
  block: Block,
): Promise<void> {
  for (const pattern of patterns) {
    if (pattern === "") throw invalid("Include has an empty path.", at);
    if (pattern.startsWith("~") && file.isSystem) {
      throw invalid(
        `Include: '${pattern}' has no home directory here.`,
        at,
        "Use an absolute path.",
      );
    }
    const path = absolutePattern(pattern, file, subject.local.home);
    for (const found of path === undefined ? [] : await filesNamed(path)) {
      await readFileInto({ ...file, path: found, ownersOnly: true }, subject, {
        active: block.active,
        never: block.never || !block.active,
        depth: block.depth + 1,
      });
    }
  }
}

/** undefined for the home of a user who does not exist. */
function absolutePattern(pattern: string, file: ConfigFile, home: string): string | undefined {
  try {
    const path = expandTilde(pattern, home);
    return isAbsolute(path) ? path : join(file.includesFrom, path);
  } catch (error) {
    if (error instanceof ExpansionError) return undefined;
    throw error;
  }
}

/** Files that match a pattern of glob(7), sorted; no matches are fine. */
async function filesNamed(pattern: string): Promise<string[]> {
  if (!/[*?[]/.test(pattern)) return [pattern];
  const [folder, name] = [dirname(pattern), basename(pattern)];
  const isPlain = !pattern.endsWith("/") && !/[*?[\\]/.test(folder) && !/[[\\]/.test(name);
  if (isPlain) return namesLike(name, folder);
  const { default: glob } = await import("fast-glob");
  const plain = { braceExpansion: false, extglob: false, globstar: false };
  const found = await glob(pattern, { ...plain, dot: false, onlyFiles: false });
  return found.sort();
}

/** The same in one directory, as in the Include line of most systems: loading the library would take longer. */
async function namesLike(pattern: string, folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    // glob(3) skips what it cannot read.
    return [];
  }
  const isHidden = (name: string) => name.startsWith(".") && !pattern.startsWith(".");
  const found = names.filter((name) => matchesPattern(pattern, name) && !isHidden(name));
  return found.sort().map((name) => join(folder, name));
}

async function textOf(file: ConfigFile, user: number): Promise<string | undefined> {
  try {
    const stats = await stat(file.path);
    const { uid, mode } = stats;
    // Without user ids, there are no such modes.
    const isForeign = user >= 0 && ((uid !== 0 && uid !== user) || (mode & 0o022) !== 0);
    if (file.ownersOnly && isForeign) {
      throw invalid(
        `Other users can write to ${file.path}.`,
        { file: file.path },
        `ssh refuses it too. Run: chmod go-w ${file.path}`,
      );
    }
    // ssh treats a directory as an empty file.
    if (stats.isDirectory()) return undefined;
    return (await readRegularFile(file.path)).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (error instanceof Error && "hint" in error) throw error;
    throw invalid(`Cannot read ${file.path}: ${messageOf(error)}`, { file: file.path });
  }
}

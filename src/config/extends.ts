/**
 * Follows `extends` and `optional-extends`: reads every file once, merges it each
 * time it is reached (again by its effect, see revisit.ts).
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { posix } from "node:path";
import { BuildoutError, type Location } from "../error/index.ts";
import { readBoolean } from "./boolean.ts";
import type { Downloaded, Downloader } from "./download/downloader.ts";
import {
  copySections,
  mergeSection,
  mergeSections,
  type OnCutName,
  type Options,
  type Sections,
} from "./merge.ts";
import { setOption } from "./option.ts";
import { type Condition, type Duplicate, type ParsedFile, parse } from "./parse.ts";
import { absolute, folderOf, isUrl, join, within } from "./python-path.ts";
import { quoted, words } from "./python-text.ts";
import { addEffects, addOwnEffects, applyEffects, type Effects } from "./revisit.ts";
import { decodeUtf8 } from "./utf8.ts";

/** What following `extends` needs from outside, and what it reports besides the sections. */
export interface Reader {
  /** The working directory. */
  directory: string;
  holds(expression: string, location: Location): boolean;
  downloader: Downloader;
  /** Absolute paths of the files read, in order. */
  files: Set<string>;
  urls: Set<string>;
  notices: string[];
  duplicates: (Duplicate & { file: string })[];
  headers: Map<string, Location>;
  onCutName: OnCutName;
}

/** One file with what it extends, in the order of merging. */
interface Node {
  name: string;
  parsed: ParsedFile;
  children: { node: Node; folder: string }[];
  /** Lines that each visit prints, its children's included. */
  notices: string[];
  effects: Effects | undefined;
}

// zc.buildout ends at Python's recursion limit, a little below this.
const MAX_DEPTH = 1000;
// A deep diamond repeats a notice for each of its paths; nobody reads that many.
const MAX_NOTICES = 1000;

/** The options of a parsed file, with `source` as their origin. */
function annotated({ sections }: ParsedFile, source: string): Sections {
  const result: Sections = new Map();
  for (const [name, parsed] of sections) {
    const options: Options = new Map();
    for (const [option, { value, line }] of parsed) {
      options.set(option, setOption(value, { source, line }));
    }
    result.set(name, options);
  }
  return result;
}

function effectsOf(node: Node): Effects {
  if (node.effects === undefined) {
    node.effects = new Map();
    for (const { node: child, folder } of node.children) {
      addEffects(node.effects, effectsOf(child), folder);
    }
    addOwnEffects(node.effects, annotated(node.parsed, node.name));
  }
  return node.effects;
}

function checkExtendsCache(options: ReadonlyMap<string, string>): void {
  const cache = options.get("extends-cache") ?? "";
  if (/\$\{[^}]*\}/.test(cache)) {
    throw new BuildoutError(
      "invalid-extends-cache",
      `extends-cache '${cache}' may not contain \${section:variable} to expand.`,
      { hint: "It is needed before references are resolved: write the path out." },
    );
  }
}

/** The values that decide how a file is opened. */
function values(options: Options): Map<string, string> {
  const result = new Map<string, string>();
  for (const [name, { value }] of options) result.set(name, value);
  return result;
}

/** One root file with all that it extends, merged; see `readRoot`. */
class Extension {
  private readonly sections: Sections = new Map();
  private readonly merges: (() => void)[] = [];
  private readonly reader: Reader;
  private readonly overrides: Options;
  private readonly nodes = new Map<string, Node | "open">();
  private readonly seen: string[] = [];
  private readonly downloaded = new Set<string>();
  private userDefaults: Sections | undefined;

  constructor(reader: Reader, overrides: Options, userDefaults: Sections | undefined) {
    this.reader = reader;
    this.overrides = overrides;
    this.userDefaults = userDefaults;
  }

  /** Visits the file `name` as seen from `folder`; `from`: the `extends` that names it. */
  async visit(
    folder: string,
    name: string,
    settings: Options,
    from: Location | undefined,
  ): Promise<Node> {
    const source = within(folder, name);
    const opening = values(settings);
    readBoolean(opening, "newest", "false");
    checkExtendsCache(opening);
    const remote = isUrl(source);
    const key = remote ? source : this.identity(source);
    const known = this.nodes.get(key);
    if (known !== undefined && known !== "open") {
      this.visitAgain(known, folderOf(source));
      return known;
    }
    const download = remote ? await this.download(source, opening, from) : undefined;
    this.downloaded.add(source);
    this.checkRecursion(source, known, from);
    this.nodes.set(key, "open");
    const root = this.seen.length === 0;
    this.seen.push(source);
    const node = this.read(source, download, from);
    const noticesBefore = this.reader.notices.length;
    await this.extend(node, source, root, settings);
    node.notices = this.reader.notices.slice(noticesBefore);
    this.seen.pop();
    this.nodes.set(key, node);
    return node;
  }

  private async download(
    url: string,
    options: ReadonlyMap<string, string>,
    from: Location | undefined,
  ): Promise<Downloaded> {
    try {
      return await this.reader.downloader.download(url, options, this.downloaded.has(url));
    } catch (error) {
      if (!(error instanceof BuildoutError) || from === undefined) throw error;
      const { code, message, hint, cause } = error;
      throw new BuildoutError(code, message, { location: from, ...(hint && { hint }), cause });
    }
  }

  /** The same file has the same identity, whatever the spelling of its path. */
  private identity(path: string): string {
    try {
      const folder = realpathSync.native(join(this.reader.directory, folderOf(path)) || ".");
      return posix.join(folder, posix.basename(path));
    } catch {
      return path;
    }
  }

  /** Starts all downloads of one `extends` at once. */
  private prefetch(sources: string[], settings: Options): void {
    const urls = sources.filter((source) => isUrl(source) && !this.downloaded.has(source));
    if (urls.length < 2) return;
    const options = new Map(settings);
    mergeSection(options, this.overrides);
    for (const url of urls) this.reader.downloader.prefetch(url, values(options));
  }

  private visitAgain(node: Node, folder: string): void {
    this.merges.push(() => applyEffects(this.sections, effectsOf(node), folder));
    const room = Math.max(0, MAX_NOTICES - this.reader.notices.length);
    this.reader.notices.push(...node.notices.slice(0, room));
  }

  private checkRecursion(
    source: string,
    known: "open" | undefined,
    from: Location | undefined,
  ): void {
    const details = {
      ...(from && { location: from }),
      hint: "A file may not extend itself, not even by way of others.",
    };
    if (this.seen.includes(source) || known === "open") {
      const seen = `[${this.seen.map(quoted).join(", ")}]`;
      throw new BuildoutError(
        "recursive-include",
        `Recursive file include ${seen} ${source}`,
        details,
      );
    }
    if (this.seen.length >= MAX_DEPTH) {
      throw new BuildoutError(
        "recursive-include",
        `Files extend each other more than ${MAX_DEPTH} deep, at last: ${source}`,
        details,
      );
    }
  }

  private read(source: string, download: Downloaded | undefined, from: Location | undefined): Node {
    const { reader } = this;
    let shown = source;
    let bytes: Uint8Array;
    if (download === undefined) {
      bytes = readLocal(join(reader.directory, source), source, from);
      reader.files.add(absolute(source, reader.directory));
    } else {
      bytes = download.bytes;
      reader.urls.add(source);
      if (download.path !== undefined) shown = `${source} (downloaded as ${download.path})`;
    }
    const place = (line: number) => ({ file: source, line });
    const holds: Condition = (expression, line) => reader.holds(expression, place(line));
    const parsed = parse(decodeUtf8(bytes, source), shown, holds, source);
    for (const duplicate of parsed.duplicates)
      reader.duplicates.push({ ...duplicate, file: source });
    for (const [section, line] of parsed.headers) reader.headers.set(section, place(line));
    return {
      name: source.slice(source.lastIndexOf("/") + 1),
      parsed,
      children: [],
      notices: [],
      effects: undefined,
    };
  }

  private async extend(
    node: Node,
    source: string,
    root: boolean,
    settings: Options,
  ): Promise<void> {
    const { reader } = this;
    const own = node.parsed.sections.get("buildout");
    const extended = own?.get("extends");
    own?.delete("extends");
    const superseded = own?.get("extended-by");
    if (superseded !== undefined) {
      throw new BuildoutError(
        "extended-by",
        `No-longer supported "extended-by" option found in ${source}.`,
        { location: { file: source, line: superseded.line } },
      );
    }
    let layer = annotated(node.parsed, source);
    let below = settings;
    const buildout = layer.get("buildout");
    if (root && buildout !== undefined) {
      below = new Map(settings);
      mergeSection(below, buildout);
    }

    const folder = folderOf(source);
    const visit = async (name: string, line: number) => {
      const options = new Map(below);
      mergeSection(options, this.overrides);
      const child = await this.visit(folder, name, options, { file: source, line });
      node.children.push({ node: child, folder: folderOf(within("", name)) });
    };
    if (extended !== undefined && extended.value !== "") {
      const names = words(extended.value);
      this.prefetch(
        names.map((name) => within(folder, name)),
        below,
      );
      for (const name of names) await visit(name, extended.line);
    } else if (this.userDefaults !== undefined && this.userDefaults.size > 0) {
      const merged = copySections(this.userDefaults);
      mergeSections(merged, layer, reader.onCutName);
      layer = merged;
      this.userDefaults = undefined;
    }
    const optional = own?.get("optional-extends");
    if (optional !== undefined) {
      own?.delete("optional-extends");
      buildout?.delete("optional-extends");
      for (const name of words(optional.value)) {
        if (existsSync(join(reader.directory, name))) await visit(name, optional.line);
        else reader.notices.push(`optional-extends file not found: ${name}`);
      }
    }
    this.merges.push(() => mergeSections(this.sections, layer, reader.onCutName));
  }

  /** Merges the files visited, now that all of them could be read. */
  merged(): Sections {
    for (const merge of this.merges) merge();
    return this.sections;
  }
}

function readLocal(path: string, source: string, from: Location | undefined): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new BuildoutError(
      missing ? "missing-file" : "unreadable-file",
      missing
        ? `No such file: ${quoted(source)}`
        : `Cannot read ${quoted(source)}: ${String(cause)}`,
      { ...(from && { location: from }), cause },
    );
  }
}

/**
 * The root file `source` with everything it extends.
 * `settings`: what is known of `[buildout]` before it is read; `overrides`: the command line's.
 * `userDefaults` go below the first file that extends nothing.
 */
export async function readRoot(
  reader: Reader,
  source: string,
  settings: Options,
  overrides: Options,
  userDefaults?: Sections,
): Promise<Sections> {
  const extension = new Extension(reader, overrides, userDefaults);
  const opening = new Map(settings);
  mergeSection(opening, overrides);
  await extension.visit("", source, opening, undefined);
  return extension.merged();
}

/**
 * Follows `extends` and `optional-extends`: reads every file once and gives
 * them merged (see combine.ts).
 */
import { existsSync } from "node:fs";
import { BuildoutError, type Location } from "../../errors/error.ts";
import { absolute, folderOf, isUrl, join, nameIn, within } from "../../pythonic/path.ts";
import { repr, words } from "../../pythonic/text.ts";
import { pacer } from "../../system/pause.ts";
import type { Downloaded, Downloader } from "../download/downloader.ts";
import { readBoolean } from "../syntax/boolean.ts";
import type { Duplicate, ParsedFile } from "../syntax/parse.ts";
import { combine } from "./combine.ts";
import { ALL, type Node, ownSections } from "./graph.ts";
import { Folders } from "./identity.ts";
import {
  copySections,
  mergeSection,
  mergeSections,
  type OnCutName,
  type Options,
  type Sections,
} from "./merge.ts";
import { locatedAt, placeOf } from "./place.ts";
import { readSource, type SourceReader } from "./source-file.ts";

/** Inputs for following `extends`, and outputs besides the sections. */
export interface Reader extends SourceReader {
  downloader: Downloader;
  /** Absolute paths of the files read, in order. */
  files: Set<string>;
  urls: Set<string>;
  /** Lines printed so far: a file visited again prints its own again. */
  notices: string[];
  notify(notice: string): void;
  duplicates: (Duplicate & { file: string })[];
  headers: Map<string, Location>;
  onCutName: OnCutName;
}

/** A file that has been read with everything it extends. */
interface File {
  node: Node;
  /** The lines that each visit prints, those of extended files included. */
  notices: string[];
}

// zc.buildout ends at Python's recursion limit, a little below this.
const MAX_DEPTH = 1000;
// A deep diamond repeats a notice for each of its paths: limit them.
const MAX_NOTICES = 1000;

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

/** Whether a file is on disk or has an unsaved text. */
export function isThere({ directory, overlay }: SourceReader, name: string): boolean {
  return overlay.has(absolute(name, directory)) || existsSync(join(directory, name));
}

/** The values that determine how a file is opened: `settings`, overridden by the command line. */
function openingValues(settings: Options, overrides: Options): Map<string, string> {
  const options = new Map(settings);
  mergeSection(options, overrides);
  const result = new Map<string, string>();
  for (const [name, { value }] of options) result.set(name, value);
  return result;
}

/** A reference to a file from another one. */
interface Mention {
  /** The naming file's folder in its own spelling, and its real path. */
  folder: string;
  realFolder: string;
  name: string;
  /** Where it is named. */
  from: Location | undefined;
}

/** Reads one root file with all that it extends; see `readRoot`. */
class Extension {
  private readonly reader: Reader;
  private readonly overrides: Options;
  private readonly folders = new Folders();
  private readonly files = new Map<string, File | "open">();
  private readonly seen: string[] = [];
  private readonly downloaded = new Set<string>();
  private userDefaults: Sections | undefined;
  /** The known `[buildout]`: first from outside, then including the root file's. */
  private settings: Options;
  private opening: ReadonlyMap<string, string>;

  constructor(
    reader: Reader,
    settings: Options,
    overrides: Options,
    userDefaults: Sections | undefined,
  ) {
    this.reader = reader;
    this.settings = settings;
    this.overrides = overrides;
    this.opening = openingValues(settings, overrides);
    if (userDefaults !== undefined && userDefaults.size > 0) this.userDefaults = userDefaults;
  }

  async visit({ folder, realFolder, name, from }: Mention): Promise<File> {
    const source = within(folder, name);
    readBoolean(this.opening, "newest", "false");
    checkExtendsCache(this.opening);
    const remote = isUrl(source);
    const real = remote ? folderOf(source) : this.folders.of(realFolder, name);
    const fileName = nameIn(source);
    const key = remote ? source : `${real}/${fileName}`;
    const known = this.files.get(key);
    if (known !== undefined && known !== "open") {
      const room = Math.max(0, MAX_NOTICES - this.reader.notices.length);
      this.notify(known.notices.slice(0, room));
      return known;
    }
    const download = remote ? await this.download(source, from) : undefined;
    this.downloaded.add(source);
    this.checkRecursion(source, known, from);
    this.files.set(key, "open");
    this.seen.push(source);
    try {
      const parsed = await this.read(source, download, from);
      await this.pace();
      const node: Node = { name: fileName, parsed, children: [], first: undefined };
      const noticesBefore = this.reader.notices.length;
      await this.extend(node, source, real);
      const file = { node, notices: this.reader.notices.slice(noticesBefore) };
      this.files.set(key, file);
      return file;
    } finally {
      this.seen.pop();
      if (this.files.get(key) === "open") this.files.delete(key);
    }
  }

  private async download(url: string, from: Location | undefined): Promise<Downloaded> {
    try {
      const again = this.downloaded.has(url);
      return await this.reader.downloader.download(url, this.opening, again);
    } catch (error) {
      if (!(error instanceof BuildoutError) || from === undefined) throw error;
      const { code, message, hint, cause } = error;
      throw new BuildoutError(code, message, { location: from, ...(hint && { hint }), cause });
    }
  }

  private checkRecursion(
    source: string,
    known: "open" | undefined,
    from: Location | undefined,
  ): void {
    const details = {
      ...(from && { location: from }),
      hint: "A file must not extend itself, directly or indirectly.",
    };
    if (this.seen.includes(source) || known === "open") {
      const seen = `[${this.seen.map(repr).join(", ")}]`;
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

  /** After each file, so that signals are handled. */
  private readonly pace = pacer();

  private async read(
    source: string,
    download: Downloaded | undefined,
    from: Location | undefined,
  ): Promise<ParsedFile> {
    const { reader } = this;
    const parsed = await readSource(source, download, from, reader);
    if (download === undefined) reader.files.add(absolute(source, reader.directory));
    else reader.urls.add(source);
    const { file } = placeOf({ source })!;
    for (const duplicate of parsed.duplicates) reader.duplicates.push({ ...duplicate, file });
    for (const [section, line] of parsed.headers) reader.headers.set(section, { file, line });
    return parsed;
  }

  /** Visits the files that `source` extends. */
  private async extend(node: Node, source: string, realFolder: string): Promise<void> {
    const { reader } = this;
    const folder = folderOf(source);
    const own = node.parsed.sections.get("buildout");
    const extended = own?.get("extends");
    own?.delete("extends");
    const superseded = own?.get("extended-by");
    if (superseded !== undefined) {
      throw new BuildoutError(
        "extended-by",
        `No-longer supported "extended-by" option found in ${source}.`,
        locatedAt({ source, line: superseded.line }),
      );
    }
    if (this.seen.length === 1 && own !== undefined) {
      const settings = new Map(this.settings);
      mergeSection(
        settings,
        ownSections(node, folder, (section) => (section === "buildout" ? ALL : undefined)).get(
          "buildout",
        )!,
      );
      this.settings = settings;
      this.opening = openingValues(settings, this.overrides);
    }

    const visit = async (name: string, line: number) => {
      const from = placeOf({ source, line });
      try {
        const child = await this.visit({ folder, realFolder, name, from });
        node.children.push({ node: child.node, folder: folderOf(name) });
      } catch (error) {
        if (reader.onError === undefined || !(error instanceof BuildoutError)) throw error;
        reader.onError(error);
      }
    };
    if (extended !== undefined && extended.value !== "") {
      const names = words(extended.value);
      this.prefetch(names.map((name) => within(folder, name)));
      for (const name of names) await visit(name, extended.line);
    } else if (this.userDefaults !== undefined) {
      node.first = copySections(this.userDefaults);
      mergeSections(
        node.first,
        ownSections(node, folder, () => ALL),
        reader.onCutName,
      );
      this.userDefaults = undefined;
    }
    const optional = own?.get("optional-extends");
    if (optional === undefined) return;
    own?.delete("optional-extends");
    for (const name of words(optional.value)) {
      if (isThere(reader, name)) await visit(name, optional.line);
      else this.notify([`optional-extends file not found: ${name}`]);
    }
  }

  private notify(notices: readonly string[]): void {
    this.reader.notices.push(...notices);
    for (const notice of notices) this.reader.notify(notice);
  }

  /** Starts all downloads of one `extends` at once. */
  private prefetch(sources: string[]): void {
    const urls = sources.filter((source) => isUrl(source) && !this.downloaded.has(source));
    if (urls.length < 2) return;
    for (const url of urls) this.reader.downloader.prefetch(url, this.opening);
  }
}

/**
 * The root file `source` with everything it extends. `settings`: the known `[buildout]` before reading;
 * `overrides`: the command line's. `userDefaults` go below the first file that extends nothing.
 */
export async function readRoot(
  reader: Reader,
  source: string,
  settings: Options,
  overrides: Options,
  userDefaults?: Sections,
): Promise<Sections> {
  const extension = new Extension(reader, settings, overrides, userDefaults);
  const realFolder = new Folders().of(reader.directory, join(reader.directory, "."));
  const { node } = await extension.visit({
    folder: "",
    realFolder,
    name: source,
    from: undefined,
  });
  return combine({ node, folder: folderOf(source) }, reader.onCutName);
}

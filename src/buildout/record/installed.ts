import { existsSync, readFileSync, rmSync } from "node:fs";
import { words } from "../../pythonic/text.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { formatSection, parseSections } from "../kit/section-format.ts";

/** One part as recorded in `.installed.cfg`. */
export interface InstalledPart {
  /** The options it was installed with, those its recipe added included. */
  options: ReadonlyMap<string, string>;
  /** The paths it owns, as returned by the recipe: absolute or relative to the buildout directory. */
  paths: readonly string[];
  signature: string;
}

export interface Installed {
  /** Absolute paths of the links to develop packages. */
  developEggs: readonly string[];
  /** In installation order. */
  parts: Map<string, InstalledPart>;
}

const PATHS = "__buildout_installed__";
const SIGNATURE = "__buildout_signature__";

/** A part with the options for its paths and its signature. */
export function recordedOptions(part: InstalledPart): Map<string, string> {
  return new Map([...part.options, [PATHS, part.paths.join("\n")], [SIGNATURE, part.signature]]);
}

function formatPart(name: string, part: InstalledPart): string {
  return formatSection(name, recordedOptions(part));
}

/** The text of `.installed.cfg`, as zc.buildout writes and reads it. */
export function formatInstalled(installed: Installed): string {
  return formatWith(installed, formatPart);
}

function formatWith(installed: Installed, formatOne: typeof formatPart): string {
  const head = formatSection("buildout", [
    ["installed_develop_eggs", installed.developEggs.join("\n")],
    ["parts", [...installed.parts.keys()].join(" ")],
  ]);
  const parts = [...installed.parts].map(([name, part]) => formatOne(name, part));
  return [head, ...parts].join("\n");
}

/** Only a line feed ends a path, which may contain other line breaks of Python. */
function paths(value: string | undefined): string[] {
  return value?.split("\n").filter(Boolean) ?? [];
}

/** Reads what `formatInstalled` or zc.buildout wrote. */
export function parseInstalled(text: string): Installed {
  const sections = parseSections(text);
  const parts = new Map<string, InstalledPart>();
  for (const name of new Set(words(sections.get("buildout")?.get("parts") ?? ""))) {
    const options = sections.get(name) ?? new Map<string, string>();
    const installed = paths(options.get(PATHS));
    const signature = options.get(SIGNATURE) ?? "";
    options.delete(PATHS);
    options.delete(SIGNATURE);
    parts.set(name, { options, paths: installed, signature });
  }
  return { developEggs: paths(sections.get("buildout")?.get("installed_develop_eggs")), parts };
}

/** Options as read back from the file, which does not preserve tabs at the ends of lines. */
export function asRemembered(options: Iterable<[string, string]>): Map<string, string> {
  return parseSections(formatSection("part", options)).get("part")!;
}

function snapshot({ developEggs, parts }: Installed): Installed {
  return { developEggs, parts: new Map(parts) };
}

/** Whether both hold the same parts, as objects, in the same order. */
function isSame(a: Installed, b: Installed): boolean {
  if (a.parts.size !== b.parts.size) return false;
  if (a.developEggs.join("\n") !== b.developEggs.join("\n")) return false;
  const others = b.parts.entries();
  for (const [name, part] of a.parts) {
    const [otherName, otherPart] = others.next().value!;
    if (name !== otherName || part !== otherPart) return false;
  }
  return true;
}

/** The record of installed parts, written atomically. Without a file name (`installed =`), nothing is recorded. */
export class InstalledFile {
  readonly file: string | undefined;
  private written: string | undefined;
  /** The data of `written`, to detect quickly that nothing has changed. */
  private saved: Installed | undefined;
  /** The file is written after each part, so unchanged parts are formatted only once. */
  private readonly formatted = new WeakMap<InstalledPart, string>();

  constructor(file: string | undefined) {
    this.file = file;
  }

  read(): Installed {
    if (this.file === undefined || !existsSync(this.file)) {
      return { developEggs: [], parts: new Map() };
    }
    this.written = readFileSync(this.file, "utf8");
    const installed = parseInstalled(this.written);
    this.saved = snapshot(installed);
    return installed;
  }

  /** Writes what changed; with nothing installed there is no file. */
  save(installed: Installed, whenEmpty: "removed" | "kept" = "removed"): void {
    if (this.file === undefined) return;
    const isEmpty = installed.parts.size === 0 && installed.developEggs.length === 0;
    if (isEmpty && whenEmpty === "removed") {
      rmSync(this.file, { force: true });
      this.written = undefined;
      this.saved = undefined;
      return;
    }
    if (this.saved !== undefined && isSame(this.saved, installed)) return;
    const text = formatWith(installed, (name, part) => this.formatOnce(name, part));
    if (text !== this.written) writeFileAtomically(this.file, text, { durable: "name" });
    this.written = text;
    this.saved = snapshot(installed);
  }

  private formatOnce(name: string, part: InstalledPart): string {
    const text = this.formatted.get(part) ?? formatPart(name, part);
    this.formatted.set(part, text);
    return text;
  }
}

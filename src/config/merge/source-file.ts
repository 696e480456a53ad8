/** One configuration file or URL, read and parsed. */
import type { BuildoutError, Location } from "../../errors/error.ts";
import { absolute, join } from "../../pythonic/path.ts";
import type { Downloaded } from "../download/downloader.ts";
import { readLocal } from "../syntax/local-file.ts";
import { type Condition, type ParsedFile, parse } from "../syntax/parse.ts";
import { decodeUtf8 } from "../syntax/utf8.ts";
import { placeOf } from "./place.ts";

export interface SourceReader {
  /** The working directory. */
  directory: string;
  /** Contents to use instead of files, by absolute path. */
  overlay: ReadonlyMap<string, string>;
  /** Receives the text of each file and URL, by its name in locations. */
  texts: Map<string, string>;
  /** Whether the condition of a section holds. */
  holds(expression: string, location: Location, tail: string): boolean;
  /** Called for unreadable lines; by default, they are thrown. */
  onError?(error: BuildoutError): void;
}

/**
 * Reads and parses `source`, a path or a URL already downloaded; `from` is where it is named. Throws
 * `missing-file`, `unreadable-file`, `not-utf8` and parse errors.
 */
export async function readSource(
  source: string,
  download: Downloaded | undefined,
  from: Location | undefined,
  { directory, overlay, texts, holds, onError }: SourceReader,
): Promise<ParsedFile> {
  const { file } = placeOf({ source })!;
  const shown = download?.path ? `${source} (downloaded as ${download.path})` : source;
  const unsaved = download === undefined ? overlay.get(absolute(source, directory)) : undefined;
  const text =
    unsaved ??
    decodeUtf8(download?.bytes ?? (await readLocal(join(directory, source), source, from)), file);
  texts.set(file, text);
  const condition: Condition = (expression, line, tail) => holds(expression, { file, line }, tail);
  return parse(text, shown, condition, file, onError);
}

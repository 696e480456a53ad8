/** RECORD of an installed distribution: path, hash and size of each file (PEP 376, PEP 427). */

export interface RecordEntry {
  /** Relative to the directory of the `.dist-info`. */
  path: string;
  hash: string;
  size: string;
}

function fields(line: string): string[] {
  const found = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}

export function parseRecord(text: string): RecordEntry[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .map((line) => {
      const [path = "", hash = "", size = ""] = fields(line);
      return { path, hash, size };
    });
}

export function formatRecord(entries: readonly RecordEntry[]): string {
  const field = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return entries
    .map((entry) => `${[entry.path, entry.hash, entry.size].map(field).join(",")}\n`)
    .join("");
}

import { createHash, hash as hashOf } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, type Stats } from "node:fs";
import { writeFileAtomically } from "../../system/write-atomically.ts";

/** Milliseconds. A file that changed this recently may change again with the same timestamp. */
const RECENT = 100;

/** Size, inode and times of a file, and the hash of its content then. */
type Entry = [size: number, inode: number, mtime: number, ctime: number, hash: string];

/**
 * SHA-256 of files, cached between runs by size, inode and times, like git's index: 5,000 unchanged files
 * need not be read again.
 */
export class FileHashes {
  readonly #file: string;
  readonly #known: Map<string, Entry>;
  readonly #used = new Map<string, Entry>();
  #changed = false;

  constructor(file: string) {
    this.#file = file;
    this.#known = read(file);
  }

  /** The hash of the file at `source`, whose lstat is `stats`. */
  hash(source: string, stats: Stats): string {
    const { size, ino, mtimeMs, ctimeMs } = stats;
    const known = this.#known.get(source);
    if (
      known &&
      known[0] === size &&
      known[1] === ino &&
      known[2] === mtimeMs &&
      known[3] === ctimeMs
    ) {
      this.#used.set(source, known);
      return known[4];
    }
    const hash = sha256(source, size);
    this.#changed = true;
    if (Date.now() - ctimeMs > RECENT) {
      this.#used.set(source, [size, ino, mtimeMs, ctimeMs, hash]);
    }
    return hash;
  }

  /** Whether a file is new or has changed since the last run. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Saves the requested hashes and drops the rest. */
  save(): void {
    if (!this.#changed && this.#used.size === this.#known.size) return;
    try {
      const text = JSON.stringify([...this.#used]);
      writeFileAtomically(this.#file, text, { mode: 0o600, durable: "nothing" });
    } catch {
      // A full or read-only disk: the files are read again next time.
    }
  }
}

/** For the content of one file at a time: allocating a buffer for each would take longer. */
const content = Buffer.allocUnsafe(1 << 18);

function sha256(source: string, size: number): string {
  const descriptor = openSync(source, "r");
  try {
    const read = () => content.subarray(0, readSync(descriptor, content));
    const first = read();
    if (first.length === size && size < content.length) return hashOf("sha256", first, "hex");
    const hash = createHash("sha256");
    for (let piece = first; piece.length > 0; piece = read()) hash.update(piece);
    return hash.digest("hex");
  } finally {
    closeSync(descriptor);
  }
}

/** If the file is missing or cannot be read, all files are hashed again. */
function read(file: string): Map<string, Entry> {
  try {
    return new Map(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return new Map();
  }
}

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { isCompleteManifest, parseManifest } from "../host/entry.ts";

type Entries = ReadonlyMap<string, string>;

/** For a project that deploys in turn to several hosts, or goes back and forth. */
const MOST = 20;

/**
 * The manifests of the releases deployed last from this project, so that the next deployment need not ask the
 * host for the one that it starts from. The id of a release is a hash of all that is in its manifest.
 */
export class KnownManifests {
  readonly #directory: string;
  #readLast: { id: string; entries: Entries | undefined } | undefined;

  constructor(stateDirectory: string) {
    this.#directory = join(stateDirectory, "manifests");
  }

  /** Reads that of the release deployed last, which the next host most likely has. */
  readAhead(): void {
    try {
      const newest = this.#byAge()[0];
      if (newest !== undefined) this.read(basename(newest));
    } catch {
      // There are none yet.
    }
  }

  /** The lines of the manifest of release `id`, by path; undefined if it is not known here. */
  read(id: string): Entries | undefined {
    if (this.#readLast?.id !== id) this.#readLast = { id, entries: this.#read(id) };
    return this.#readLast.entries;
  }

  #read(id: string): Entries | undefined {
    let text: string;
    try {
      text = readFileSync(join(this.#directory, id), "utf8");
    } catch {
      // The host has it, too.
      return undefined;
    }
    // What a power failure leaves of a file may be empty.
    if (!text.startsWith(`release ${id}\nentries `)) return undefined;
    const entries = parseManifest(text);
    return isCompleteManifest(text, entries) ? entries : undefined;
  }

  keep(id: string, text: string): void {
    try {
      mkdirSync(this.#directory, { recursive: true });
      const file = join(this.#directory, id);
      writeFileAtomically(file, text, { mode: 0o600, durable: "nothing" });
      this.#readLast = undefined;
      this.#tidy();
    } catch {
      // A full or read-only disk: the host is asked next time.
    }
  }

  #tidy(): void {
    for (const file of this.#byAge().slice(MOST)) rmSync(file, { force: true });
  }

  /** The newest first. */
  #byAge(): string[] {
    const files = readdirSync(this.#directory).map((name) => join(this.#directory, name));
    const ages = new Map(files.map((file) => [file, statSync(file).mtimeMs]));
    return files.sort((a, b) => ages.get(b)! - ages.get(a)!);
  }
}

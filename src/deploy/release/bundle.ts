import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { Header, Pax } from "tar";
import { BuildoutError } from "../../errors/error.ts";
import { countBytes } from "../../system/count-bytes.ts";
import { compressionLevel } from "./compression.ts";
import type { BundleFile } from "./fileset.ts";

const BLOCK = 512;
/** Bytes. Files up to this size are read at once: a stream for each costs more than its content. */
const SMALL = 1 << 20;
/** Milliseconds between two reports of progress. */
const PROGRESS = 50;
/** Bytes that are handed to zlib in one go: each time costs a trip to another thread. */
const BATCH = 1 << 18;

const TYPES = { file: "File", link: "SymbolicLink", directory: "Directory" } as const;

export interface Bundle {
  /** The gzipped tar archive. It ends with an error where `done` rejects. */
  stream: NodeJS.ReadableStream;
  /** Throws `changed-while-reading` where the content of a file is not what its hash says. */
  done: Promise<void>;
  /** Bytes of the archive so far. */
  sent(): number;
}

/**
 * `files` as an archive, made while it is read, for a host that is `latency` milliseconds
 * away. `onProgress` gets the bytes of content so far.
 */
export function makeBundle(
  files: readonly BundleFile[],
  latency: number,
  onProgress: (bytes: number) => void = () => {},
): Bundle {
  const gzip = createGzip({ level: compressionLevel(latency), chunkSize: BATCH });
  let bytes = 0;
  const counting = countBytes((count) => {
    bytes = count;
  });
  const done = pipeline(Readable.from(batches(files, onProgress)), gzip, counting);
  done.catch(() => {});
  return { stream: counting, done, sent: () => bytes };
}

/** An uncompressed tar archive, in pieces of about BATCH bytes. */
async function* batches(
  files: readonly BundleFile[],
  onProgress: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let batch: Uint8Array[] = [];
  let pending = 0;
  let total = 0;
  let reported = performance.now();
  for (const file of files) {
    const head = header(file);
    batch.push(head);
    pending += head.length;
    if (file.kind !== "file") continue;
    let size = 0;
    const hash = createHash("sha256");
    for await (const chunk of contentOf(file)) {
      size += chunk.length;
      hash.update(chunk);
      pending += chunk.length;
      batch.push(chunk);
      if (pending < BATCH) continue;
      yield Buffer.concat(batch);
      batch = [];
      pending = 0;
    }
    // The host need not read what it has just been sent.
    if (file.content === undefined && hash.digest("hex") !== file.hash) {
      throw new BuildoutError(
        "changed-while-reading",
        `${file.path} changed while it was being packed.`,
        { hint: "Run the command again." },
      );
    }
    const rest = size % BLOCK;
    if (rest !== 0) batch.push(Buffer.alloc(BLOCK - rest));
    total += size;
    if (performance.now() - reported < PROGRESS) continue;
    reported = performance.now();
    onProgress(total);
  }
  onProgress(total);
  batch.push(Buffer.alloc(2 * BLOCK));
  yield Buffer.concat(batch);
}

function contentOf(file: BundleFile): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (file.content !== undefined) return [file.content];
  if (file.size <= SMALL) return [readFileSync(file.source!)];
  return createReadStream(file.source!, { highWaterMark: BATCH });
}

/** The header block, after a pax header where the path or target needs one. */
function header(file: BundleFile): Buffer {
  const fields = {
    path: file.path,
    mode: file.mode,
    size: file.kind === "file" ? file.size : 0,
    mtime: new Date(file.mtime * 1000),
    type: TYPES[file.kind],
    ...(file.link === undefined ? {} : { linkpath: file.link }),
    uid: 0,
    gid: 0,
  };
  const block = Buffer.alloc(BLOCK);
  const head = new Header(fields);
  if (!head.encode(block)) return block;
  const extended = new Pax({ path: file.path, linkpath: file.link }).encode();
  return Buffer.concat([extended, block]);
}

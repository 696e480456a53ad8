import { createHash, hash as hashOf } from "node:crypto";
import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { Header, Pax } from "tar";
import { BuildoutError } from "../../errors/error.ts";
import { countBytes } from "../../system/count-bytes.ts";
import { FAST } from "./compression.ts";
import type { BundleFile } from "./fileset.ts";

const BLOCK = 512;
/** Bytes. Files up to this size are read at once: a stream costs more than the content. */
const SMALL = 1 << 20;
/** Milliseconds between progress reports. */
const PROGRESS = 50;
/** Bytes passed to zlib at a time: each call switches threads. */
const BATCH = 1 << 18;

const TYPES = { file: "File", link: "SymbolicLink", directory: "Directory" } as const;

export interface Bundle {
  /** The archive. It ends with an error if `done` rejects. */
  stream: NodeJS.ReadableStream;
  /** Throws `changed-while-reading` if the content of a file does not match its hash. */
  done: Promise<void>;
  /** Bytes of the archive so far. */
  sent(): number;
}

/** A tar archive, as it is or gzipped. */
export type BundleForm = "tar" | "tgz";

/** `files` as an archive, created as it is read. `onProgress` receives the bytes of content so far. */
export function makeBundle(
  files: Iterable<BundleFile>,
  form: BundleForm,
  onProgress: (bytes: number) => void = () => {},
): Bundle {
  let bytes = 0;
  const counting = countBytes((count) => {
    bytes = count;
  });
  const archive = batches(files, onProgress);
  const done =
    form === "tar"
      ? pipeline(Readable.from(archive), counting)
      : pipeline(Readable.from(archive), createGzip({ level: FAST, chunkSize: BATCH }), counting);
  done.catch(() => {});
  return { stream: counting, done, sent: () => bytes };
}

/** An uncompressed tar archive, in pieces of about BATCH bytes. */
async function* batches(
  files: Iterable<BundleFile>,
  onProgress: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let batch = Buffer.allocUnsafe(BATCH);
  let used = 0;
  let total = 0;
  let reported = performance.now();
  for (const file of files) {
    const head = header(file);
    const size = file.kind === "file" ? file.size : 0;
    const isSmall = size <= SMALL;
    // One more byte, to detect whether the file has grown.
    const room = head.length + (isSmall ? size + BLOCK : 0);
    if (used + room > batch.length) {
      yield batch.subarray(0, used);
      batch = Buffer.allocUnsafe(Math.max(BATCH, room));
      used = 0;
    }
    used += head.copy(batch, used);
    if (isSmall && file.kind === "file") {
      if (file.content !== undefined) file.content.copy(batch, used);
      else if (!isRead(file, batch, used)) throw changed(file);
      used += size;
    } else if (!isSmall) {
      yield batch.subarray(0, used);
      if (file.content === undefined) yield* content(file);
      else yield file.content;
      batch = Buffer.allocUnsafe(BATCH);
      used = 0;
    }
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    batch.fill(0, used, used + padding);
    used += padding;
    total += size;
    if (performance.now() - reported < PROGRESS) continue;
    reported = performance.now();
    onProgress(total);
  }
  onProgress(total);
  yield batch.subarray(0, used);
  yield Buffer.alloc(2 * BLOCK);
}

/** Whether the content of the file, at `start` of `batch`, matches its hash. */
function isRead({ source, size, hash }: BundleFile, batch: Buffer, start: number): boolean {
  const descriptor = openSync(source!, "r");
  try {
    if (readSync(descriptor, batch, start, size + 1, null) !== size) return false;
  } finally {
    closeSync(descriptor);
  }
  return hashOf("sha256", batch.subarray(start, start + size), "hex") === hash;
}

async function* content(file: BundleFile): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file.source!, { highWaterMark: BATCH })) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest("hex") !== file.hash) throw changed(file);
}

/** The host need not verify what it was just sent: it is known here to match the manifest. */
function changed({ path }: BundleFile): BuildoutError {
  return new BuildoutError("changed-while-reading", `${path} changed while it was being packed.`, {
    hint: "Run the command again.",
  });
}

/** The header block, preceded by a pax header if the path or target needs one. */
function header(file: BundleFile): Buffer {
  const { path, link } = file;
  const size = file.kind === "file" ? file.size : 0;
  const mtime = Math.floor(file.mtime);
  if (
    link === undefined &&
    Math.max(size, mtime) < LARGEST_OCTAL &&
    mtime >= 0 &&
    SHORT_NAME.test(path)
  ) {
    return shortHeader(file, size, mtime);
  }
  const fields = {
    path,
    mode: file.mode,
    size,
    mtime: new Date(file.mtime * 1000),
    type: TYPES[file.kind],
    ...(link === undefined ? {} : { linkpath: link }),
    uid: 0,
    gid: 0,
  };
  const block = Buffer.alloc(BLOCK);
  const head = new Header(fields);
  if (!head.encode(block)) return block;
  const extended = new Pax({ path, linkpath: link }).encode();
  return Buffer.concat([extended, block]);
}

/** Names that fit in the first field of a header unchanged; sizes that fit in its octal digits. */
const SHORT_NAME = /^[ -~]{1,99}$/;
const LARGEST_OCTAL = 8 ** 11;

/** The library's result for most files, in a fifth of the time (POSIX.1-1988, `tar`: the ustar header block). */
function shortHeader({ path, mode, kind }: BundleFile, size: number, mtime: number): Buffer {
  // From Node's pool, as `alloc` is not.
  const block = Buffer.allocUnsafe(BLOCK).fill(0);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  const type = kind === "directory" ? "5" : "0";
  block.write(path, 0, "latin1");
  block.write(
    `${octal(mode, 6)} \0${octal(0, 6)} \0${octal(0, 6)} \0${octal(size, 11)} ${octal(mtime, 11)}         ${type}`,
    100,
    "latin1",
  );
  block.write("ustar\u000000", 257, "latin1");
  let sum = 0;
  for (let index = 0; index < BLOCK; index++) sum += block[index]!;
  block.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return block;
}

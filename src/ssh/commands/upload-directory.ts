import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Readable } from "node:stream";
import { BuildoutError } from "../../errors/error.ts";
import { countBytes } from "../../system/count-bytes.ts";
import { unusual } from "../../system/file-kind.ts";
import { isNotUtf8 } from "../../system/file-names.ts";
import type { LeftOut } from "../files/left-out.ts";
import type { Transport } from "../transport.ts";
import { execute } from "./exec.ts";
import unpack from "./programs/upload-directory.sh?raw";
import { shellCommand } from "./shell-program.ts";

/** Time limit for removing an unfinished upload, in seconds. */
const REMOVAL = 10;

/**
 * Uploads a directory as one compressed stream into the host's tar: thousands of small files cost one round
 * trip. It is unpacked under a temporary name and then becomes `path`, or is merged into an existing
 * `path`. Returns the entries without content. `onSent` receives the number of bytes in the stream so far.
 *
 * @throws BuildoutError `local-file-unreadable`, `remote-not-writable`, `remote-disk-full`, `upload-failed`,
 *   `connection-lost`, `interrupted`
 */
export async function uploadDirectory(
  transport: Transport,
  folder: string,
  path: string,
  signal?: AbortSignal,
  onSent?: (bytes: number) => void,
): Promise<LeftOut[]> {
  const stats = await stat(folder).catch((error: Error) => error);
  if (stats instanceof Error || !stats.isDirectory()) {
    throw unreadable(folder, stats instanceof Error ? stats : new Error("it is not a directory"));
  }
  const { create } = await import("tar");
  const leftOut: LeftOut[] = [];
  const stream = create(
    {
      cwd: folder,
      gzip: { level: 1 },
      jobs: 16,
      portable: true,
      filter(path, entry) {
        const kind = kindOf(entry as Stats);
        if (kind !== undefined) leftOut.push({ path: join(folder, path), kind });
        return kind === undefined;
      },
      // Portable archives have no times of directories, which would be from 1970.
      onWriteEntry(entry) {
        entry.noMtime = false;
      },
    },
    ["."],
  );
  const target = path.replace(/(.)\/+$/, "$1");
  // Short, since the name itself may have the maximum length.
  const name = `.${randomBytes(6).toString("hex")}.hostout-part`;
  const part = posix.join(posix.dirname(target), name);
  // One line, for login shells such as csh without multi-line strings.
  const result = await execute(transport, shellCommand(unpack, [part, target]), {
    input: counted(stream as unknown as Readable, onSent),
    ...(signal === undefined ? {} : { signal }),
  }).catch(async (error) => {
    // A busy host may not have removed it before the program was killed.
    if (transport.lost === undefined) await remove(transport, part);
    throw error.code === "input-failed" ? unreadable(folder, error.cause) : error;
  });
  if (result.code === 0) return leftOut;
  const output = result.stderr.trim();
  const failed = `Could not upload ${folder} to ${path} on ${transport.where}`;
  const [, program] =
    /\b(tar|gzip|mkdir|cp|mv): (?:\S+: )?(?:command )?(?:not found|cannot exec)/i.exec(output) ??
    [];
  if (program !== undefined) {
    throw new BuildoutError("upload-failed", `There is no '${program}' on ${transport.where}`, {
      hint: `Install ${program} on the host: it is needed to send directories.`,
      output,
    });
  }
  if (/no space left/i.test(output)) {
    throw new BuildoutError("remote-disk-full", `No space left on ${transport.where} for ${path}`, {
      output,
    });
  }
  if (/permission denied|read-only file system/i.test(output)) {
    throw new BuildoutError(
      "remote-not-writable",
      `Not allowed to write on ${transport.where}: ${path}`,
      { output },
    );
  }
  throw new BuildoutError("upload-failed", failed, { output });
}

/** Report the first error. */
async function remove(transport: Transport, part: string): Promise<void> {
  const command = shellCommand('rm -rf -- "$1"', [part]);
  await execute(transport, command, { timeout: REMOVAL }).catch(() => {});
}

function kindOf(stats: Stats): string | undefined {
  return stats.isDirectory() || stats.isSymbolicLink() ? undefined : unusual(stats);
}

/** `cause` names the file if it is in `folder`. */
function unreadable(folder: string, cause: NodeJS.ErrnoException): BuildoutError {
  const { path = folder } = cause;
  const why = isNotUtf8(path, cause) ? "its name is not UTF-8" : cause.message;
  return new BuildoutError("local-file-unreadable", `Cannot read ${path}: ${why}`, { cause });
}

function counted(stream: Readable, onSent?: (bytes: number) => void): Readable {
  if (onSent === undefined) return stream;
  const counter = countBytes(onSent);
  stream.on("error", (error) => counter.destroy(error));
  return stream.pipe(counter);
}

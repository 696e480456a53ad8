import { dirname, join } from "node:path/posix";
import type { ExecResult } from "../../ssh/commands/exec.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { STATE } from "../host/probe.ts";
import { arrivingScript } from "../host/release-state.ts";
import type { BundleFile } from "./fileset.ts";

/** Parallel uploads: each consists of requests that wait for an answer. */
const AT_ONCE = 16;

/**
 * Uploads the files of a release one by one over SFTP to where `receiveScript` looks for them, for a host
 * without tar. Returns the output of the program that created the directories.
 */
export async function putFiles(
  connection: HostConnection,
  path: string,
  files: Iterable<BundleFile>,
  options: { signal: AbortSignal; onProgress(bytes: number): void },
): Promise<ExecResult> {
  const { signal, onProgress } = options;
  const directories = new Set<string>();
  for (const { path: name } of files) directories.add(`./${dirname(name)}\0`);
  const made = await connection.sh(arrivingScript(path), {
    signal,
    input: [...directories].join(""),
  });
  if (made.code !== 0) return made;
  // Shared by all workers.
  const waiting = (function* () {
    yield* files;
  })();
  let bytes = 0;
  const work = async () => {
    for (const file of waiting) {
      signal.throwIfAborted();
      await putFile(connection, join(path, STATE, "arriving", file.path), file, signal);
      bytes += file.size;
      onProgress(bytes);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return made;
}

function putFile(
  connection: HostConnection,
  target: string,
  { link, content, source, mode }: BundleFile,
  signal: AbortSignal,
): Promise<void> {
  if (link !== undefined) {
    return connection.sftp("write", target, (sftp, done) => sftp.symlink(link, target, done));
  }
  // As the host's tar would set it.
  return connection.put(content ?? source!, target, { mode: mode & 0o750, signal });
}

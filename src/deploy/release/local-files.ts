import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { ErrorCode } from "../../errors/codes.ts";
import { BuildoutError, type ErrorDetails } from "../../errors/error.ts";
import type { HostOptions } from "../part/options.ts";
import { type HostBuildout, readHostBuildout } from "./configuration.ts";
import { FileHashes } from "./file-hashes.ts";
import { type BundleFile, configurationFile, includedFiles, madeFile } from "./fileset.ts";
import { assembled } from "./release.ts";

export interface LocalFilesRequest {
  /** The buildout folder. */
  directory: string;
  /** Cache of file hashes. */
  stateDirectory: string;
  /** The part's name, and its options of these names. */
  options: Pick<HostOptions, "name" | "buildout" | "parts" | "sudoParts" | "include">;
  env: Record<string, string | undefined>;
}

/** The configuration files of the host's buildout with everything they extend, and the files of `include`. */
export interface LocalFiles {
  buildout: HostBuildout;
  /** `assembled`. */
  files: BundleFile[];
  /** A file is new or has changed since the last deployment, so there is likely to be a new release. */
  changed: boolean;
  /** Paths of the configuration files among them. */
  configurations: string[];
}

/** The thread's answer: errors lose their class in transit. */
export type LocalFilesAnswer =
  | { files: LocalFiles }
  | { code: ErrorCode; message: string; details: ErrorDetails };

/** The hashes of files from the last run; what `readLocalFiles` adds is to be saved. */
export function knownHashes({ stateDirectory }: Pick<LocalFilesRequest, "stateDirectory">) {
  return new FileHashes(join(stateDirectory, "file-hashes.json"));
}

export async function readLocalFiles(
  request: Omit<LocalFilesRequest, "stateDirectory">,
  hashes: FileHashes,
): Promise<LocalFiles> {
  const { directory, options, env } = request;
  const buildout = await readHostBuildout(directory, options, env);
  const included = await includedFiles(directory, options.include, hashes);
  const configurations = buildout.files.map((file) => {
    const found = configurationFile(directory, file, hashes);
    const text = buildout.withoutPasswords.get(file);
    return text === undefined ? found : { ...madeFile(found.path, text), mode: found.mode };
  });
  return {
    buildout,
    changed: hashes.changed,
    // In this thread: the other one has enough to do.
    files: assembled([...included, ...configurations]),
    configurations: configurations.map(({ path }) => path),
  };
}

/**
 * Space for new objects. With V8's own limit of 48 MB, a deployment of 20,000 files takes 35 MB more memory,
 * and is not faster.
 */
const LIMITS = { maxYoungGenerationSizeMb: 6 };

/**
 * `readLocalFiles` in a separate thread with the program `worker`: it reads thousands of files while this
 * thread logs in. Throws the same errors.
 */
export async function readLocalFilesAside(
  worker: string,
  request: LocalFilesRequest,
): Promise<LocalFiles> {
  // Options of Node itself, such as --input-type, are not for the thread.
  const thread = new Worker(worker, { workerData: request, execArgv: [], resourceLimits: LIMITS });
  const answer = await new Promise<LocalFilesAnswer>((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
  });
  if ("files" in answer) return answer.files;
  throw new BuildoutError(answer.code, answer.message, answer.details);
}

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Commit, commitOf } from "./commit.ts";
import { KnownManifests } from "./known-manifests.ts";
import { type LocalFiles, type LocalFilesRequest, readLocalFilesAside } from "./local-files.ts";

/** The engine for hosts. */
export interface HostEngine {
  code: Buffer;
  /** The name of its file on a host. */
  name: string;
}

/** Local results shared by all hosts: nothing in between changes them. */
export class LocalWork {
  readonly #files = new Map<string, Promise<LocalFiles>>();
  #commit: Promise<Commit | undefined> | undefined;
  #engine: Promise<HostEngine> | undefined;
  #manifests: KnownManifests | undefined;

  /** The files for parts with these options, read by the program `worker`. */
  files(worker: string, request: LocalFilesRequest): Promise<LocalFiles> {
    const { name, ...options } = request.options;
    // The name only appears in the error that there is nothing to build.
    const key = JSON.stringify([options, options.buildout.length === 0 && name]);
    const files = this.#files.get(key) ?? readLocalFilesAside(worker, request);
    this.#files.set(key, files);
    return files;
  }

  /** The state of the project in `directory` in version control. */
  commit(directory: string): Promise<Commit | undefined> {
    this.#commit ??= commitOf(directory);
    return this.#commit;
  }

  /** The manifests of earlier releases of the project with this directory of state. */
  manifests(stateDirectory: string): KnownManifests {
    this.#manifests ??= new KnownManifests(stateDirectory);
    return this.#manifests;
  }

  /** The engine in the file `program`. */
  engine(program: string): Promise<HostEngine> {
    this.#engine ??= readEngine(program);
    return this.#engine;
  }
}

async function readEngine(program: string): Promise<HostEngine> {
  const code = await readFile(program);
  const hash = createHash("sha256").update(code).digest("hex");
  return { code, name: `engine-${hash.slice(0, 12)}.cjs` };
}

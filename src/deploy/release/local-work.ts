import { type Commit, commitOf } from "./commit.ts";
import { type LocalFiles, type LocalFilesRequest, readLocalFilesAside } from "./local-files.ts";

/** What is found out here, once for all hosts: nothing that runs between them changes the answer. */
export class LocalWork {
  readonly #files = new Map<string, Promise<LocalFiles>>();
  #commit: Promise<Commit | undefined> | undefined;

  /** The files that parts with these options have, read by the program `worker`. */
  files(worker: string, request: LocalFilesRequest): Promise<LocalFiles> {
    const { name, ...options } = request.options;
    // The name stands in the error alone that there is nothing to build.
    const key = JSON.stringify([options, options.buildout.length === 0 && name]);
    const files = this.#files.get(key) ?? readLocalFilesAside(worker, request);
    this.#files.set(key, files);
    return files;
  }

  /** Where the project in `directory` stands in its version control. */
  commit(directory: string): Promise<Commit | undefined> {
    this.#commit ??= commitOf(directory);
    return this.#commit;
  }
}

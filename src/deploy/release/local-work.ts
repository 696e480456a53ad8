import { type Commit, commitOf } from "./commit.ts";
import { type LocalFiles, type LocalFilesRequest, readLocalFilesAside } from "./local-files.ts";

/** Local results shared by all hosts: nothing in between changes them. */
export class LocalWork {
  readonly #files = new Map<string, Promise<LocalFiles>>();
  #commit: Promise<Commit | undefined> | undefined;

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
}

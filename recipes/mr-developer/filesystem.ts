import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Log } from "../../src/index.ts";
import type { Source } from "./sources.ts";
import {
  type Status,
  type WorkingCopy,
  type WorkingCopyContext,
  WorkingCopyError,
} from "./working-copy.ts";

/** A directory managed by the developer. */
export class FilesystemFolder implements WorkingCopy {
  private readonly source: Source;
  private readonly log: Log;

  constructor({ source, log }: WorkingCopyContext) {
    this.source = source;
    this.log = log;
  }

  async matches(): Promise<boolean> {
    return basename(this.source.path) === this.source.url;
  }

  async status(): Promise<{ status: Status; output: string }> {
    return { status: "clean", output: "" };
  }

  async checkout(): Promise<string> {
    const { name, path } = this.source;
    if (!existsSync(path)) {
      throw new WorkingCopyError(
        `Directory '${path}' for package '${name}' doesn't exist. ` +
          "Check in the documentation if you need to add/change a 'sources-dir' option in " +
          "your [buildout] section or a 'path' option in [sources].",
      );
    }
    await this.check();
    this.log.info(`Filesystem package '${name}' doesn't need a checkout.`);
    return "";
  }

  async update(): Promise<string> {
    await this.check();
    this.log.info(`Filesystem package '${this.source.name}' doesn't need update.`);
    return "";
  }

  private async check(): Promise<void> {
    const { name, url } = this.source;
    if (await this.matches()) return;
    throw new WorkingCopyError(
      `Directory name for existing package '${name}' differs. Expected '${url}'.`,
    );
  }
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { BuildoutError, type Log } from "../../src/index.ts";
import { makeWhole } from "./make-whole.ts";
import { redact } from "./redact.ts";
import type { Source } from "./sources.ts";
import {
  type CheckoutOptions,
  isSameUrl,
  requireTool,
  revisionOf,
  runTool,
  type Status,
  shouldUpdate,
  type WorkingCopy,
  type WorkingCopyContext,
  WorkingCopyError,
} from "./working-copy.ts";

/** Tags of one naming scheme, newest first; numbers in them are compared numerically. */
function newestFirst(tags: readonly string[]): string[] {
  const collator = new Intl.Collator("en", { numeric: true });
  return [...tags].sort((a, b) => collator.compare(b, a));
}

/** A Mercurial repository with its path `default`. */
export class MercurialWorkingCopy implements WorkingCopy {
  private readonly source: Source;
  private readonly directory: string;
  private readonly log: Log;
  /** The branch, tag or commit to use. */
  private readonly revision: string;

  /** Throws `invalid-source` if the source names both a branch and a revision. */
  constructor({ source, directory, log }: WorkingCopyContext) {
    this.source = source;
    this.directory = directory;
    this.log = log;
    const branch = source.keys.get("branch") ?? "default";
    const revision = revisionOf(source);
    if (branch !== "default" && revision !== undefined) {
      throw new BuildoutError(
        "invalid-source",
        `Cannot specify both branch (${branch}) and rev/revision (${revision}) in source for ${source.name}`,
      );
    }
    this.revision = revision ?? branch;
  }

  async matches(): Promise<boolean> {
    if (!this.isRepository()) return false;
    const failure = `hg showconfig for '${this.source.name}' failed.`;
    const url = (await this.hg(["showconfig", "paths.default"], failure)).trim();
    return isSameUrl(url, this.source.url, this.directory);
  }

  async status(): Promise<{ status: Status; output: string }> {
    if (!this.isRepository()) return { status: "dirty", output: "not a Mercurial repository" };
    const changes = await this.hg(["status"], `hg status for '${this.source.name}' failed.`);
    if (changes.trim() !== "") return { status: "dirty", output: changes };
    const { exitCode, stdout } = await this.try(["outgoing"]);
    return { status: exitCode === 0 ? "ahead" : "clean", output: redact(stdout) };
  }

  async checkout(options: CheckoutOptions): Promise<string> {
    const { name, path, url } = this.source;
    if (!existsSync(path)) return await this.clone();
    if (shouldUpdate(this.source, options)) return await this.update(options);
    if (!(await this.matches())) {
      throw new WorkingCopyError(
        `Source URL for existing package '${name}' differs. Expected '${redact(url)}'.`,
      );
    }
    this.log.info(`Skipped checkout of existing package '${name}'.`);
    return "";
  }

  async update({ force }: CheckoutOptions): Promise<string> {
    const { name } = this.source;
    if (!(await this.matches())) {
      throw new WorkingCopyError(`Can't update package '${name}' because its URL doesn't match.`);
    }
    if (!force && (await this.status()).status !== "clean") {
      throw new WorkingCopyError(`Can't update package '${name}' because it's dirty.`);
    }
    this.log.info(`Updated '${name}' with mercurial.`);
    const pulled = await this.try(["pull"]);
    // Some versions exit with status 1 if nothing is new.
    if (pulled.exitCode !== 0 && !pulled.stdout.includes("no changes found")) {
      throw new WorkingCopyError(redact(`hg pull for '${name}' failed.\n${pulled.all.trim()}`));
    }
    return redact(pulled.stdout) + (await this.switchTo((await this.newestTag()) ?? this.revision));
  }

  private async clone(): Promise<string> {
    const { name, path, url } = this.source;
    this.log.info(`Cloned '${name}' with mercurial.`);
    return await makeWhole(path, async (temporary) => {
      const revision = ["--updaterev", this.revision];
      const args = ["clone", ...revision, "--quiet", "--noninteractive", "--", url, temporary];
      const failure = `hg clone for '${name}' failed.`;
      const output = await requireTool("hg", args, this.directory, failure);
      const clone = new MercurialWorkingCopy({
        source: { ...this.source, path: temporary },
        directory: this.directory,
        log: this.log,
      });
      const tag = await clone.newestTag();
      return tag === undefined ? output : output + (await clone.switchTo(tag));
    });
  }

  /** Mercurial refuses if that would lose changes. */
  private async switchTo(revision: string): Promise<string> {
    const { name } = this.source;
    const output = await this.hg(["checkout", "-c", revision], `hg update for '${name}' failed.`);
    this.log.info(`Switched '${name}' to ${revision}.`);
    return output;
  }

  private async newestTag(): Promise<string | undefined> {
    const { name, keys } = this.source;
    if (!["1", "true", "yes"].includes(keys.get("newest_tag")?.toLowerCase() ?? "")) {
      return undefined;
    }
    const prefix = keys.get("newest_tag_prefix") ?? keys.get("newest_tag_mask") ?? "";
    const output = await this.hg(["tags", "--quiet"], `hg tags for '${name}' failed.`);
    const tags = output.split("\n").filter((tag) => tag !== "" && tag !== "tip");
    const [newest] = newestFirst(tags.filter((tag) => tag.startsWith(prefix)));
    if (newest !== undefined) {
      this.log.info(`Picked newest tag for '${name}' from Mercurial: '${newest}'.`);
    }
    return newest;
  }

  /** Whether the directory itself is a repository: Mercurial also looks in its parents. */
  private isRepository(): boolean {
    return existsSync(join(this.source.path, ".hg"));
  }

  private hg(args: string[], failure: string): Promise<string> {
    return requireTool("hg", ["--noninteractive", ...args], this.source.path, failure);
  }

  private try(args: string[]) {
    return runTool("hg", ["--noninteractive", ...args], this.source.path);
  }
}

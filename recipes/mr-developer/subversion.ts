import { existsSync } from "node:fs";
import { BuildoutError, type Log } from "../../src/index.ts";
import { makeWhole } from "./make-whole.ts";
import { redact } from "./redact.ts";
import type { Source } from "./sources.ts";
import {
  type CheckoutOptions,
  requireTool,
  revisionOf,
  runTool,
  type Status,
  shouldUpdate,
  type WorkingCopy,
  type WorkingCopyContext,
  WorkingCopyError,
} from "./working-copy.ts";

/** The URL without a revision after `@`, and the revision, which may be `>N` or `>=N`. */
function address(source: Source): { url: string; revision: string | undefined } {
  const own = revisionOf(source);
  const [, url = source.url, pinned] = /^(.*\/[^/@]*)@([^/@]+)$/.exec(source.url) ?? [];
  if (pinned !== undefined && own !== undefined) {
    throw new BuildoutError(
      "invalid-source",
      `The url of '${source.name}' contains a revision and there is an additional revision option.`,
    );
  }
  return { url: url.replace(/\/$/, ""), revision: pinned ?? own };
}

/** Whether the revision `actual` satisfies `wanted`. */
function satisfies(actual: number, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const [, operator, number] = /^(>=|>)?(.*)$/.exec(wanted) ?? [];
  if (operator === ">=") return actual >= Number(number);
  if (operator === ">") return actual > Number(number);
  return actual === Number(number);
}

/** Escapes a path for Subversion, in which `@` would start a revision. */
function pegged(path: string): string {
  return path.includes("@") ? `${path}@` : path;
}

/** A Subversion working copy. Uses the logins that Subversion has stored. */
export class SubversionWorkingCopy implements WorkingCopy {
  private readonly source: Source;
  private readonly directory: string;
  private readonly log: Log;
  private readonly url: string;
  private readonly revision: string | undefined;

  /** Throws `invalid-source` if the source names two revisions. */
  constructor({ source, directory, log }: WorkingCopyContext) {
    this.source = source;
    this.directory = directory;
    this.log = log;
    const { url, revision } = address(source);
    this.url = url;
    this.revision = revision;
  }

  async matches(): Promise<boolean> {
    const url = await this.show("url");
    if (url !== this.url) return false;
    return satisfies(Number(await this.show("revision")), this.revision);
  }

  async status(): Promise<{ status: Status; output: string }> {
    const { name, path } = this.source;
    const failure = `Subversion status for '${name}' failed.`;
    const xml = await this.local(["status", "--xml", pegged(path)], failure);
    const states = [...xml.matchAll(/<wc-status\b[^>]*?\bitem="([^"]*)"/g)].map(([, item]) => item);
    const dirty = states.some((item) => item !== "external");
    const output = dirty ? await this.local(["status", pegged(path)], failure) : "";
    return { status: dirty ? "dirty" : "clean", output };
  }

  async checkout(options: CheckoutOptions): Promise<string> {
    const { name, path, url } = this.source;
    if (!existsSync(path)) {
      this.log.info(`Checked out '${name}' with subversion.`);
      const failure = `Subversion checkout for '${name}' failed.`;
      return await makeWhole(path, (temporary) =>
        this.remote(["checkout", this.url, pegged(temporary)], options, failure),
      );
    }
    if (await this.matches()) {
      if (shouldUpdate(this.source, options)) return await this.update(options);
      this.log.info(`Skipped checkout of existing package '${name}'.`);
      return "";
    }
    if ((await this.status()).status === "clean") return await this.switch(options);
    throw new WorkingCopyError(
      `The current checkout of '${name}' is from '${redact(await this.show("url"))}'.\n` +
        `Can't switch package to '${redact(url)}' because it's dirty.`,
    );
  }

  async update(options: CheckoutOptions): Promise<string> {
    const { name, path } = this.source;
    const clean = options.force || (await this.status()).status === "clean";
    if (!(await this.matches())) {
      if (clean) return await this.switch(options);
      throw new WorkingCopyError(`Can't switch package '${name}' because it's dirty.`);
    }
    if (!clean) throw new WorkingCopyError(`Can't update package '${name}' because it's dirty.`);
    this.log.info(`Updated '${name}' with subversion.`);
    const failure = `Subversion update of '${name}' failed.`;
    return await this.remote(["update", pegged(path)], options, failure);
  }

  private async switch(options: CheckoutOptions): Promise<string> {
    const { name, path } = this.source;
    this.log.info(`Switched '${name}' with subversion.`);
    const failure = `Subversion switch of '${name}' failed.`;
    return await this.remote(
      ["switch", "--ignore-ancestry", this.url, pegged(path)],
      options,
      failure,
    );
  }

  private async show(item: string): Promise<string> {
    const { name, path } = this.source;
    const args = ["info", "--show-item", item, pegged(path)];
    return (await this.local(args, `Subversion info for '${name}' failed.`)).trim();
  }

  private local(args: string[], failure: string): Promise<string> {
    return requireTool("svn", ["--non-interactive", ...args], this.directory, failure);
  }

  /** Runs a command that talks to the repository, at the pinned revision. */
  private async remote(
    args: string[],
    { acceptCertificates }: CheckoutOptions,
    failure: string,
  ): Promise<string> {
    const all = ["--non-interactive", ...args];
    if (acceptCertificates) {
      all.push("--trust-server-cert-failures=unknown-ca,cn-mismatch,expired,not-yet-valid,other");
    }
    const { revision } = this;
    if (revision !== undefined && !revision.startsWith(">")) all.push("-r", revision);
    const result = await runTool("svn", all, this.directory);
    if (result.exitCode === 0) return result.stdout;
    const hint = /authorization failed|No more credentials|Authentication failed/i.test(result.all)
      ? `\nLog in once, so that Subversion stores your password: svn info ${redact(this.url)}`
      : /certificate verification failed/i.test(result.all)
        ? `\nAccept the certificate once: svn info ${redact(this.url)}`
        : "";
    throw new WorkingCopyError(redact(`${failure}\n${result.all.trim()}`) + hint);
  }
}

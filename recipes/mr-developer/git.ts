import { existsSync } from "node:fs";
import { BuildoutError, type Log } from "../../src/index.ts";
import { initializeSubmodules } from "./git-submodules.ts";
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

/** A git repository with its remote `origin`. */
export class GitWorkingCopy implements WorkingCopy {
  private readonly source: Source;
  private readonly directory: string;
  private readonly log: Log;
  private readonly branch: string | undefined;
  private readonly revision: string | undefined;

  /** Throws `invalid-source` if the source names both a branch and a revision. */
  constructor({ source, directory, log }: WorkingCopyContext) {
    this.source = source;
    this.directory = directory;
    this.log = log;
    this.branch = source.keys.get("branch");
    this.revision = revisionOf(source);
    if (this.branch !== undefined && this.revision !== undefined) {
      throw new BuildoutError(
        "invalid-source",
        `Cannot specify both branch (${this.branch}) and rev/revision (${this.revision}) in source for ${source.name}`,
      );
    }
  }

  async matches(): Promise<boolean> {
    if (!(await this.isRepository())) return false;
    // Not `remote show`, which shows the URL after the user's URL rewriting.
    const args = ["config", "--get-regexp", "^remote\\.origin\\.(push)?url$"];
    const { stdout } = await this.try(args);
    const urls = stdout.split("\n").map((line) => line.replace(/^\S+ /, ""));
    return urls.some((url) => isSameUrl(url, this.source.url, this.directory));
  }

  async status(): Promise<{ status: Status; output: string }> {
    if (!(await this.isRepository())) return { status: "dirty", output: "not a git repository" };
    const failure = `git status of '${this.source.name}' failed.`;
    const output = await this.git(["status", "-s", "-b"], failure);
    const [head = "", ...changes] = output.trim().split("\n");
    const ahead = /\[(?:.*, )?ahead \d+/.test(head);
    return { status: changes.length > 0 ? "dirty" : ahead ? "ahead" : "clean", output };
  }

  async checkout(options: CheckoutOptions): Promise<string> {
    const { name, path, url } = this.source;
    if (!existsSync(path)) return await this.clone(options);
    if (shouldUpdate(this.source, options)) return await this.update(options);
    if (await this.matches()) this.log.info(`Skipped checkout of existing package '${name}'.`);
    else {
      this.log.warning(
        `Checkout URL for existing package '${name}' differs. Expected '${redact(url)}'.`,
      );
    }
    return "";
  }

  async update({ force, submodules }: CheckoutOptions): Promise<string> {
    const { name, keys } = this.source;
    if (!(await this.matches())) {
      this.log.warning(`Can't update package '${name}' because its URL doesn't match.`);
      return "";
    }
    if (!force && (await this.status()).status !== "clean") {
      throw new WorkingCopyError(`Can't update package '${name}' because it's dirty.`);
    }
    this.log.info(`Updated '${name}' with git.`);
    let output = await this.git(["fetch"], `git fetch of '${name}' failed.`);
    if (this.revision !== undefined) output += await this.switchToRevision();
    else output += await this.followBranch();
    if ((keys.get("submodules") ?? submodules) === "always") {
      output += await initializeSubmodules(this.source, this.log);
    }
    return output;
  }

  private async clone({ submodules }: CheckoutOptions): Promise<string> {
    const { name, path, url, keys } = this.source;
    const using = this.branch === undefined ? "" : ` using branch '${this.branch}'`;
    this.log.info(`Cloned '${name}' with git${using} from '${redact(url)}'.`);
    const pushUrl = keys.get("pushurl");
    const wanted = keys.get("submodules") ?? submodules;
    return await makeWhole(path, async (temporary) => {
      const clone = new GitWorkingCopy({
        source: { ...this.source, path: temporary },
        directory: this.directory,
        log: this.log,
      });
      const args = ["clone", "--quiet", ...this.depth()];
      if (this.branch !== undefined) args.push("-b", this.branch);
      args.push("--", url, temporary);
      const failure = `git cloning of '${name}' failed.`;
      let output = await requireTool("git", args, this.directory, failure);
      if (this.revision !== undefined) output += await clone.switchToRevision();
      if (pushUrl !== undefined) {
        const set = ["config", "remote.origin.pushurl", pushUrl];
        await clone.git(set, `git config remote.origin.pushurl ${redact(pushUrl)} failed.`);
      }
      if (wanted === "always" || wanted === "checkout") {
        output += await initializeSubmodules(clone.source, this.log);
      }
      return output;
    });
  }

  /** Checks out a tag or commit, which a shallow clone may have to fetch first. */
  private async switchToRevision(): Promise<string> {
    const revision = this.revision!;
    const { name } = this.source;
    this.log.info(`Switching to rev '${revision}'.`);
    const known = await this.try(["rev-parse", "--verify", "--quiet", `${revision}^{commit}`]);
    const fetched =
      known.exitCode !== 0 &&
      (await this.try(["fetch", "--quiet", ...this.depth(), "origin", revision])).exitCode === 0;
    const target = fetched ? "FETCH_HEAD" : revision;
    const failure = `git checkout of rev '${revision}' of '${name}' failed.`;
    return await this.git(["checkout", target, "--"], failure);
  }

  /** Switches to the branch and merges the remote's. */
  private async followBranch(): Promise<string> {
    const branch = this.branch ?? (await this.defaultBranch());
    const switched = await this.switchToBranch(branch);
    if (switched !== undefined) return switched + (await this.merge(branch));
    if (this.branch === undefined) this.log.info(`No such branch '${branch}'`);
    else throw new WorkingCopyError(`No such branch '${branch}' in '${this.source.name}'.`);
    return "";
  }

  /** Undefined: there is no such branch, locally or remotely. */
  private async switchToBranch(branch: string): Promise<string | undefined> {
    const failure = `git checkout of branch '${branch}' of '${this.source.name}' failed.`;
    if (await this.hasReference(`refs/heads/${branch}`)) {
      this.log.info(`Switching to branch '${branch}'.`);
      return await this.git(["checkout", branch, "--"], failure);
    }
    const remote = `refs/remotes/origin/${branch}`;
    if (!(await this.hasReference(remote))) {
      // A shallow clone only has one branch.
      const refspec = `+refs/heads/${branch}:${remote}`;
      const { exitCode } = await this.try(["fetch", "--quiet", ...this.depth(), "origin", refspec]);
      if (exitCode !== 0) return undefined;
    }
    this.log.info(`Switching to remote branch 'remotes/origin/${branch}'.`);
    return await this.git(["checkout", "-b", branch, `remotes/origin/${branch}`, "--"], failure);
  }

  private async merge(branch: string): Promise<string> {
    if (!(await this.hasReference(`refs/remotes/origin/${branch}`))) {
      this.log.info(`There is no branch '${branch}' at the remote of '${this.source.name}'.`);
      return "";
    }
    const { exitCode, stdout, all } = await this.try(["merge", `remotes/origin/${branch}`]);
    if (exitCode === 0) return stdout;
    const undone = (await this.try(["merge", "--abort"])).exitCode === 0;
    const note = undone ? "\nThe merge was undone: the working copy is unchanged." : "";
    throw new WorkingCopyError(
      `git merge of remote branch 'origin/${branch}' failed.\n${redact(all.trim())}${note}`,
    );
  }

  /** The remote's default branch, if known. */
  private async defaultBranch(): Promise<string> {
    const args = ["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"];
    const { stdout } = await this.try(args);
    return stdout.trim().replace(/^origin\//, "") || "master";
  }

  private async hasReference(reference: string): Promise<boolean> {
    return (await this.try(["show-ref", "--verify", "--quiet", reference])).exitCode === 0;
  }

  /** Whether the directory itself is a repository, not just part of the buildout's repository. */
  private async isRepository(): Promise<boolean> {
    const { exitCode, stdout } = await this.try(["rev-parse", "--show-prefix"]);
    return exitCode === 0 && stdout.trim() === "";
  }

  private depth(): string[] {
    const depth = this.source.keys.get("depth");
    return depth === undefined ? [] : ["--depth", depth.trim()];
  }

  private git(args: string[], failure: string): Promise<string> {
    return requireTool("git", args, this.source.path, failure);
  }

  private try(args: string[]) {
    return runTool("git", args, this.source.path);
  }
}

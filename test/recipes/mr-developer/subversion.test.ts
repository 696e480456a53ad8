import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeFiles } from "../../support/scratch.ts";
import { messages, nodePackage, run, Workspace } from "../../support/working-copies.ts";

const installed = spawnSync("svnadmin", ["--version"]).error === undefined;

/** A repository with `trunk` and `stable`, written to from a working copy of its own. */
class Repository {
  readonly url: string;
  private readonly folder: string;

  constructor(scratch: string) {
    const repository = join(scratch, "repository");
    this.url = `file://${repository}`;
    this.folder = join(scratch, "author");
    run("svnadmin", ["create", repository], scratch);
    run("svn", ["checkout", this.url, this.folder], scratch);
    writeFiles(join(this.folder, "trunk"), nodePackage("pkg"));
    writeFiles(join(this.folder, "stable"), { ...nodePackage("pkg"), "stable.txt": "" });
    this.commit({});
  }

  commit(files: Record<string, string>): void {
    writeFiles(this.folder, files);
    run("svn", ["add", "--force", "."], this.folder);
    run("svn", ["commit", "--message", "files"], this.folder);
  }
}

function workspace(definition: (url: string) => string) {
  const w = new Workspace({});
  const repository = new Repository(w.scratch);
  source(w, definition(repository.url));
  return { w, repository };
}

function source(w: Workspace, definition: string): void {
  w.write({
    "buildout.cfg": `[buildout]\nextensions = mr.developer\nauto-checkout = pkg\nparts =\n[sources]\npkg = svn ${definition}\n`,
  });
}

const update = { assignments: ["always-checkout=true"] };

describe.skipIf(!installed)("Subversion", () => {
  test("a package is checked out, left alone, updated", async () => {
    const { w, repository } = workspace((url) => `${url}/trunk`);
    expect(messages((await w.buildout()).text).slice(1)).toEqual([
      "Queued 'pkg' for checkout.",
      "Checked out 'pkg' with subversion.",
    ]);
    repository.commit({ "trunk/new.txt": "" });
    expect((await w.buildout()).text).toContain("Skipped checkout of existing package 'pkg'.");
    expect(w.has("src/pkg/new.txt")).toBe(false);
    expect((await w.buildout(update)).text).toContain("Updated 'pkg' with subversion.");
    expect(w.has("src/pkg/new.txt")).toBe(true);
  });

  test("a clean working copy follows its URL, a dirty one does not", async () => {
    const { w, repository } = workspace((url) => `${url}/trunk`);
    await w.buildout();
    source(w, `${repository.url}/stable`);
    expect((await w.buildout()).text).toContain("Switched 'pkg' with subversion.");
    expect(w.has("src/pkg/stable.txt")).toBe(true);
    w.write({ "src/pkg/package.json": '{"name": "pkg", "version": "2.0.0"}' });
    source(w, `${repository.url}/trunk`);
    const { text, error } = await w.buildout();
    expect(messages(text)).toEqual([
      "Queued 'pkg' for checkout.",
      "The current checkout of 'pkg' is from 'file:///t/repository/stable'.",
      "Can't switch package to 'file:///t/repository/trunk' because it's dirty.",
    ]);
    expect(error?.code).toBe("checkout-failed");
    expect(w.read("src/pkg/package.json")).toContain("2.0.0");
  });

  test.each([
    [(url: string) => `${url}/trunk@1`],
    [(url: string) => `${url}/trunk rev=1`],
    [(url: string) => `${url}/trunk/ revision=1`],
  ])("a revision is pinned: %s", async (definition) => {
    const { w, repository } = workspace(definition);
    repository.commit({ "trunk/new.txt": "" });
    await w.buildout();
    expect(w.has("src/pkg/new.txt")).toBe(false);
    expect((await w.buildout()).text).toContain("Skipped checkout");
  });

  test("rev=>=2 updates older revisions", async () => {
    const { w, repository } = workspace((url) => `${url}/trunk rev=1`);
    await w.buildout();
    repository.commit({ "trunk/new.txt": "" });
    source(w, `${repository.url}/trunk rev=>=2`);
    expect((await w.buildout()).text).toContain("Switched 'pkg' with subversion.");
    expect(w.has("src/pkg/new.txt")).toBe(true);
    expect((await w.buildout()).text).toContain("Skipped checkout");
  });

  test("two revisions are an error", async () => {
    const { w } = workspace((url) => `${url}/trunk@1 rev=2`);
    expect((await w.buildout()).error?.message).toBe(
      "The url of 'pkg' contains a revision and there is an additional revision option.",
    );
  });

  test("a checkout that fails leaves nothing", async () => {
    const { w } = workspace((url) => `${url}/nowhere`);
    expect((await w.buildout()).text).toContain("Subversion checkout for 'pkg' failed.");
    expect(readdirSync(w.path("src"))).toEqual([]);
  });

  test("purge removes a clean package that nothing needs, and no other", async () => {
    const { w } = workspace((url) => `${url}/trunk`);
    await w.buildout();
    const { err } = await w.develop(["purge"]);
    expect(err).toBe("");
    w.write({ "buildout.cfg": w.read("buildout.cfg").replace("auto-checkout = pkg", "") });
    w.write({ "src/pkg/new.txt": "" });
    expect((await w.develop(["purge"])).err).toBe(
      "WARNING: The package 'pkg' is dirty and will not be removed without --force.\n",
    );
    w.remove("src/pkg/new.txt");
    expect((await w.develop(["purge", "-n"])).err).toBe(
      "INFO: Dry run, nothing will be removed.\nINFO: Removing package 'pkg' at 'src/pkg'.\n",
    );
    expect(w.has("src/pkg")).toBe(true);
    await w.develop(["purge"]);
    expect(w.has("src/pkg")).toBe(false);
  });
});

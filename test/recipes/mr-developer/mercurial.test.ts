import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeFiles } from "../../support/scratch.ts";
import { messages, nodePackage, run, Workspace } from "../../support/working-copies.ts";

const installed = spawnSync("hg", ["--version"]).error === undefined;

class Repository {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    run("hg", ["init", folder], "/");
    this.commit(nodePackage("pkg"));
  }

  hg(...args: string[]): string {
    return run("hg", args, this.folder).trim();
  }

  commit(files: Record<string, string>): void {
    writeFiles(this.folder, files);
    this.hg("commit", "--addremove", "--message", "files");
  }
}

function workspace(options = "") {
  const w = new Workspace({});
  const repository = new Repository(join(w.scratch, "repository"));
  source(w, `hg ${repository.folder} ${options}`);
  return { w, repository };
}

function source(w: Workspace, definition: string): void {
  w.write({
    "buildout.cfg": `[buildout]\nextensions = mr.developer\nauto-checkout = pkg\nparts =\n[sources]\npkg = ${definition}\n`,
  });
}

const hg = (w: Workspace, ...args: string[]) => run("hg", args, w.path("src/pkg")).trim();
const update = { assignments: ["always-checkout=true"] };

describe.skipIf(!installed)("Mercurial", () => {
  test("a package is cloned, left alone, updated", async () => {
    const { w, repository } = workspace();
    expect(messages((await w.buildout()).text).slice(1)).toEqual([
      "Queued 'pkg' for checkout.",
      "Cloned 'pkg' with mercurial.",
    ]);
    repository.commit({ "new.txt": "" });
    expect((await w.buildout()).text).toContain("Skipped checkout of existing package 'pkg'.");
    expect(w.has("src/pkg/new.txt")).toBe(false);
    expect(messages((await w.buildout(update)).text)).toEqual([
      "Queued 'pkg' for checkout.",
      "Updated 'pkg' with mercurial.",
      "Switched 'pkg' to default.",
    ]);
    expect(w.has("src/pkg/new.txt")).toBe(true);
    expect((await w.buildout(update)).error).toBeUndefined();
  });

  test("branch and rev; both are an error", async () => {
    const { w, repository } = workspace("branch=stable");
    const first = repository.hg("identify", "--id");
    repository.hg("branch", "stable");
    repository.commit({ "stable.txt": "" });
    await w.buildout();
    expect(hg(w, "branch")).toBe("stable");
    source(w, `hg ${repository.folder} rev=${first}`);
    await w.buildout(update);
    expect(hg(w, "identify", "--id")).toBe(first);
    source(w, `hg ${repository.folder} rev=${first} branch=stable`);
    expect((await w.buildout()).error).toMatchObject({
      code: "invalid-source",
      message: `Cannot specify both branch (stable) and rev/revision (${first}) in source for pkg`,
    });
  });

  test("newest_tag takes the highest tag with the prefix, at the first checkout too", async () => {
    const { w, repository } = workspace("newest_tag=true newest_tag_prefix=v");
    repository.hg("tag", "v2", "x99");
    expect((await w.buildout()).text).toContain(
      "Picked newest tag for 'pkg' from Mercurial: 'v2'.",
    );
    expect(w.has("src/pkg/new.txt")).toBe(false);
    repository.commit({ "new.txt": "" });
    repository.hg("tag", "v10");
    expect((await w.buildout(update)).text).toContain("Switched 'pkg' to v10.");
    expect(w.has("src/pkg/new.txt")).toBe(true);
  });

  test("a dirty or foreign working copy is unchanged", async () => {
    const { w, repository } = workspace();
    await w.buildout();
    w.write({ "src/pkg/package.json": '{"name": "pkg", "version": "2.0.0"}' });
    repository.commit({ "new.txt": "" });
    expect((await w.buildout(update)).text).toContain("Skipped update of 'pkg'.");
    const forced = await w.buildout({ assignments: ["always-checkout=force"] });
    expect(forced.text).toContain("hg update for 'pkg' failed.");
    expect(w.read("src/pkg/package.json")).toContain("2.0.0");
    source(w, "hg /elsewhere");
    expect((await w.buildout()).text).toContain(
      "Source URL for existing package 'pkg' differs. Expected '/elsewhere'.",
    );
  });

  test("a relative URL counts from the buildout", async () => {
    const { w } = workspace();
    source(w, "hg ../repository");
    await w.buildout();
    expect((await w.buildout(update)).text).toContain("Switched 'pkg' to default.");
  });

  test("a clone that fails leaves nothing", async () => {
    const { w } = workspace();
    source(w, "hg /nowhere");
    expect((await w.buildout()).text).toContain("hg clone for 'pkg' failed.");
    expect(readdirSync(w.path("src"))).toEqual([]);
  });

  test("the status reports changes and unpublished commits", async () => {
    const { w } = workspace();
    await w.buildout();
    expect((await w.develop(["status"])).out).toBe("      pkg\n");
    w.write({ "src/pkg/new.txt": "" });
    expect((await w.develop(["status", "-v"])).out).toBe("  M   pkg\n      ? new.txt\n\n");
    hg(w, "commit", "--addremove", "--message", "new");
    expect((await w.develop(["status"])).out).toBe("  >   pkg\n");
  });
});

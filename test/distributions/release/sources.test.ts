import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { PackageFiles, trackedFiles } from "../../../src/distributions/release/sources.ts";
import { commitAll, git } from "../../support/packages.ts";
import { scratch, writeFiles } from "../../support/scratch.ts";

/** A repository with a committed file, a new one, and an ignored one. */
function repository(name: string): string {
  const folder = writeFiles(scratch(), { [name]: "", ".gitignore": "*.log\n" });
  commitAll(folder);
  return writeFiles(folder, { "new file.txt": "", "some.log": "" });
}

function repositories(): string[] {
  const names = ["a.txt", "line\nbreak.txt", "tab\t.txt", "café.txt", "a\\0b.txt", "a'b $c.txt"];
  const empty = scratch();
  git(empty, "init");
  const above = repository("x");
  writeFiles(above, { "ignored.log/a.txt": "", "inner/b.txt": "" });
  const outer = repository("x");
  mkdirSync(path.join(outer, "nested"));
  git(path.join(outer, "nested"), "init");
  writeFiles(path.join(outer, "nested"), { "c.txt": "" });
  return [
    ...[empty, ...names.map(repository), path.join(above, "ignored.log"), empty, outer],
    ...[path.join(above, "inner"), scratch()],
  ];
}

test("files that git lists for all packages at once are those that it lists for each", async () => {
  const folders = repositories();
  const files = new PackageFiles(folders);
  const each = await Promise.all(folders.map((folder) => files.tracked(folder)));
  expect(each).toEqual(await Promise.all(folders.map(trackedFiles)));
  expect(each[2]).toEqual(expect.arrayContaining(["line\nbreak.txt", "new file.txt"]));
});

test("git is asked once for all packages, and again for each of them after `forget`", async () => {
  const folders = [repository("a.txt"), repository("b.txt")];
  const files = new PackageFiles(folders);
  const before = await files.tracked(folders[1]!);
  writeFileSync(path.join(folders[1]!, "written.txt"), "");
  expect(await files.tracked(folders[1]!)).toEqual(before);
  files.forget();
  expect(await files.tracked(folders[1]!)).toContain("written.txt");
});

test("a package for which git fails has its error, and the others have their files", async () => {
  const folders = ["a.txt", "b.txt", "c.txt"].map(repository);
  writeFileSync(path.join(folders[1]!, ".git/index"), "not an index");
  const files = new PackageFiles(folders);
  await expect(files.tracked(folders[1]!)).rejects.toMatchObject({
    code: "git-failed",
    output: expect.stringContaining("index file"),
  });
  for (const folder of [folders[0]!, folders[2]!]) {
    expect(await files.tracked(folder)).toEqual(await trackedFiles(folder));
  }
});

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  messages,
  nodePackage,
  type Repository,
  run,
  Workspace,
} from "../../support/working-copies.ts";

const CFG = `[buildout]
extensions = mr.developer
auto-checkout = *
parts =
`;

function workspace(options = ""): { w: Workspace; repository: Repository } {
  const w = new Workspace({});
  const repository = w.repository("pkg");
  source(w, `git ${repository.url} ${options}`);
  return { w, repository };
}

function source(w: Workspace, definition: string, more = ""): void {
  w.write({ "buildout.cfg": `${CFG}${more}[sources]\npkg = ${definition}\n` });
}

const git = (w: Workspace, ...args: string[]) => run("git", args, w.path("src/pkg")).trim();
const update = { assignments: ["always-checkout=true"] };

test("a package is cloned, then left alone, then updated if that is wished", async () => {
  const { w, repository } = workspace();
  expect(messages((await w.buildout()).text)).toEqual([
    "Creating missing sources dir /t/p/src.",
    "Queued 'pkg' for checkout.",
    "Cloned 'pkg' with git from 'file:///t/repositories/pkg'.",
  ]);
  repository.commit({ "new.txt": "" });
  expect(messages((await w.buildout()).text)).toEqual([
    "Queued 'pkg' for checkout.",
    "Skipped checkout of existing package 'pkg'.",
  ]);
  expect(w.has("src/pkg/new.txt")).toBe(false);
  expect(messages((await w.buildout(update)).text)).toEqual([
    "Queued 'pkg' for checkout.",
    "Updated 'pkg' with git.",
    "Switching to branch 'main'.",
  ]);
  expect(w.has("src/pkg/new.txt")).toBe(true);
});

test.each([
  ["update=true", [], true],
  ["update=yes", [], true],
  ["update=false", ["always-checkout=true"], false],
  ["", ["always-checkout=false"], false],
  ["update=true", ["offline=true"], false],
])("with %s and %j the package is updated: %s", async (option, assignments, updated) => {
  const { w, repository } = workspace(option);
  await w.buildout();
  repository.commit({ "new.txt": "" });
  await w.buildout({ assignments });
  expect(w.has("src/pkg/new.txt")).toBe(updated);
});

test("a branch is cloned, followed, and switched to and from", async () => {
  const { w, repository } = workspace("branch=stable");
  repository.git("checkout", "--quiet", "-b", "stable");
  repository.commit({ "stable.txt": "" });
  repository.git("checkout", "--quiet", "main");
  expect((await w.buildout()).text).toContain(
    "Cloned 'pkg' with git using branch 'stable' from 'file:///t/repositories/pkg'.",
  );
  expect(git(w, "branch", "--show-current")).toBe("stable");
  source(w, `git ${repository.url}`);
  expect((await w.buildout(update)).text).toContain(
    "Switching to remote branch 'remotes/origin/main'.",
  );
  expect(w.has("src/pkg/stable.txt")).toBe(false);
  repository.git("checkout", "--quiet", "stable");
  repository.commit({ "later.txt": "" });
  source(w, `git ${repository.url} branch=stable`);
  expect((await w.buildout(update)).text).toContain("Switching to branch 'stable'.");
  expect(w.has("src/pkg/later.txt")).toBe(true);
});

test("a branch that does not exist is an error, and the working copy is unchanged", async () => {
  const { w, repository } = workspace();
  await w.buildout();
  source(w, `git ${repository.url} branch=nope`);
  const { text, error } = await w.buildout(update);
  expect(messages(text)).toContain("No such branch 'nope' in 'pkg'.");
  expect(error?.message).toBe("There have been errors, see messages above.");
  expect(git(w, "branch", "--show-current")).toBe("main");
});

test("a tag or commit is checked out, in a shallow clone too", async () => {
  const { w, repository } = workspace("rev=1.0 depth=1");
  const first = repository.git("rev-parse", "HEAD");
  repository.git("tag", "1.0");
  const second = repository.commit({ "second.txt": "" });
  repository.commit({ "third.txt": "" });
  expect((await w.buildout()).text).toContain("Switching to rev '1.0'.");
  expect(git(w, "rev-parse", "HEAD")).toBe(first);
  expect(w.has("src/pkg/second.txt")).toBe(false);
  source(w, `git ${repository.url} revision=${second} depth=1`);
  await w.buildout(update);
  expect(git(w, "rev-parse", "HEAD")).toBe(second);
});

test("git-clone-depth cuts the history off, a source's own depth wins", async () => {
  const { w, repository } = workspace();
  for (const name of ["a", "b", "c"]) repository.commit({ [name]: "" });
  repository.git("branch", "other");
  source(w, `git ${repository.url}`, "git-clone-depth = 1\n");
  await w.buildout();
  expect(git(w, "rev-list", "--count", "HEAD")).toBe("1");
  source(w, `git ${repository.url} branch=other`, "git-clone-depth = 1\n");
  expect((await w.buildout(update)).error).toBeUndefined();
  expect(git(w, "branch", "--show-current")).toBe("other");
  w.remove("src/pkg");
  source(w, `git ${repository.url} depth=2`, "git-clone-depth = 1\n");
  await w.buildout();
  expect(git(w, "rev-list", "--count", "HEAD")).toBe("2");
});

test("pushurl is set in the clone, which still matches its source", async () => {
  const { w } = workspace("pushurl=git@example.com:pkg.git");
  await w.buildout();
  expect(git(w, "config", "remote.origin.pushurl")).toBe("git@example.com:pkg.git");
  expect((await w.buildout()).text).toContain("Skipped checkout of existing package 'pkg'.");
});

test("a dirty working copy is asked about, and its changes survive every answer", async () => {
  const { w, repository } = workspace();
  await w.buildout();
  w.write({ "src/pkg/package.json": '{"name": "pkg", "version": "2.0.0"}' });
  repository.commit({ "new.txt": "" });
  const { text } = await w.buildout({ ...update, answers: ["what?", "no"] });
  expect(text).toContain(
    "The package 'pkg' is dirty.\nDo you want to update it anyway? [yes/No/all]",
  );
  expect(text).toContain("You have to answer with y, yes, n, no, a or all.");
  expect(text).toContain("Skipped update of 'pkg'.");
  expect(w.has("src/pkg/new.txt")).toBe(false);
  // There is no one to answer.
  expect((await w.buildout(update)).text).toContain("Skipped update of 'pkg'.");
  await w.buildout({ ...update, answers: ["y"] });
  expect(w.has("src/pkg/new.txt")).toBe(true);
  expect(w.read("src/pkg/package.json")).toContain("2.0.0");
  repository.commit(nodePackage("pkg", "3.0.0"));
  const { text: refused, error } = await w.buildout({ assignments: ["always-checkout=force"] });
  expect(refused).not.toContain("Do you want");
  expect(refused).toContain("mr.developer: git merge of remote branch 'origin/main' failed.");
  expect(error?.code).toBe("checkout-failed");
  expect(w.read("src/pkg/package.json")).toContain("2.0.0");
});

test("commits that conflict with the remote's are kept, and so is the working copy", async () => {
  const { w, repository } = workspace();
  await w.buildout();
  w.write({ "src/pkg/package.json": '{"name": "pkg", "version": "2.0.0"}' });
  git(w, "commit", "--quiet", "--all", "--message", "mine");
  const mine = git(w, "rev-parse", "HEAD");
  repository.commit(nodePackage("pkg", "3.0.0"));
  const { text } = await w.buildout({ ...update, answers: ["y"] });
  expect(text).toContain("The merge was undone: the working copy is unchanged.");
  expect(git(w, "rev-parse", "HEAD")).toBe(mine);
  expect(git(w, "status", "--short")).toBe("");
});

test("a checkout from elsewhere is reported and left alone", async () => {
  const { w, repository } = workspace();
  const other = w.repository("other");
  await w.buildout();
  source(w, `git ${other.url}`);
  expect((await w.buildout()).text).toContain(
    "Checkout URL for existing package 'pkg' differs. Expected 'file:///t/repositories/other'.",
  );
  expect((await w.buildout(update)).text).toContain(
    "Can't update package 'pkg' because its URL doesn't match.",
  );
  expect(git(w, "config", "remote.origin.url")).toBe(repository.url);
});

test("a directory in the buildout's own repository is not taken for a working copy", async () => {
  const { w, repository } = workspace();
  // Both belong to one repository, and git reports nothing else about the directory.
  run("git", ["init", "--quiet", "-b", "mine"], w.directory);
  run("git", ["remote", "add", "origin", repository.url], w.directory);
  w.write({ "src/pkg/package.json": '{"name": "pkg", "version": "1.0.0"}' });
  const { text, error } = await w.buildout({ assignments: ["always-checkout=force"] });
  expect(error).toBeUndefined();
  expect(text).toContain("Can't update package 'pkg' because its URL doesn't match.");
  expect((await w.develop(["status"])).out).toBe("C M   pkg\n");
  expect(run("git", ["branch", "--show-current"], w.directory)).toBe("mine\n");
});

test("a linked package is never updated", async () => {
  const { w } = workspace();
  const elsewhere = join(w.scratch, "elsewhere");
  mkdirSync(elsewhere);
  run("cp", ["-r", `${w.scratch}/repositories/pkg/.`, elsewhere], w.scratch);
  mkdirSync(w.path("src"));
  symlinkSync(elsewhere, w.path("src/pkg"));
  expect((await w.buildout(update)).text).toContain("Skipped update of linked 'pkg'.");
});

test("a clone that fails leaves nothing, and files left by a killed one are removed", async () => {
  const { w, repository } = workspace();
  source(w, `git file://${w.scratch}/nowhere`);
  const { text, error } = await w.buildout();
  expect(messages(text)).toContain("git cloning of 'pkg' failed.");
  expect(messages(text).join("\n")).toContain("/t/nowhere' does not appear to be a git repository");
  expect(error).toMatchObject({
    code: "checkout-failed",
    message: "There have been errors, see messages above.",
  });
  expect(readdirSync(w.path("src"))).toEqual([]);
  expect(w.has(".mr.developer.cfg")).toBe(false);

  source(w, `git ${repository.url} rev=nope`);
  expect((await w.buildout()).text).toContain("git checkout of rev 'nope' of 'pkg' failed.");
  expect(readdirSync(w.path("src"))).toEqual([]);

  source(w, `git file://${w.scratch}/nowhere path=lib/inner`);
  await w.buildout();
  expect(w.has("lib")).toBe(false);

  w.write({ "src/.pkg.checkout/half": "" });
  source(w, `git ${repository.url}`);
  await w.buildout();
  expect(readdirSync(w.path("src"))).toEqual(["pkg"]);
});

test("a relative URL counts from the buildout", async () => {
  const { w } = workspace();
  source(w, "git ../repositories/pkg");
  await w.buildout();
  expect((await w.buildout()).text).toContain("Skipped checkout of existing package 'pkg'.");
});

test("credentials in a URL are not printed, whatever git prints", async () => {
  const { w } = workspace();
  const server = createServer((socket) => socket.end("HTTP/1.1 404 Not Found\r\n\r\n"));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  source(w, `git http://joe:s3cret@127.0.0.1:${port}/pkg.git`);
  const { text } = await w.buildout({ assignments: ["mr.developer-verbose=true"] });
  expect(text).toContain(`Cloned 'pkg' with git from 'http://***@127.0.0.1:${port}/pkg.git'.`);
  expect(text).toContain("git cloning of 'pkg' failed.");
  expect(text).not.toContain("s3cret");
  expect((await w.buildout({ assignments: ["auto-checkout="] })).error).toBeUndefined();
  const { out } = await w.develop(["info"]);
  expect(out).toContain(`URL: http://***@127.0.0.1:${port}/pkg.git`);
  expect((await w.develop(["list", "-l"])).out).not.toContain("s3cret");
});

test("repositories are fetched in parallel, each message in one piece; one failure stops the rest", async () => {
  const w = new Workspace({});
  const names = ["a", "b", "c", "d", "e", "f"];
  const lines = names.map((name) => `${name} = git ${w.repository(name).url}\n`);
  const cfg = (sources: string) => `${CFG}mr.developer-threads = 3\n[sources]\n${sources}`;
  w.write({ "buildout.cfg": cfg(lines.join("")) });
  const { text, error } = await w.buildout();
  expect(error).toBeUndefined();
  expect(messages(text).slice(1, 7)).toEqual(names.map((name) => `Queued '${name}' for checkout.`));
  expect(messages(text)).toHaveLength(13);
  for (const name of names) expect(w.has(`src/${name}/package.json`)).toBe(true);

  w.remove("src");
  lines.unshift("B = git /nowhere\n");
  w.write({ "buildout.cfg": cfg(lines.join("")).replace("threads = 3", "threads = 1") });
  expect((await w.buildout()).error?.code).toBe("checkout-failed");
  expect(w.has("src/a")).toBe(false);
});

/** `git daemon` on a free port of the loopback address: submodules from files are not allowed. */
async function daemon(base: string): Promise<string> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  const args = ["daemon", "--export-all", "--reuseaddr", "--listen=127.0.0.1", `--port=${port}`];
  const child: ChildProcess = spawn("git", [...args, `--base-path=${base}`, base], {
    stdio: "ignore",
    detached: true,
  });
  onTestFinished(() => {
    process.kill(-child.pid!);
  });
  const url = `git://127.0.0.1:${port}`;
  await vi.waitFor(() => run("git", ["ls-remote", `${url}/lib`], base), {
    timeout: 120_000,
    interval: 100,
  });
  return url;
}

test.each([
  ["", "", true, true],
  ["update-git-submodules = checkout\n", "", true, false],
  ["update-git-submodules = never\n", "", false, false],
  ["update-git-submodules = never\n", "submodules=always", true, true],
])(
  "submodules with %j%j: after the clone %s, added later %s",
  async (option, key, first, later) => {
    const w = new Workspace({});
    for (const name of ["lib", "more"]) w.repository(name, { [`${name}.txt`]: "" });
    const repository = w.repository("pkg");
    const url = await daemon(join(w.scratch, "repositories"));
    repository.git("submodule", "--quiet", "add", `${url}/lib`, "vendor/lib");
    repository.git("commit", "--quiet", "--message", "lib");
    source(w, `git ${url}/pkg ${key}`, option);
    const { text } = await w.buildout();
    expect(text.includes("Initialized 'pkg' submodule at 'vendor/lib' with git.")).toBe(first);
    expect(w.has("src/pkg/vendor/lib/lib.txt")).toBe(first);
    if (first) w.write({ "src/pkg/vendor/lib/lib.txt": "mine" });
    repository.git("submodule", "--quiet", "add", `${url}/more`, "more");
    repository.git("commit", "--quiet", "--message", "more");
    await w.buildout({ assignments: ["always-checkout=force"] });
    expect(w.has("src/pkg/more/more.txt")).toBe(later);
    if (first) expect(w.read("src/pkg/vendor/lib/lib.txt")).toBe("mine");
    expect(existsSync(w.path("src/pkg/more"))).toBe(true);
  },
);

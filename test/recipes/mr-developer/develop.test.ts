import { mkdirSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { run, Workspace } from "../../support/working-copies.ts";

/** Three packages, one of them in auto-checkout, after a first run. */
async function workspace() {
  const w = new Workspace({});
  const repositories = ["alpha", "beta", "gamma"].map((name) => w.repository(name));
  const lines = repositories.map(({ url }, index) => {
    const name = ["alpha", "beta", "gamma"][index];
    return `${name} = git ${url}${name === "gamma" ? " egg=false" : ""}\n`;
  });
  w.write({
    "buildout.cfg": `[buildout]\nextensions = mr.developer\nauto-checkout = alpha\nparts =\n[sources]\n${lines.join("")}`,
  });
  await w.buildout();
  return { w, repositories };
}

test("checkout fetches packages, activates them, and buildout then develops them", async () => {
  const { w } = await workspace();
  const { status, err } = await w.develop(["checkout", "bet", "gam"]);
  expect(status).toBe(0);
  // The two are fetched at the same time.
  const inOrder = err.replace(/(.*'gamma' with.*\n)(.*'beta' with.*\n)/, "$2$1");
  expect(inOrder).toBe(`INFO: Queued 'beta' for checkout.
INFO: Queued 'gamma' for checkout.
INFO: Cloned 'beta' with git from 'file:///t/repositories/beta'.
INFO: Cloned 'gamma' with git from 'file:///t/repositories/gamma'.
INFO: Activated 'beta'.
WARNING: Don't forget to run buildout again, so the checked out packages are used as develop eggs.
`);
  expect(w.read(".mr.developer.cfg")).toContain("[develop]\nalpha = auto\nbeta = true\n");
  const { text } = await w.buildout();
  expect(text).toContain("Develop: '/t/p/src/alpha'\nDevelop: '/t/p/src/beta'\nUpdating");
});

test("Python packages are developed, by whatever build backend", async () => {
  const w = new Workspace({});
  const backend = '[build-system]\nrequires = []\nbuild-backend = "nothing"\n';
  const modern = w.repository("modern", {
    "pyproject.toml": `${backend}[project]\nname = "modern"\nversion = "1.2"\n`,
    "modern.py": "",
  });
  w.write({
    "buildout.cfg": `[buildout]
extensions = mr.developer
auto-checkout = *
parts = show
[versions]
modern = 0.1
[sources]
modern = git ${modern.url}
[show]
recipe = ./show.js
`,
    "show.js": `export default {
  description: "",
  install(part) {
    part.log.info(part.buildout.developPackages.map((one) => one.kind + one.name + one.version).join());
    return [];
  },
};`,
  });
  const { text } = await w.buildout();
  expect(text).toContain("Develop: '/t/p/src/modern'");
  expect(text).toContain("show: pythonmodern1.2\n");
});

test("deactivate, activate and reset decide what is developed", async () => {
  const { w } = await workspace();
  expect((await w.develop(["deactivate", "alpha"])).err).toContain("INFO: Deactivated 'alpha'.\n");
  expect((await w.develop(["d", "alpha"])).err).toBe("");
  expect((await w.buildout()).text).not.toContain("Develop:");
  expect((await w.develop(["status"])).out).toBe("    ! alpha\n");
  expect((await w.develop(["activate", "."])).err).toBe(
    `INFO: Activated 'alpha'.
WARNING: The package 'beta' matched, but isn't checked out.
WARNING: The package 'gamma' matched, but isn't checked out.
WARNING: Don't forget to run buildout again, so the activated packages are actually used.
`,
  );
  expect(w.read(".mr.developer.cfg")).toContain("alpha = true\n");
  expect((await w.develop(["reset"])).err).toContain("INFO: Reset develop state of 'alpha'.\n");
  expect(w.read(".mr.developer.cfg")).toContain("[develop]\n\n");
  await w.develop(["co", "gamma"]);
  expect((await w.develop(["a", "gamma"])).err).toBe(
    "WARNING: The package 'gamma' isn't an egg.\n",
  );
});

test("a package removed from auto-checkout is no longer developed, unless it was activated", async () => {
  const { w } = await workspace();
  const cfg = w.read("buildout.cfg");
  w.write({ "buildout.cfg": cfg.replace("auto-checkout = alpha", "") });
  expect((await w.buildout()).text).not.toContain("Develop:");
  expect(w.read(".mr.developer.cfg")).not.toContain("alpha =");
  w.write({ "buildout.cfg": cfg });
  await w.buildout();
  await w.develop(["activate", "alpha"]);
  w.write({ "buildout.cfg": cfg.replace("auto-checkout = alpha", "") });
  expect((await w.buildout()).text).toContain("Develop: '/t/p/src/alpha'");
});

test("list shows packages, their directories and their sources", async () => {
  const { w, repositories } = await workspace();
  await w.develop(["co", "gamma"]);
  expect((await w.develop(["list"])).out).toBe("alpha\nbeta\ngamma\n");
  expect((await w.develop(["ls", "-s"])).out).toBe("  alpha\n# beta\n~ gamma\n");
  expect((await w.develop(["ls", "-ac"])).out).toBe("alpha\n");
  expect((await w.develop(["ls", "-d"])).out).toBe("alpha\n");
  expect((await w.develop(["ls", "-ls", "^a"])).out).toBe(
    "  (git) alpha file:///t/repositories/alpha\n",
  );
  w.write({
    "buildout.cfg": w.read("buildout.cfg").replace(repositories[2]!.url, "file:///other"),
  });
  w.remove("src/alpha");
  expect((await w.develop(["ls", "-s"])).out).toBe("! alpha\n# beta\nC gamma\n");
});

test("status shows checkout, changes, development, and unknown directories", async () => {
  const { w } = await workspace();
  await w.develop(["co", "beta"]);
  w.write({ "src/alpha/new.txt": "", "src/stranger/file": "" });
  run("git", ["commit", "--quiet", "--allow-empty", "--message", "mine"], w.path("src/beta"));
  await w.develop(["deactivate", "beta"]);
  expect((await w.develop(["st"])).out).toBe("  M   alpha\n~ > - beta\n?     stranger\n");
  expect((await w.develop(["status", "-v", "alp"])).out).toBe(
    "  M   alpha\n      ## main...origin/main\n      ?? new.txt\n\n",
  );
  w.remove("src/alpha");
  expect((await w.develop(["stat", "-a"])).out).toBe("!     alpha\n?     stranger\n");
});

test("info prints facts, in the order in which they are asked for", async () => {
  const { w } = await workspace();
  expect((await w.develop(["info", "alpha"])).out).toBe(
    "Name: alpha\nPath: /t/p/src/alpha\nType: git\nURL: file:///t/repositories/alpha\n\n",
  );
  expect((await w.develop(["info", "--type", "-p", "--name", "alpha"])).out).toBe(
    "git /t/p/src/alpha alpha\n",
  );
});

test("update fetches checked out packages, dirty ones after a question", async () => {
  const { w, repositories } = await workspace();
  repositories[0]!.commit({ "new.txt": "" });
  expect((await w.develop(["up"])).err).toBe(
    "INFO: Queued 'alpha' for update.\nINFO: Updated 'alpha' with git.\nINFO: Switching to branch 'main'.\n",
  );
  expect(w.has("src/alpha/new.txt")).toBe(true);
  w.write({ "src/alpha/mine.txt": "" });
  repositories[0]!.commit({ "newer.txt": "" });
  expect((await w.develop(["update"])).err).toContain("INFO: Skipped update of 'alpha'.\n");
  expect((await w.develop(["update", "-f", "-v"])).out).toContain("newer.txt");
  expect(w.has("src/alpha/newer.txt")).toBe(true);
  expect(w.has("src/alpha/mine.txt")).toBe(true);
});

test("purge removes a git package only by force and after a question; links never", async () => {
  const { w } = await workspace();
  await w.develop(["co", "gamma"]);
  mkdirSync(w.path("elsewhere"));
  symlinkSync(w.path("elsewhere"), w.path("src/beta"));
  const { err } = await w.develop(["purge"]);
  expect(err).toContain(
    "The directory of package 'gamma' at 'src/gamma' might contain unrecoverable files and will not be removed without --force.",
  );
  await w.develop(["purge", "-f"], ["n"]);
  expect(w.has("src/gamma")).toBe(true);
  expect((await w.develop(["purge", "-f"], ["y"])).err).toContain("Removing package 'gamma'");
  expect(w.has("src/gamma")).toBe(false);
  expect(w.has("src/beta")).toBe(true);
  expect(w.has("src/alpha")).toBe(true);
});

test("arguments shows the last command line, also one that the original has written", async () => {
  const { w } = await workspace();
  await w.buildout({ argv: ["/p/bin/buildout", "-N", 'a:b=it\'s "x"\n'] });
  expect(w.read(".mr.developer.cfg")).toContain(
    "[buildout]\nargs = '/p/bin/buildout'\n\t'-N'\n\t'a:b=it\\'s \"x\"\\n'\n",
  );
  expect((await w.develop(["arguments"])).out).toBe(
    'Last used buildout arguments: -N a:b=it\'s "x"\n\n',
  );
  w.write({
    ".mr.developer.cfg": "[buildout]\nargs = 'bin/buildout'\n\t\"-vc\"\n\t'buildout.cfg'\n",
  });
  expect((await w.develop(["args"])).out).toBe("Last used buildout arguments: -vc buildout.cfg\n");
});

test("the commands use the configuration of the last run", async () => {
  const { w } = await workspace();
  w.write({ "other.cfg": "[buildout]\nextensions = mr.developer\n[sources]\nx = fs x\n" });
  await w.buildout({ argv: ["/p/bin/buildout", "-c", "other.cfg"] });
  expect((await w.develop(["list"])).out).toBe("x\n");
});

test("packages that nothing matches, and wrong usage, are errors", async () => {
  const { w } = await workspace();
  expect(await w.develop(["co", "x", "y", "z"])).toMatchObject({
    status: 1,
    err: "Error: No package matched 'x', 'y' or 'z'.\n",
  });
  expect((await w.develop(["co", "("])).err).toMatch(/^Error: The regular expression '\(' is not/);
  expect((await w.develop(["co"])).err).toContain("A package-regexp is missing.");
  expect((await w.develop(["list", "--lnog"])).err).toContain("--lnog");
  expect((await w.develop(["rebuild", "x"])).err).toContain("Unexpected argument 'x'.");
  expect((await w.develop(["statsu"])).err).toContain("Did you mean 'status'?");
  w.remove(".mr.developer.cfg");
  expect((await w.develop(["list"])).err).toContain(
    "You are not in a path which has mr.developer installed (.mr.developer.cfg not found).",
  );
});

test("every command has a help, and help has more forms", async () => {
  const { w } = await workspace();
  const { out } = await w.develop(["help"]);
  const names = [...out.matchAll(/^ {2}([a-z]+) ?(?:\([a-z, ]+\))? {2,}/gm)].map(
    ([, name]) => name!,
  );
  expect(names).toEqual(
    "activate arguments checkout deactivate help info list purge rebuild reset status update".split(
      " ",
    ),
  );
  expect((await w.develop([])).out).toBe(out);
  for (const name of names) {
    const { out: own } = await w.develop([name, "--help"]);
    expect(own).toMatch(new RegExp(`^usage: develop ${name} \\[-h\\]`));
    expect((await w.develop(["help", name])).out).toBe(own);
  }
  expect((await w.develop(["help", "--rst"])).out).toContain(
    "status (stat, st)\n-----------------\n\n::\n\n    usage:",
  );
  expect((await w.develop(["help", "-z", "checkout"])).out).toBe("alpha\nbeta\ngamma\n");
  expect((await w.develop(["help", "-z", "update"])).out).toBe("alpha\n");
  expect((await w.develop(["--version"])).out).toMatch(/^hostout \d/);
});

import { expect, test } from "vitest";
import { writeFiles } from "../../support/scratch.ts";
import { messages, nodePackage, Workspace } from "../../support/working-copies.ts";

function workspace(sources: string, options = "") {
  return new Workspace({
    "buildout.cfg": `[buildout]\nextensions = mr.developer\nparts =\n${options}[sources]\n${sources}\n`,
  });
}

/** The output of `info` for the first package after a run without checkouts. */
async function info(sources: string, options = "", files: Record<string, string> = {}) {
  const w = workspace(sources, options);
  w.write(files);
  const { text, error } = await w.buildout();
  const { out } = await w.develop(["info", "--path", "--type", "--url"]);
  return { out, text, error };
}

test.each([
  ["a = git x.git", "/t/p/src/a git x.git\n"],
  ["a = git x.git path=lib", "/t/p/lib/a git x.git\n"],
  ["a = git x.git path=/lib", "/lib/a git x.git\n"],
  ["a = git x.git full-path=lib/other", "/t/p/lib/other git x.git\n"],
  ["a = fs a full-path=/lib/a", "/lib/a fs a\n"],
  ["@scope/a = git x.git", "/t/p/src/@scope/a git x.git\n"],
  ["a =\n    git\n    x.git\n    path=lib", "/t/p/lib/a git x.git\n"],
])("%j is at %j", async (definition, expected) => {
  expect((await info(definition)).out).toBe(expected);
});

test("the section and the directory of the sources can be named", async () => {
  const { out } = await info("", "sources = mine\nsources-dir = lib\n[mine]\na = git x\n");
  expect(out).toBe("/t/p/lib/a git x\n");
});

test("a third word is the base path, with a warning", async () => {
  const { out, text } = await info("a = git x.git lib branch=b");
  expect(text).toContain("You should use 'path=lib' to set the path.");
  expect(out).toBe("/t/p/lib/a git x.git\n");
});

test.each([
  ["a = git", "The source definition of 'a' needs at least the repository kind and URL."],
  ["a =", "The source definition of 'a' needs at least the repository kind and URL."],
  ["a = gti x", "Unknown repository type 'gti' for source 'a'."],
  ["a = git x branch=b branch=c", "The source definition of 'a' sets 'branch' twice."],
  ["a = git x kind=svn", "The source definition of 'a' sets 'kind' twice."],
  [
    "a = git x =lib",
    "The source definition of 'a' has the word '=lib' with no name before the '='.",
  ],
  ["a = git x depth=some", "The source definition of 'a' has a depth that is not a number."],
  [
    "a = git x lib more",
    "The source definition of 'a' has the word 'more', which is not KEY=VALUE.",
  ],
])("%j is an error with its place", async (definition, message) => {
  const w = workspace(definition);
  const { error } = await w.buildout();
  expect(error).toMatchObject({ code: "invalid-source", message });
  expect(error?.location).toMatchObject({ file: w.path("buildout.cfg"), line: 5 });
});

test("an unknown key is reported", async () => {
  expect((await info("a = git x brnch=b")).text).toContain(
    "Source 'a' has an unknown key 'brnch'. Did you mean 'branch'?",
  );
});

test.each([
  ["branch=a rev=b", "Cannot specify both branch (a) and rev/revision (b) in source for a"],
  ["rev=a revision=b", "The source definition of 'a' contains duplicate revision options."],
])("%s is an error", async (keys, message) => {
  const w = workspace(`a = git x ${keys}`, "auto-checkout = a\n");
  expect((await w.buildout()).error).toMatchObject({ code: "invalid-source", message });
});

test("unsupported kinds are errors only if they are used", async () => {
  const w = workspace("a = bzr lp:a\nb = cvs b", "");
  expect((await w.buildout()).error).toBeUndefined();
  const { error } = await w.buildout({ assignments: ["auto-checkout=a"] });
  expect(error).toMatchObject({
    code: "unsupported-repository",
    message: "Repositories of type 'bzr' are not supported: source 'a'.",
  });
});

test.each([
  ["auto-checkout = a b\n", "The package 'b' from auto-checkout has no source information."],
  [
    "auto-checkout = d c b\n",
    "The packages 'b', 'c' and 'd' from auto-checkout have no source information.",
  ],
  ["always-checkout = maybe\n", "Unknown value 'maybe' for always-checkout option."],
  ["update-git-submodules = x\n", "Unknown value 'x' for update-git-submodules option."],
  [
    "always-accept-server-certificate = x\n",
    "Unknown value 'x' for always-accept-server-certificate option.",
  ],
  ["git-clone-depth = x\n", "git-clone-depth needs to be a number."],
  ["mr.developer-threads = x\n", "mr.developer-threads needs to be a number."],
])("%j is an error with its place", async (option, message) => {
  const { error } = await workspace("a = git x", option).buildout();
  expect(error?.message).toBe(message);
  expect(error?.location?.line).toBe(4);
});

test("a package on the file system must be there, under the name of its source", async () => {
  const w = workspace("a = fs a", "auto-checkout = a\n");
  const { text, error } = await w.buildout();
  expect(text).toContain("Directory '/t/p/src/a' for package 'a' doesn't exist.");
  expect(error?.code).toBe("checkout-failed");
  writeFiles(w.path("src/a"), nodePackage("a"));
  expect(messages((await w.buildout()).text)).toEqual([
    "Queued 'a' for checkout.",
    "Filesystem package 'a' doesn't need a checkout.",
  ]);
  expect((await w.develop(["update"])).err).toContain("doesn't need update.");
  w.write({ "buildout.cfg": w.read("buildout.cfg").replace("fs a", "fs b") });
  expect((await w.buildout()).text).toContain(
    "Directory name for existing package 'a' differs. Expected 'b'.",
  );
});

test("checked out packages are developed in addition to the others, and their pins do not count", async () => {
  const w = new Workspace({
    "buildout.cfg": `[buildout]
extensions = mr.developer
auto-checkout = My_Pkg data
develop = own src/twice
parts = part
versions = pins
[pins]
my-pkg = 0.1
other = 1.0
[sources]
My_Pkg = fs My_Pkg
data = fs data egg=no
twice = fs twice
[part]
recipe = ./recipe.js
`,
    "recipe.js": `export default {
  description: "",
  install(part) {
    part.log.info(String(part.buildout.versions.get("my-pkg")));
    part.log.info(String(part.buildout.versions.get("other")));
    part.log.info(part.buildout.developPackages.map(({ name }) => name).join());
    return [];
  },
};`,
    "src/data/file": "",
  });
  for (const [folder, name] of [
    ["own", "own"],
    ["src/My_Pkg", "my-pkg"],
    ["src/twice", "twice"],
  ] as const) {
    writeFiles(w.path(folder), nodePackage(name));
  }
  const { text } = await w.buildout();
  expect(text).toContain(
    "Develop: '/t/p/own'\nDevelop: '/t/p/src/twice'\nDevelop: '/t/p/src/My_Pkg'\n",
  );
  expect(text).toContain("part: undefined\npart: 1.0\npart: own,twice,my-pkg\n");
  expect(w.read(".installed.cfg")).toContain("parts = _mr.developer part\n");
  expect(w.has("bin/develop")).toBe(true);
});

test("rewrites change sources that match", async () => {
  const rewrites = `[rewrites]
hub =
    url ~ ^https://hub.example/
    git@hub.example:
    kind = git
mine =
    url ~= /alpha\\.git$
    url ~ (?P<owner>\\w+)/(alpha)
    me/\\2-of-\\g<owner>
not-this =
    kind = svn
    url ~ .*
    nowhere
`;
  const sources = "a = git https://hub.example/joe/alpha.git\nb = hg https://hub.example/joe/beta";
  const { out } = await info(sources, "", { ".mr.developer-options.cfg": rewrites });
  expect(out).toBe(
    "/t/p/src/a git git@hub.example:me/alpha-of-joe.git\n/t/p/src/b hg https://hub.example/joe/beta\n",
  );
});

test("the user's own settings count, the buildout's options before them", async () => {
  const w = workspace("a = git https://hub.example/a");
  writeFiles(w.path("../home/.buildout"), {
    "mr.developer.cfg":
      "[mr.developer]\nthreads = none\nrewrites =\n  https:// ssh://git@\n[rewrites]\nx =\n  url ~ a$\n  b\n",
  });
  const { text } = await w.buildout();
  expect(text).toContain(
    "Invalid value 'none' for 'threads' option, must be a positive number. Using default value of 5.",
  );
  expect((await w.develop(["info", "--url"])).out).toBe("ssh://git@hub.example/b\n");
  // They are not moved.
  expect(w.read(".mr.developer.cfg")).not.toContain("hub");
  expect(w.read(".mr.developer.cfg")).not.toContain("threads");
});

test.each([
  [".mr.developer-options.cfg", "[develop]\na = true\n", "The 'develop' section is not allowed"],
  [".mr.developer.cfg", "[develop]\na = maybe\n", "Invalid value in 'develop' section"],
  [".mr.developer.cfg", "what is this\n", "There is a line before the first section."],
  [
    ".mr.developer.cfg",
    "[develop]\nwhat is this\n",
    "The line is neither a section nor an option.",
  ],
  [".mr.developer-options.cfg", "[rewrites]\na =\n  url ! b\n", "'url ! b' is not a rule"],
  [".mr.developer-options.cfg", "[rewrites]\na =\n  url ~ b\n", "There is no substitution for"],
  [".mr.developer-options.cfg", "[rewrites]\na =\n  path = b\n", "Option 'path' is not allowed"],
  [".mr.developer-options.cfg", "[rewrites]\na =\n  url ~ (\n  b\n", "The regular expression '('"],
])("%s with %j is an error", async (file, text, message) => {
  const w = workspace("a = git x");
  w.write({ [file]: text });
  const { error } = await w.buildout();
  expect(error?.message).toContain(message);
});

test("a section of the part's name is an error", async () => {
  const { error } = await workspace("a = git x\n[_mr.developer]\nrecipe = folders").buildout();
  expect(error?.message).toContain("The buildout already has a '_mr.developer' section");
});

test("the extension is left to Python if native recipes are switched off", async () => {
  const { error } = await workspace("a = git x").buildout({
    assignments: ["native-recipes=false"],
  });
  expect(error?.message).toContain("mr.developer");
});

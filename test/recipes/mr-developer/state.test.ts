import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { writeFiles } from "../../support/scratch.ts";
import { nodePackage, run, Workspace } from "../../support/working-copies.ts";

function workspace(state?: string): Workspace {
  const w = new Workspace({
    "buildout.cfg":
      "[buildout]\nextensions = mr.developer\nauto-checkout = a\nparts =\n[sources]\na = fs a\nb = fs b\n",
    ...(state !== undefined && { ".mr.developer.cfg": state }),
  });
  for (const name of ["a", "b"]) writeFiles(w.path(`src/${name}`), nodePackage(name));
  return w;
}

/** The file as read by Python's own parser. */
function python(w: Workspace): unknown {
  const script = `
import json, configparser
config = configparser.RawConfigParser()
config.optionxform = str
config.read(".mr.developer.cfg")
print(json.dumps({name: dict(config.items(name)) for name in config.sections()}))`;
  return JSON.parse(run("python3", ["-c", script], w.directory));
}

test("the state has the format of mr.developer for Python", async () => {
  const w = workspace();
  await w.buildout({ argv: ["/p/bin/buildout", "-v", "a:b=it's"] });
  expect(w.read(".mr.developer.cfg")).toBe(
    `[develop]\na = auto\n\n[buildout]\nargs = '/p/bin/buildout'\n\t'-v'\n\t"a:b=it's"\n\n[mr.developer]\nrewrites = \n\n`,
  );
  expect(python(w)).toEqual({
    develop: { a: "auto" },
    buildout: { args: `'/p/bin/buildout'\n'-v'\n"a:b=it's"` },
    "mr.developer": { rewrites: "" },
  });
});

test("state of an earlier version is kept: states, settings, other sections", async () => {
  const w = workspace(
    "[develop]\nb = True\nA.gone = false\n\n[buildout]\nargs = 'bin/buildout'\n\n[mr.developer]\nthreads = 2\nrewrites = \n\n[rewrites]\nx = \n\turl ~ zzz\n\tyyy\n\n",
  );
  const { text } = await w.buildout({ argv: [] });
  expect(text).toContain("Develop: '/t/p/src/a'\nDevelop: '/t/p/src/b'\n");
  expect(python(w)).toEqual({
    buildout: { args: "'bin/buildout'" },
    "mr.developer": { threads: "2", rewrites: "" },
    rewrites: { x: "\nurl ~ zzz\nyyy" },
    develop: { "A.gone": "false", a: "auto", b: "true" },
  });
});

test("sections in the user's settings come first, and their content is kept there", async () => {
  const w = workspace();
  w.write({ ".mr.developer-options.cfg": "[mr.developer]\nthreads = 2\n" });
  await w.buildout({ argv: ["buildout"] });
  expect(w.read(".mr.developer.cfg")).toBe(
    "[mr.developer]\nrewrites = \n\n[develop]\na = auto\n\n[buildout]\nargs = 'buildout'\n\n",
  );
});

test("only the user can access the file, and it is not touched if nothing changed", async () => {
  const w = workspace();
  await w.buildout();
  await w.buildout();
  const { ino, mode } = statSync(w.path(".mr.developer.cfg"));
  expect(mode & 0o777).toBe(0o600);
  await w.buildout();
  expect(statSync(w.path(".mr.developer.cfg")).ino).toBe(ino);
});

test("a package that was deactivated is not developed, though it is in auto-checkout", async () => {
  const w = workspace("[develop]\na = false\n");
  expect((await w.buildout()).text).not.toContain("Develop:");
  expect(w.read(".mr.developer.cfg")).toContain("a = false\n");
});

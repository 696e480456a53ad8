/** Recipes that a reference in [buildout] brings to life before [buildout] is known. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { pythonProject } from "../../support/bridge-project.ts";
import { writeWheel } from "../../support/wheel.ts";

const RECIPE = `
import sys
class Recipe:
    def __init__(self, buildout, name, options):
        options["version"] = VERSION
        options["python"] = sys.executable
    def install(self):
        return ()
    update = install
`;

/** A buildout that refers to a recipe in `links`, in its versions 1.0, 1.1 and 2.0b1. */
function project() {
  const p = pythonProject([], "");
  const publish = (version: string) =>
    writeWheel(p.path("links"), "early", version, {
      entryPoints: "[zc.buildout]\ndefault = early:Recipe\n",
      files: { "early.py": RECIPE.replace("VERSION", `"${version}"`) },
    });
  for (const version of ["1.0", "1.1", "2.0b1"]) publish(version);
  const run = async (options: string, sections = "") => {
    p.write(
      "buildout.cfg",
      `[buildout]\nparts =\nx = \${made:version}\nfind-links = \${places:links}\n${options}\n` +
        `[places]\nlinks = links\n[made]\nrecipe = early\n${sections}`,
    );
    const { status, err, out } = await p.buildout("-v");
    return { status, err, out, got: /Got (early \S+)\./.exec(out)?.[1] };
  };
  return { ...p, publish, run };
}

test("are installed as newest, find-links, prefer-final and the pins say", async () => {
  const p = project();
  expect(
    await p.run("", "[versions]\nearly = ${numbers:one}\n[numbers]\none = 1.0\n"),
  ).toMatchObject({ status: 0, err: "", got: "early 1.0" });
  expect((await p.run("newest = false")).got).toBeUndefined();
  expect((await p.run("newest = true")).got).toBe("early 1.1");
  expect((await p.run("newest = true\nprefer-final = false")).got).toBe("early 2.0b1");
});

test("are not installed if offline, index and allow-hosts say so", async () => {
  const p = project();
  expect((await p.run("offline = true")).err).toContain(
    "can't install one in offline (no-install) mode.",
  );
  const elsewhere = "index = http://localhost:9/${places:links}\nallow-hosts = 127.0.0.1";
  expect((await p.run(elsewhere)).err).toMatch(/The host localhost of .* is not in allow-hosts/);
});

test("are kept in the download cache, and run in the first Python on the PATH", async () => {
  const p = project();
  const { status, err } = await p.run(
    "download-cache = ${places:cache}\nexecutable = ${made:python}",
    "[places]\ncache = cache\n",
  );
  expect([status, err]).toEqual([0, ""]);
  expect(readdirSync(p.path("cache/dist"))).toEqual(["early-1.1-py3-none-any.whl"]);
});

test("a pin that needs one of them is an error", async () => {
  const p = project();
  const { status, err } = await p.run("", "[versions]\nspam = ${made:version}\n");
  expect(status).toBe(1);
  expect(err).toContain("Error: Referenced option does not exist: made version");
});

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pythonProject } from "../support/bridge-project.ts";
import { engine } from "../support/command-project.ts";
import { writeWheel } from "../support/wheel.ts";

const PROJECT = `[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "demo.names"
version = "1.0"
[project.entry-points."zc.buildout"]
default = "demo_names:Recipe"
[project.entry-points."zc.buildout.extension"]
default = "demo_names:extension"
[tool.setuptools]
py-modules = ["demo_names"]
`;

/** A project whose package demo.names is this module; its find-links have `final` 1.0 and 2.0, and `needs`. */
function project(module: string, configuration: string) {
  const p = pythonProject([], "");
  p.write("src/names/pyproject.toml", PROJECT);
  p.write("src/names/demo_names.py", module);
  const links = p.path("links");
  writeWheel(links, "final", "1.0");
  writeWheel(links, "final", "2.0");
  writeWheel(links, "needs", "1.0", { metadata: ["Requires-Dist: final"] });
  p.write(
    "buildout.cfg",
    `[buildout]\nnewest = false\ndevelop = src/names\nfind-links = links\n${configuration}`,
  );
  return p;
}

const LISTENER = `
import logging
from zc.buildout import easy_install
from zc.buildout.buildout import _format_picked_versions, print_

heard = []


def extension(buildout):
    get_dist, shut_down = easy_install.Installer._get_dist, logging.shutdown

    def listening(self, requirement, ws, *more):
        dists = get_dist(self, requirement, ws, *more)
        heard.extend("%s -> %s %s" % (requirement, dist.project_name, dist.version) for dist in dists)
        return dists

    def ending():
        with open(buildout["buildout"]["directory"] + "/heard.txt", "w") as file:
            file.write("\\n".join(heard))
        shut_down()

    def picked():
        print_("mine: " + " | ".join(_format_picked_versions(*easy_install.get_picked_versions())))

    easy_install.Installer._get_dist = listening
    logging.shutdown = ending
    buildout.show_picked_versions = True
    buildout._print_picked_versions = picked


class Recipe(object):
    def __init__(self, buildout, name, options):
        self.options, self.links = options, buildout["buildout"]["find-links"]

    def install(self):
        easy_install.install(["needs"], self.options["dest"], links=[self.links])
        return ()

    update = install
`;

test("an extension receives every distribution, and prints the picked versions itself", async () => {
  const p = project(
    LISTENER,
    "extensions = demo.names\nparts = app own\n[versions]\nneeds = 1.0\n" +
      "[app]\nrecipe = zc.recipe.egg:eggs\neggs = needs\n" +
      "[own]\nrecipe = demo.names\ndest = ${buildout:eggs-directory}\n",
  );
  const { status, out, err } = await p.buildout();
  expect([status, err]).toEqual([0, ""]);
  expect(out).toContain("\nmine: [versions] |  | # Required by: | # needs==1.0 | final = 2.0\n");
  expect(out).not.toContain("Versions had to be automatically picked.");
  const heard = p.read("heard.txt").split("\n");
  // From the recipe in Python with the pin, and from the engine's own zc.recipe.egg at the end.
  expect(heard.slice(0, 2)).toEqual(["needs==1.0 -> needs 1.0", "final -> final 2.0"]);
  expect(heard.slice(2)).toContain("needs==1.0 -> needs 1.0");
  expect(heard.slice(2)).toContain("final -> final 2.0");
});

const USER = `
from pkg_resources import Requirement
from zc.buildout import easy_install
from zc.buildout.buildout import main


def extension(buildout):
    pass


class Recipe(object):
    def __init__(self, buildout, name, options):
        self.buildout, self.options = buildout, options

    def install(self):
        settings = self.buildout["buildout"]
        index = easy_install._get_index(self.options["index"], [settings["find-links"]])
        final = index.obtain(Requirement.parse("final"))
        print("newest", final.version, final.location.rsplit("/", 1)[-1])
        print("indexed", index.obtain(Requirement.parse("indexed")).location.rsplit("/", 1)[-1])
        print("kept", list(easy_install._indexes.values()) == [index],
              sorted(dist.version for dist in index["final"]))

        pins = easy_install.Installer._versions
        pins["final"] = "<2"
        installed = easy_install.install(["needs"], settings["eggs-directory"])
        print("held back", sorted(str(dist) for dist in installed))

        installer = easy_install.Installer(
            dest=settings["eggs-directory"], links=[settings["find-links"]], versions={"final": "1.0"})
        requirement = installer._constrain(Requirement.parse("final"))
        print("pinned", requirement, installer._satisfied(requirement)[0].version)
        found = next(dist for dist in installed if dist.key == "final")
        print("alone", easy_install._get_matching_dist_in_location(found, found.location).version)

        main(["-c", self.options["other"], "install"])
        try:
            main(["-c", self.options["other"], "no-such-command"])
        except SystemExit as end:
            print("ended with", end.code)
        return ()
`;

test("recipes ask the installer, an index and another buildout", async () => {
  const p = project(
    USER,
    "parts = own\n[versions]\n[own]\nrecipe = demo.names\nindex = file://${buildout:directory}/index\n" +
      "other = ${buildout:directory}/other/buildout.cfg\n",
  );
  p.write("index/indexed/index.html", '<a href="indexed-3.tar.gz#sha256=00">indexed</a>');
  p.write("other/buildout.cfg", `[buildout]\nparts =\ndirectory = ${join(p.directory, "other")}\n`);
  await p.buildout("bootstrap");
  const { status, out, err } = await p.buildout();
  expect(status).toBe(0);
  expect(err).toMatch(/^Error: invalid command: no-such-command\n/);
  expect(out.split("\n").filter((line) => !/^(Getting|Got|Installing)/.test(line))).toEqual([
    "newest 2.0 final-2.0-py3-none-any.whl",
    "indexed indexed-3.tar.gz#sha256=00",
    "kept True ['1.0', '2.0']",
    "held back ['final 1.0', 'needs 1.0']",
    "pinned final==1.0 1.0",
    "alone 1.0",
    "ended with 2",
    "",
  ]);
  expect(p.has("other/bin")).toBe(true);
});

const EGGS = `
import zc.recipe.egg


def extension(buildout):
    pass


class Recipe(object):
    def __init__(self, buildout, name, options):
        self.egg = zc.recipe.egg.Scripts(buildout, name, options)
        print(name, "made:", "executable" in options)
        if options.get("early"):
            self.egg.working_set()
        print(name, "ready:", "executable" in options)

    def install(self):
        self.egg.working_set()
        return ()

    update = install
`;

test("zc.recipe.egg sets the option executable when it is asked for a working set", async () => {
  const p = project(
    EGGS,
    "parts = early late\n[early]\nrecipe = demo.names\neggs = final\nearly = true\n" +
      "[late]\nrecipe = demo.names\neggs = final\n",
  );
  const { status, out, err } = await p.buildout();
  expect([status, err]).toEqual([0, ""]);
  expect(out.match(/^(early|late) .*$/gm)).toEqual([
    "early made: False",
    "early ready: True",
    "late made: False",
    "late ready: False",
  ]);
  const saved = p.read(".installed.cfg").split("[late]");
  expect(saved.map((text) => text.includes("\nexecutable = "))).toEqual([true, false]);
  expect((await p.buildout()).out).toContain("Updating early.\n");
});

const CHECKOUT = `
import os


def extension(buildout):
    print("checking out")
    os.makedirs("src/late", exist_ok=True)
    with open("src/late/setup.py", "w") as file:
        file.write("from setuptools import setup\\nsetup(name='late', version='1.0')\\n")


class Recipe(object):
    pass
`;

test("an extension may check out the develop packages of [buildout]", async () => {
  const p = project(CHECKOUT, "extensions = demo.names\nparts =\n");
  p.write("src/late/.keep", "");
  p.write("buildout.cfg", p.read("buildout.cfg").replace("develop = ", "develop = src/late "));
  // The extension itself is known from the run before; its package has its turn after src/late.
  await p.buildout("buildout:develop=src/names", "buildout:extensions=");
  const { status, out, err } = await p.buildout();
  expect([status, err, out]).toEqual([0, "", "checking out\n"]);
  expect(p.has("develop-eggs/late.egg-link")).toBe(true);
});

test("directories are reported after the extensions are loaded, in zc.buildout's order", async () => {
  const p = project(CHECKOUT, "extensions = demo.names\nparts =\n");
  const { stdout } = spawnSync(process.execPath, [engine], {
    cwd: p.directory,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: p.directory, PIP_NO_INDEX: "1" },
  });
  const lines = p.plain(stdout).split("\n");
  const made = ["bin", "parts", "develop-eggs"].map((name) => `Creating directory '/p/${name}'.`);
  const from = lines.indexOf("checking out");
  expect(lines.slice(from, from + 4)).toEqual(["checking out", ...made]);
});

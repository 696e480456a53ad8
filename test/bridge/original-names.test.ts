import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The names in the originals, by module, as written by `original-names.py`. */
interface OriginalNames {
  /** Names that a module defines or imports, and those that its classes define. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Names that methods set on `self`. */
  readonly instances: Readonly<Record<string, readonly string[]>>;
}

const original: OriginalNames = JSON.parse(
  readFileSync(new URL("original-names.json", import.meta.url), "utf8"),
);

const LOOK = `
import importlib, json, sys
root, names, instances = sys.argv[1] + "src/bridge/python/", *map(json.loads, sys.argv[2:])
sys.path[:0] = [root + folder for folder in ("core", "facades/buildout", "facades/substitutes")]
import _hostout
_hostout.__path__.append(root + "facades/buildout/_hostout")
from _hostout import channel, stand_in
from _hostout.absent import Absent
channel.answer_with(stand_in.Sections("/").handlers())
missing, refused = [], []
for module, wanted in names.items():
    try:
        loaded = importlib.import_module(module)
    except ImportError as problem:
        refused.append([module, str(problem)])
        continue
    for name in wanted:
        found = loaded
        try:
            for word in name.split("."):
                found = found if isinstance(found, Absent) else getattr(found, word)
        except AttributeError:
            missing.append(module + "." + name)
        if isinstance(found, Absent) and "not in this Python" not in repr(found):
            refused.append([repr(found)[1:].split(" ")[0], repr(found)])

import zc.buildout.download, zc.buildout.testing, zc.buildout.testrecipes, zc.recipe.egg
buildout = zc.buildout.buildout.Buildout()
buildout.parse("[part]\\nrecipe = zc.recipe.egg\\negg = demo\\nsetup = .\\nunread = \${:egg}")
options = buildout["part"]
made = {
    "Buildout": buildout, "Options": options, "Download": zc.buildout.download.Download(),
    "Installer": zc.buildout.easy_install.Installer(),
    "MissingDistribution": zc.buildout.easy_install.MissingDistribution("demo"),
    "Error": zc.buildout.configparser.Error(),
    "ParsingError": zc.buildout.configparser.ParsingError("file"),
    "MissingSectionHeaderError": zc.buildout.configparser.MissingSectionHeaderError("file", 1, ""),
    "Debug": zc.buildout.testrecipes.Debug(buildout, "part", options),
    "Base": zc.recipe.egg.Develop(buildout, "part", options),
    "Custom": zc.recipe.egg.Custom(buildout, "part", options),
    "Eggs": zc.recipe.egg.Eggs(buildout, "part", options),
    "Scripts": zc.recipe.egg.Scripts(buildout, "part", options),
}
for module, wanted in instances.items():
    for name in wanted:
        owner, attribute = name.split(".")
        if owner not in made or attribute.startswith("__"):
            continue
        if not hasattr(made[owner], attribute):
            missing.append(module + "." + name)
        elif isinstance(getattr(made[owner], attribute), Absent):
            refused.append([module + "." + name, repr(getattr(made[owner], attribute))])
assert "setup" in options._data and "unread" not in options._data, options._data
assert options["unread"] == "demo" == options._data["unread"]
options._data["set"] = "word"
assert options["set"] == "word" and "set" in options._data.keys()
assert buildout["buildout"]._data["bin-directory"] == "/bin"
zc.buildout.easy_install.default_versions({"Zc.Buildout": "1", "six": "2"})
assert zc.buildout.easy_install.default_versions() == {"zc-buildout": "1", "six": "2"}
zc.buildout.easy_install.Installer._versions["zc_buildout"] = "3"
assert buildout.versions == {"Zc.Buildout": "3", "six": "2"}, buildout.versions
print(json.dumps({"missing": missing, "refused": refused}))
`;

test("names of the originals exist, or are refused with an alternative and documented", () => {
  const { names, instances } = original;
  const run = spawnSync(
    "python3",
    ["-W", "ignore", "-c", LOOK, root, JSON.stringify(names), JSON.stringify(instances)],
    { encoding: "utf8" },
  );
  expect(run.stderr).toBe("");
  const { missing, refused } = JSON.parse(run.stdout) as {
    missing: string[];
    refused: [name: string, text: string][];
  };
  expect(missing).toEqual([]);
  const documented = readFileSync(`${root}docs/differences.md`, "utf8")
    .split("### Names of zc.buildout")[1]!
    .split("\n## ")[0]!
    .replace(/\n {2}/g, " ");
  const lines = documented.split("\n").filter((line) => line.startsWith("- "));
  const undocumented = refused.filter(([name, text]) => {
    expect(text).toContain("has no counterpart in this engine. ");
    return !lines.some((line) => {
      const [module, ...names] = [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
      const known = names.map((known) => `${module}.${known}`);
      return known.length === 0
        ? module === name
        : known.some((known) => name === known || name.startsWith(`${known}.`));
    });
  });
  expect(undocumented.map(([name]) => name)).toEqual([]);
});

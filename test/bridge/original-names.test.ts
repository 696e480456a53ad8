import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What zc.buildout 5.2 and zc.recipe.egg define, module by module; none: the module is missing. */
const NAMES: Record<string, string[]> = JSON.parse(
  readFileSync(new URL("original-names.json", import.meta.url), "utf8"),
);

const LOOK = `
import importlib, json, sys
root, names = sys.argv[1] + "src/bridge/python/", json.loads(sys.argv[2])
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
        if isinstance(found, Absent):
            refused.append([module + "." + name, repr(found)])
print(json.dumps({"missing": missing, "refused": refused}))
`;

test("names of the originals are there, or refused with a way out and documented", () => {
  const run = spawnSync("python3", ["-c", LOOK, root, JSON.stringify(NAMES)], { encoding: "utf8" });
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

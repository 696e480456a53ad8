import { expect, test } from "vitest";
import { pythonProject } from "../support/bridge-project.ts";
import { writeWheel } from "../support/wheel.ts";

const CODE = `
class Recipe(object):
    def __init__(self, buildout, name, options):
        pass

    def install(self):
        return []

    update = install


def gone(name, options):
    pass


def load(buildout):
    pass
`;

const ENTRIES: Readonly<Record<string, string>> = {
  "my.recipe": "[zc.buildout]\ndefault = my_recipe:Recipe\n",
  "my.last":
    "[zc.buildout]\ndefault = my_last:Recipe\n[zc.buildout.uninstall]\ndefault = my_last:gone\n",
  "my.extension": "[zc.buildout.extension]\ndefault = my_extension:load\n",
};

/** A buildout that finds recipes and an extension, each of which needs a distribution of its own. */
function recipesToPick(configuration: string) {
  const p = pythonProject([], `find-links = links\nindex = index\n${configuration}`);
  for (const [name, entryPoints] of Object.entries(ENTRIES)) {
    const files = { [`${name.replace(".", "_")}.py`]: CODE };
    const needed = name.replace("my.", "needed-by-");
    writeWheel(p.path("links"), name, "1.0", {
      ...{ entryPoints, files },
      metadata: [`Requires-Dist: ${needed}`],
    });
    writeWheel(p.path("links"), needed, "1.0");
  }
  p.write("index/.keep", "");
  const picked = (out: string) => out.match(/^[\w.-]+ = [\d.]+$/gm) ?? [];
  return { ...p, picked };
}

const PART = "[a]\nrecipe = my.recipe\n[b]\nrecipe = my.last\n";

test("what uninstalls parts is listed if nothing else runs", async () => {
  const p = recipesToPick(`show-picked-versions = true\nparts = a b\n${PART}`);
  const all = [
    "my.last = 1.0",
    "my.recipe = 1.0",
    "needed-by-last = 1.0",
    "needed-by-recipe = 1.0",
  ];
  expect(p.picked((await p.buildout()).out)).toEqual(all);
  const { out } = await p.buildout("buildout:parts=", "buildout:update-versions-file=pins.cfg");
  expect(out).toContain("Uninstalling b.\nRunning uninstall recipe.\nUninstalling a.\n");
  expect(p.picked(out)).toEqual(all);
  expect(p.picked(p.read("pins.cfg"))).toEqual(all);
  // Nothing needs them any longer.
  expect(p.picked((await p.buildout("buildout:parts=")).out)).toEqual([]);
});

test("extensions and what they need are listed, unless they are pinned", async () => {
  const p = recipesToPick("show-picked-versions = true\nextensions = my.extension\nparts =\n");
  const { out } = await p.buildout();
  expect(p.picked(out)).toEqual(["my.extension = 1.0", "needed-by-extension = 1.0"]);
  expect(p.picked((await p.buildout("versions:my.extension=1.0")).out)).toEqual([
    "needed-by-extension = 1.0",
  ]);
});

test("a recipe that a part pins is not listed for the next part, which takes it as it is", async () => {
  const p = recipesToPick(
    "show-picked-versions = true\nparts = a b\n" +
      "[a]\nrecipe = my.recipe ==1.0\n[b]\nrecipe = my.recipe\n",
  );
  expect(p.picked((await p.buildout()).out)).toEqual(["needed-by-recipe = 1.0"]);
});

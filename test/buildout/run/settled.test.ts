import { mkdirSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import egg from "../../../recipes/egg/index.ts";
import type { RecipeDefinition } from "../../../src/index.ts";
import { type Project, project } from "../../support/engine-project.ts";
import { indexOf, PYTHON } from "../../support/python-workspace.ts";
import { scratch } from "../../support/scratch.ts";
import { writeWheel } from "../../support/wheel.ts";

/** A recipe that makes its part's folder, and looks at `input`, unless that is missing. */
const looking: RecipeDefinition = {
  description: "looks at a file",
  install(part) {
    const folder = `${part.buildout.partsDirectory}/${part.name}`;
    mkdirSync(folder);
    return folder;
  },
  update() {},
  settled({ options }) {
    const input = options.get("input");
    return input === undefined ? undefined : [input];
  },
};

/** What the next run depends on according to a run, with `/p` for the project; undefined if unknown. */
async function settled(p: Project, more: Parameters<Project["run"]>[0] = {}) {
  let told: string[] | undefined;
  const outcome = await p.run({
    ...more,
    onSettled: (paths) => {
      told = paths.map((path) => p.plain(path));
    },
  });
  expect(outcome.error).toBeUndefined();
  return told;
}

const CFG = "[buildout]\nparts = one\n[one]\nrecipe = looking\ninput = in.txt\n";

describe("what the next run depends on", () => {
  test("is the configuration, the record, everything installed and what recipes name", async () => {
    const p = project({ "buildout.cfg": CFG }, { looking });
    expect(await settled(p)).toEqual([
      "/p/buildout.cfg",
      "/p/bin",
      "/p/parts",
      "/p/develop-eggs",
      "/p/.installed.cfg",
      "/p/in.txt",
      "/p/parts/one",
    ]);
    expect(await settled(p)).toContain("/p/in.txt");
  });

  test("includes parts that only others refer to", async () => {
    const more = "also = ${two:name}\n[two]\nrecipe = looking\nname = x\n";
    const p = project({ "buildout.cfg": CFG + more }, { looking });
    expect(await settled(p)).toBeUndefined();
    p.write("buildout.cfg", `${CFG}${more}input = second.txt\n`);
    expect(await settled(p)).toContain("/p/second.txt");
  });

  test("is unknown if a recipe does not declare it", async () => {
    const p = project({ "buildout.cfg": CFG.replace("looking", "folders") }, { looking });
    expect(await settled(p)).toBeUndefined();
  });

  test("is unknown for single parts, develop packages and line breaks in a name", async () => {
    const p = project({ "buildout.cfg": CFG, "own/setup.py": "" }, { looking });
    expect(await settled(p, { parts: ["one"] })).toBeUndefined();
    p.write("package.json", '{ "name": "own", "version": "1.0.0" }');
    expect(await settled(p, { assignments: ["buildout:develop=."] })).toBeUndefined();
    p.write("buildout.cfg", CFG.replace("in.txt", "in.txt\n  second"));
    expect(await settled(p)).toBeUndefined();
  });

  test("includes the code of the project's recipes: a file and its directory, or all of a package", async () => {
    const code = "export default { install: () => [], update() {}, settled: () => [] };\n";
    const cfg =
      "[buildout]\nparts = one two\n[one]\nrecipe = ./tools/one.mjs\n[two]\nrecipe = two\n";
    const p = project({
      "buildout.cfg": cfg,
      "tools/one.mjs": code,
      "lib/two/package.json":
        '{ "name": "two", "version": "1.0.0", "type": "module", "buildout": { "recipes": { "default": "./src/two.js" } } }',
      "lib/two/src/two.js": code,
    });
    mkdirSync(p.path("node_modules"));
    symlinkSync("../lib/two", p.path("node_modules/two"));
    expect(await settled(p)).toEqual(
      expect.arrayContaining(["/p/tools", "/p/tools/one.mjs", "/p/node_modules/two/src/two.js"]),
    );
  });

  test("includes the directories of Python distributions, if all of them are pinned", async () => {
    const wheels = scratch();
    const index = await indexOf(
      writeWheel(wheels, "App", "1.0", { metadata: ["Requires-Dist: lib"] }),
      writeWheel(wheels, "lib", "1.0"),
      writeWheel(wheels, "lib", "1.1"),
    );
    const cfg = `[buildout]
parts = app
executable = ${PYTHON}
index = ${index.url}
[app]
recipe = zc.recipe.egg
eggs = App
[versions]
App = 1.0
`;
    const p = project({ "buildout.cfg": cfg }, { "zc.recipe.egg": egg });
    expect(await settled(p)).toBeUndefined();
    p.write("buildout.cfg", `${cfg}lib = 1.0\n`);
    const paths = await settled(p);
    expect(paths?.filter((path) => path.startsWith("/p/eggs/"))).toEqual([
      expect.stringMatching(/App-1\.0[^/]*\.egg$/),
      expect.stringMatching(/App-1\.0.*-info$/i),
      expect.stringMatching(/lib-1\.0[^/]*\.egg$/),
      expect.stringMatching(/lib-1\.0.*-info$/i),
    ]);
    expect(paths).toContain(PYTHON);
  });
});

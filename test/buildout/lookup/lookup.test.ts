import { describe, expect, test } from "vitest";
import { parseRecipeName } from "../../../src/buildout/lookup/lookup.ts";
import { project } from "../../support/engine-project.ts";

const cfg = (recipe: string, more = "") =>
  `[buildout]\nparts = a\n${more}\n[a]\nrecipe = ${recipe}\nport = 80\n`;

const source = (text: string) => `import { defineRecipe } from "hostout";
interface Made { port: string }
export default defineRecipe({
  description: "writes a file",
  options: { port: { required: true } },
  install(part) {
    const made: Made = { port: part.values.port };
    part.log.info(\`${text} \${made.port}\`);
    return [];
  },
  update() {},
});
export const other = defineRecipe({
  description: "another entry",
  install: (part) => {
    part.log.info(\`entry \${part.entry}\`);
    return [];
  },
});
`;

describe("recipe =", () => {
  test.each([
    ["zc.recipe.egg", "zc.recipe.egg", "default"],
    ["zc.recipe.egg:scripts", "zc.recipe.egg", "scripts"],
    ["zc.recipe.egg >= 2.0:scripts", "zc.recipe.egg", "scripts"],
    ["collective.recipe.template[genshi]:genshi", "collective.recipe.template", "genshi"],
    ["@scope/recipe", "@scope/recipe", "default"],
    ["./tools/my recipe.ts:other", "./tools/my recipe.ts", "other"],
    ["/abs/recipe.js", "/abs/recipe.js", "default"],
  ])("%s names %s and its entry %s", (recipe, name, entry) => {
    expect(parseRecipeName(recipe)).toEqual({ name, entry });
  });
});

describe("a local file", () => {
  test("in TypeScript is a recipe; another content reinstalls the part", async () => {
    const p = project({ "buildout.cfg": cfg("./tools/r.ts"), "tools/r.ts": source("first") });
    expect((await p.run()).text).toBe("Installing a.\na: first 80\n");
    expect((await p.run()).text).toBe("Updating a.\n");
    const q = project({ "buildout.cfg": cfg("./tools/r.ts"), "tools/r.ts": source("second") });
    q.write(".installed.cfg", p.read(".installed.cfg"));
    expect((await q.run()).text).toBe("Uninstalling a.\nInstalling a.\na: second 80\n");
  });

  test("can contain several entries", async () => {
    const p = project({ "buildout.cfg": cfg("./r.ts:other"), "r.ts": source("x") });
    expect((await p.run()).text).toContain("a: entry other\n");
  });

  test("without such an entry is an error that says what to write", async () => {
    const p = project({ "buildout.cfg": cfg("./r.ts:nope"), "r.ts": source("x") });
    const { text } = await p.run();
    expect(text).toContain("Error: /p/r.ts exports no recipe as 'nope'.\n");
    expect(text).toContain("Write `export const nope = defineRecipe({...})`.");
  });

  test("that is missing or broken is named", async () => {
    const p = project({ "buildout.cfg": cfg("./r.ts"), "broken.ts": "export default {{" });
    expect((await p.run()).text).toContain("Error: There is no /p/r.ts.\n  at buildout.cfg:5\n");
    const { text } = await p.run({ assignments: ["a:recipe=./broken.ts"] });
    expect(text).toContain("  Loading recipe './broken.ts'.\nError: Couldn't load /p/broken.ts:");
  });
});

const manifest = (name: string, version = "1.0.0") =>
  JSON.stringify({ name, version, buildout: { recipes: { default: "./r.ts", other: "./o.js" } } });

const other =
  'export default { description: "", install: (part) => void part.log.info(part.entry) };';

describe("a package", () => {
  test("in node_modules, here or above, declares recipes in its package.json", async () => {
    const p = project({
      "sub/readme": "",
      "node_modules/@scope/r/package.json": manifest("@scope/r"),
      "node_modules/@scope/r/r.ts": source("packaged"),
      "node_modules/@scope/r/o.js": other,
      "buildout.cfg": cfg("@scope/r"),
    });
    expect((await p.run()).text).toContain("a: packaged 80\n");
    expect(p.read(".installed.cfg")).toContain("__buildout_signature__ = @scope/r-1.0.0\n");
    expect((await p.run({ assignments: ["a:recipe=@scope/r:other"] })).text).toContain(
      "a: other\n",
    );
  });

  test("that is a develop package is preferred to an installed one, and identified by its content", async () => {
    const p = project({
      "node_modules/r/package.json": manifest("r"),
      "node_modules/r/r.ts": source("installed"),
      "src/r/package.json": manifest("r"),
      "src/r/r.ts": source("developed"),
      "buildout.cfg": cfg("r", "develop = src/r"),
    });
    expect((await p.run()).text).toContain("a: developed 80\n");
    expect((await p.run()).text).not.toContain("Installing");
    p.write("src/r/notes.txt", "more");
    expect((await p.run()).text).toContain("Uninstalling a.\nInstalling a.\n");
  });

  test("without that recipe says so", async () => {
    const p = project({
      "node_modules/r/package.json": manifest("r"),
      "buildout.cfg": cfg("r:othr"),
    });
    expect((await p.run()).text).toContain(
      "  Loading recipe 'r:othr'.\nError: Couldn't find a recipe for 'r:othr'.\n" +
        "  at buildout.cfg:5\n  Did you mean 'r:other'?\n",
    );
  });
});

test("an unknown recipe is reported with the nearest name and its location", async () => {
  const p = project({ "buildout.cfg": cfg("foldrs") });
  expect((await p.run()).text).toBe(
    "While:\n  Installing.\n  Getting section a.\n  Initializing section a.\n" +
      "  Loading recipe 'foldrs'.\n" +
      "Error: Couldn't find a recipe for 'foldrs'.\n  at buildout.cfg:5\n  Did you mean 'folders'?\n",
  );
});

test("native-recipes leaves names to others", async () => {
  const p = project({ "buildout.cfg": cfg("folders") });
  const native = (value: string) => p.run({ assignments: [`buildout:native-recipes=${value}`] });
  expect((await native("false")).error?.code).toBe("missing-recipe");
  expect((await native("other")).error?.code).toBe("missing-recipe");
  expect((await native("other folders")).error).toBeUndefined();
});

describe("declared options", () => {
  const recipe = (specs: string, show: string) => `export default {
  description: "",
  options: ${specs},
  install(part) { part.log.info(JSON.stringify(${show})); return []; },
};`;
  const run = (specs: string, show: string, options = "") =>
    project({
      "buildout.cfg": `[buildout]\nparts = a\n[a]\nrecipe = ./r.js\n${options}`,
      "r.js": recipe(specs, show),
    }).run();

  test("are converted, with defaults in cfg notation", async () => {
    const specs = `{
      file: { type: "path", default: "\${buildout:parts-directory}/x" },
      near: { type: "path" },
      on: { type: "boolean", default: "true" },
      lines: { type: "lines" },
      words: { type: "words", default: "" },
      absent: {},
    }`;
    const { text } = await run(specs, "part.values", "near = y\nlines =\n  a b\n\n  c\n");
    expect(text).toContain(
      'a: {"file":"/p/parts/x","near":"/p/y","on":true,"lines":["a b","c"],"words":[]}\n',
    );
  });

  test("that are required and missing", async () => {
    const { text } = await run("{ port: { required: true } }", "1");
    expect(text).toContain("Error: Missing option: a:port\n  at buildout.cfg:3\n");
  });

  test("that are neither true nor false", async () => {
    const { text } = await run('{ on: { type: "boolean" } }', "1", "on = maybe\n");
    expect(text).toContain("Error: Invalid value for 'on' option: 'maybe'\n  at buildout.cfg:5\n");
  });

  test("show what the recipe set later; the section does not contain their defaults", async () => {
    const { text } = await run(
      '{ port: { default: "80" } }',
      '[part.options.has("port"), part.values.port, part.options.set("port", "81"), part.values.port]',
    );
    expect(text).toContain('a: [false,"80",null,"81"]\n');
  });
});

describe("the buildout as recipes see it", () => {
  test("has its directories, pins, parts and develop packages", async () => {
    const p = project({
      "src/d/package.json": JSON.stringify({ name: "d", version: "0.1.0" }),
      "base.cfg": "[versions]\nleft = 1.0\n",
      "buildout.cfg":
        "[buildout]\nextends = base.cfg\nparts = a\ndevelop = src/d\noffline = true\ndownload-cache = cache\n[a]\nrecipe = ./r.js\n",
      "r.js": `export default {
  description: "",
  async install({ buildout: b, log }) {
    log.info(JSON.stringify([
      b.directory, b.binDirectory, b.partsDirectory, b.eggsDirectory, b.developEggsDirectory,
      b.downloadCache, b.offline, b.newest, b.configurationFiles, b.versions.get("left"), b.parts,
      b.has("a"), b.has("b"), (await b.section("buildout")).require("eggs-directory"),
      b.developPackages.map(({ name, folder }) => [name, folder]), await b.distributions(),
    ]));
    return [];
  },
};`,
    });
    const { text } = await p.run();
    expect(JSON.parse(/a: (.*)/.exec(text)![1]!)).toEqual([
      "/p",
      "/p/bin",
      "/p/parts",
      "/p/eggs/v5",
      "/p/develop-eggs",
      "/p/cache",
      true,
      false,
      ["/p/buildout.cfg", "/p/base.cfg"],
      "1.0",
      ["a"],
      true,
      false,
      "/p/eggs/v5",
      [["d", "/p/src/d"]],
      [{ kind: "node", name: "d", version: "0.1.0" }],
    ]);
    expect(p.has("cache/dist")).toBe(true);
  });
});

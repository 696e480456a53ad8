import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { nativeRecipes } from "../../../recipes/index.ts";
import { lint } from "../../../src/buildout/lint/lint.ts";
import { load } from "../../../src/config/merge/load.ts";
import type { BuildoutError } from "../../../src/errors/error.ts";

/** The findings in a configuration: `file:line severity code`, with the hint's suggestion. */
async function findings(files: Record<string, string> | string): Promise<string[]> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "buildout-lint-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const all = typeof files === "string" ? { "buildout.cfg": files } : files;
  const directory = join(root, "here");
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const errors: BuildoutError[] = [];
  const configuration = await load({
    directory,
    file: "buildout.cfg",
    assignments: [],
    userDefaults: false,
    env: { HOME: root },
    onError: (error) => errors.push(error),
  });
  const found = await lint({ configuration, errors, recipes: nativeRecipes, directory });
  return found.map(({ severity, code, location, hint }) => {
    const meant = /Did you mean '(.*)'/.exec(hint ?? "")?.[1];
    const file = location?.file.slice(directory.length + 1);
    return `${file}:${location?.line} ${severity} ${code}${meant ? ` ${meant}` : ""}`;
  });
}

const head = (parts = "") => `[buildout]\nparts = ${parts}\n`;
const part = (name: string, options = "") => `[${name}]\nrecipe = some.recipe\n${options}`;

describe("large configurations", () => {
  /** Processor time, in seconds, that `count` sections with mistakes of all kinds take. */
  async function time(count: number): Promise<number> {
    const sections = Array.from(
      { length: count },
      (_, i) => `[s${i}]\na = ${i}\nb = \${:a} \${gone${i}:x} \${s${(i * 7) % count}:aa}\n`,
    );
    const before = process.cpuUsage();
    const found = await findings(`${head()}${sections.join("")}`);
    expect(found.length).toBeGreaterThan(count);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  }

  test("take time in proportion to their size", { timeout: 300_000 }, async () => {
    await time(1000); // warms up
    const small = await time(20_000);
    const large = await time(100_000);
    // Five times the text; quadratic work would take 25 times as much.
    expect(large / small).toBeLessThan(12);
  });

  test("let the process handle signals", { timeout: 60_000 }, async () => {
    let beats = 0;
    const timer = setInterval(() => beats++, 1);
    onTestFinished(() => clearInterval(timer));
    await time(3000);
    expect(beats).toBeGreaterThan(2);
  });
});

describe("options of native recipes", () => {
  test("a misspelled one of a template is reported, one that is referred to is not", async () => {
    const cfg = `${head("t")}[t]\nrecipe = collective.recipe.template\ninput = i\noutput = o\noverwrit = false\nmodes = 1\nx = \${:modes}\n`;
    expect(await findings(cfg)).toEqual(["buildout.cfg:7 warning unused-option overwrite"]);
  });

  /** The findings about options of a part with this recipe. */
  async function unused(recipe: string, options: Readonly<Record<string, string>>) {
    const lines = Object.entries(options).map(([option, value]) => `${option} = ${value}\n`);
    const found = await findings(`${head("p")}[p]\nrecipe = ${recipe}\n${lines.join("")}`);
    return found.filter((finding) => finding.includes("unused-option"));
  }

  test.each([...nativeRecipes.keys()])(
    "%s: all that it knows, one that is misspelled",
    async (name) => {
      const { default: recipe } = await nativeRecipes.get(name)!();
      const specs = Object.entries(recipe.options ?? {});
      const known = Object.fromEntries(
        specs.map(([option, { type }]) => [option, type === "boolean" ? "true" : "x"]),
      );
      expect(await unused(name, known)).toEqual([]);
      const [meant] = Object.keys(known).sort((a, b) => b.length - a.length);
      if (meant === undefined || meant in process.env) {
        const found = await unused(name, { other: "x" });
        expect(found).toHaveLength(recipe.readsOnlyDeclared ? 1 : 0);
        return;
      }
      const misspelled = meant.slice(0, -2) + meant.slice(-1);
      const { [meant]: value, ...others } = known;
      const found = await unused(name, { ...others, [misspelled]: value! });
      expect(found).toEqual([expect.stringMatching(` warning unused-option ${meant}$`)]);
    },
  );
});

describe("packages under development", () => {
  const cfg =
    "[buildout]\nparts =\ndevelop =\n  src/helo\n  src/other\n  pkg/*\n  src/${:x}\nx = y\n";

  test("that do not exist are reported, with the nearest name; a pattern may match nothing", async () => {
    const found = await findings({ "buildout.cfg": cfg, "src/hello/setup.py": "" });
    expect(found.filter((each) => each.includes("develop"))).toEqual([
      "buildout.cfg:3 warning develop-missing hello",
      "buildout.cfg:3 warning develop-missing",
      "buildout.cfg:3 warning develop-missing",
    ]);
  });

  test("are not reported if an extension may check them out", async () => {
    const extended = cfg.replace("parts =\n", "parts =\nextensions = mr.developer\n");
    expect((await findings(extended)).join()).not.toContain("develop-missing");
  });
});

describe("references", () => {
  test("each one that cannot be resolved is an error", async () => {
    const cfg = `${head("a")}${part("a", "x = ${b:port} ${gone:z}\nw = ${b}\n=> nope\n")}[b]\nprt = 1\n`;
    expect(await findings(cfg)).toEqual([
      "buildout.cfg:5 error missing-option prt",
      "buildout.cfg:5 error missing-section",
      "buildout.cfg:6 error invalid-reference",
      "buildout.cfg:7 error missing-section",
      "buildout.cfg:9 warning unused-option",
    ]);
  });

  test("options that a recipe may set are no error", async () => {
    const cfg = `${head("a b")}${part("a", "x = ${b:location} ${b:made} $${not:one}\n")}${part("b")}`;
    expect(await findings(cfg)).toEqual([]);
  });

  test("a misspelled option of a native recipe is one", async () => {
    const native = "[b]\nrecipe = collective.recipe.template\noutput = o\ninput = i\n";
    const cfg = `${head("a b")}${part("a", "x = ${b:outout}\n")}${native}`;
    expect(await findings(cfg)).toEqual(["buildout.cfg:5 error missing-option output"]);
  });

  test("circles and macros that do not exist are reported", async () => {
    const cfg = `${head("a b")}${part("a", "x = ${:y}\ny = ${:x}\n")}${part("b", "<= nope\n")}`;
    expect(await findings(cfg)).toEqual([
      "buildout.cfg:5 error circular-reference",
      "buildout.cfg:9 error missing-section",
    ]);
  });

  test("options that a macro gets from its users may be missing in the macro", async () => {
    const macro = "[macro]\nrecipe = some.recipe\nx = ${:y}\n[plain]\nz = ${:y}\n";
    const cfg = `${head("a")}${macro}[a]\n<= macro\n   plain\ny = 1\n`;
    expect(await findings(cfg)).toEqual([]);
    expect(await findings(cfg.replace("y = 1", ""))).toEqual([
      "buildout.cfg:5 error missing-option",
      "buildout.cfg:7 error missing-option",
    ]);
  });

  test("parts need a section and a recipe", async () => {
    const cfg = `${head("wbe b")}${part("web")}[b]\nrecipee = x\n`;
    expect(await findings(cfg)).toEqual([
      "buildout.cfg:2 error missing-section web",
      "buildout.cfg:3 warning unused-section",
      "buildout.cfg:5 error missing-option recipee",
    ]);
  });
});

describe("sections", () => {
  test("are used when a part, reference, macro, value or tool names them", async () => {
    const cfg =
      `${head("a")}extensions = mr.developer\n${part("a", "<= m\nx = ${r:o}\ny = one two,v\n=> d\n")}` +
      "[m]\nq = 1\n[r]\no = 1\n[v]\nk = 1\n[sources]\na = git\n[unused]\nz = 1\n" +
      part("d");
    expect(await findings(cfg)).toEqual(["buildout.cfg:18 warning unused-section"]);
  });

  test("whose name is nearly that of a used one are reported as misspelled; numbered ones are not", async () => {
    const cfg = `${head("instance1")}${part("instance1")}${part("instance")}${part("instnace1")}`;
    expect(await findings(cfg)).toEqual([
      "buildout.cfg:5 warning unused-section",
      "buildout.cfg:7 warning misspelt-section instance1",
    ]);
  });

  test("in files shared with other buildouts may be unused", async () => {
    const files = {
      "buildout.cfg": `[buildout]\nextends = ../shared.cfg\nparts =\n`,
      "../shared.cfg": "[unused]\na = 1\n[wrong]\na = ${gone:b}\n[versions]\nx = 1\n",
    };
    expect(await findings(files)).toEqual([expect.stringMatching(/ error missing-section$/)]);
  });
});

describe("options", () => {
  test("that nobody reads are reported if all readers are known", async () => {
    const node = "[n]\nrecipe = hostout:node\neggs = x\negs = y\nshared = 1\n";
    const cfg = `${head("n a")}prts = 1\n${node}${part("a", "any = ${d:read} ${n:shared}\n")}[d]\nread = 1\nunread = 1\n`;
    expect(await findings(cfg)).toEqual([
      "buildout.cfg:3 warning unused-option parts",
      "buildout.cfg:7 warning unused-option eggs",
      "buildout.cfg:14 warning unused-option",
    ]);
  });

  test("that one file sets twice are reported", async () => {
    expect(await findings(`${head("a")}${part("a", "x = 1\ny = 2\nx = 3\n")}`)).toEqual([
      "buildout.cfg:7 warning duplicate-option",
    ]);
  });

  test("whose name lost a letter are reported", async () => {
    expect(await findings(`${head("a")}${part("a", "foo+=x\n")}`)).toEqual([
      "buildout.cfg:5 warning cut-name",
    ]);
  });
});

test("an invalid setting of [buildout] hides nothing else", async () => {
  expect(await findings(`${head("a")}log-level = LOUD\n${part("a", "x = ${gone:y}\n")}`)).toEqual([
    "buildout.cfg:3 error invalid-value",
    "buildout.cfg:6 error missing-section",
  ]);
});

test("every line that cannot be read and every condition is reported, and all the rest", async () => {
  const files = {
    "buildout.cfg": `[buildout]\nextends = b.cfg\nparts = a\nwhat\n${part("a", "x = ${gone:y}\n")}[b:nope]\nx = 1\n`,
    "b.cfg": "[c:]\n[d\nx = 1\nx = 2\n[e:1/0]\n",
  };
  expect(await findings(files)).toEqual([
    "b.cfg:1 warning unused-section",
    "b.cfg:2 error parse-error",
    "b.cfg:4 warning duplicate-option",
    "b.cfg:5 error invalid-condition",
    "buildout.cfg:4 error parse-error",
    "buildout.cfg:7 error missing-section",
    "buildout.cfg:8 error invalid-condition",
  ]);
});

test("each file that cannot be read is reported, but no errors that follow from it", async () => {
  const files = {
    "buildout.cfg": `[buildout]\nextends =\n  gone.cfg\n  b.cfg\nparts = a\n[a]\n<= base\nfoo+=x\n`,
    "b.cfg": "[buildout]\nextends = b.cfg c.cfg\n[x]\ny = 1\ny = 2\n",
    "c.cfg": "x = 1\n",
  };
  expect(await findings(files)).toEqual([
    "b.cfg:2 error recursive-include",
    "b.cfg:5 warning duplicate-option",
    "buildout.cfg:2 error missing-file",
    "c.cfg:1 error missing-section-header",
  ]);
});

test("a missing versions section and wrong settings are reported together", async () => {
  const cfg = `[buildout]\nparts =\nversions = vers\nnewest = yes\nlog-level = LOUD\n`;
  expect(await findings(cfg)).toEqual([
    "buildout.cfg:3 error missing-section",
    "buildout.cfg:4 error invalid-value",
    "buildout.cfg:5 error invalid-value",
  ]);
});

describe("recipes", () => {
  const recipe = (name: string) => `[${name.replace(/\W/g, "")}]\nrecipe = ${name}\n`;
  const lines = (...names: string[]) =>
    `${head(names.map((name) => name.replace(/\W/g, "")).join(" "))}${names.map(recipe).join("")}`;

  test("that cannot exist anywhere are errors, and misspelled ones are reported", async () => {
    const cfg = lines("./own.ts", "@scope/pkg", "hostout:nod", "colective.recipe.template");
    expect(await findings(cfg)).toEqual([
      "buildout.cfg:4 error missing-recipe",
      "buildout.cfg:6 error missing-recipe",
      "buildout.cfg:8 error missing-recipe hostout:node",
      "buildout.cfg:10 warning unknown-recipe collective.recipe.template",
    ]);
  });

  test("of files, packages, develop packages, and what may be a Python distribution are fine", async () => {
    const manifest = (name: string) =>
      JSON.stringify({
        name,
        version: "1.0.0",
        buildout: { recipes: { default: "r.js", b: "b.js" } },
      });
    const cfg = lines(
      "./own.ts",
      "@scope/pkg:b",
      "@scope/dev",
      "z3c.recipe.tag",
      "zc.recipe.egg:else",
    );
    const files = {
      "buildout.cfg": cfg.replace("parts", "develop = src/*\nparts"),
      "own.ts": "",
      "node_modules/@scope/pkg/package.json": manifest("@scope/pkg"),
      "src/dev/package.json": manifest("@scope/dev"),
    };
    expect(await findings(files)).toEqual([]);
    const broken = { ...files, "src/dev/package.json": "{" };
    expect(await findings(broken)).toContainEqual(expect.stringMatching(/error invalid-package/));
  });
});

test("pins of packages that nothing requires are reported", async () => {
  const files = {
    "buildout.cfg":
      `${head("app")}develop = src/*\n[app]\nrecipe = hostout:node\neggs = is-odd@^3\n  Some_Egg[x]>=1\n` +
      "[versions]\nis-odd = 3\nsome.egg = 1\napp = 1\nlodash = 4\ndeep = 1\n@a/b = 2\nis-od = 3\n",
    "parts/app/node_modules/.package-lock.json": JSON.stringify({
      packages: { "node_modules/deep": { version: "1.0.0" } },
    }),
    "src/one/package.json": JSON.stringify({ name: "one", dependencies: { "@a/b": "*" } }),
  };
  expect(await findings(files)).toEqual([
    "buildout.cfg:12 warning unused-pin",
    "buildout.cfg:15 warning unused-pin is-odd",
  ]);
});

test("many pins are reported as one while it is not known what the packages need", async () => {
  const pins = Array.from({ length: 12 }, (_, i) => `package-${i} = 1\n`).join("");
  const cfg = (recipe: string) =>
    `${head("a")}[a]\nrecipe = ${recipe}\neggs = x\n[versions]\n${pins}`;
  const tree = { packages: { "node_modules/x": { version: "1.0.0" } } };
  const installed = { "parts/a/node_modules/.package-lock.json": JSON.stringify(tree) };
  expect(await findings(cfg("zc.recipe.egg"))).toEqual([
    expect.stringMatching(/^buildout.cfg:7 warning unused-pin/),
  ]);
  expect(await findings(cfg("hostout:node"))).toHaveLength(1);
  expect(await findings({ "buildout.cfg": cfg("hostout:node"), ...installed })).toHaveLength(12);
});

test("many pins in other files do not hide one of the buildout's own", async () => {
  const shared = Array.from({ length: 12 }, (_, i) => `package-${i} = 1\n`).join("");
  const files = {
    "buildout.cfg": `[buildout]\nextends = ../shared.cfg\nparts = a\n${part("a")}[versions]\nown = 1\n`,
    "../shared.cfg": `[versions]\n${shared}`,
  };
  expect(await findings(files)).toEqual(["buildout.cfg:7 warning unused-pin"]);
});

import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RecipeDefinition } from "../../../src/contract/recipe.ts";
import { project } from "../../support/engine-project.ts";

const two = (more = "") => `[buildout]
parts = a b
${more}
[a]
recipe = folders
[b]
recipe = folders
`;

describe("a part", () => {
  test("is installed once, then updated", async () => {
    const p = project({ "buildout.cfg": two() });
    expect((await p.run()).text).toBe("Installing a.\nInstalling b.\n");
    expect(p.has("parts/a")).toBe(true);
    expect((await p.run()).text).toBe("Updating a.\nUpdating b.\n");
  });

  test("is reinstalled when an option changes", async () => {
    const p = project({ "buildout.cfg": two() });
    await p.run();
    expect((await p.run({ assignments: ["a:paths=parts/other"] })).text).toBe(
      "Uninstalling a.\nInstalling a.\nUpdating b.\n",
    );
    expect([p.has("parts/a"), p.has("parts/other")]).toEqual([false, true]);
  });

  test("is reinstalled when one of its paths is missing", async () => {
    const p = project({ "buildout.cfg": two() });
    await p.run();
    rmSync(p.path("parts/b"), { recursive: true });
    expect((await p.run()).text).toBe("Uninstalling b.\nUpdating a.\nInstalling b.\n");
  });

  test("is reinstalled when its recipe has a new version", async () => {
    const recipe: RecipeDefinition = { description: "", install: () => [], update() {} };
    const cfg = "[buildout]\nparts = a\n[a]\nrecipe = own\n";
    const p = project({ "buildout.cfg": cfg }, { own: recipe });
    await p.run();
    recipe.version = 2;
    expect((await p.run()).text).toBe("Uninstalling a.\nInstalling a.\n");
  });

  test("is removed, with everything in its directories, when it is no longer named", async () => {
    const p = project({ "buildout.cfg": two() });
    await p.run();
    p.write("parts/b/deep/file", "x");
    const gone = await p.run({ assignments: ["buildout:parts=a"] });
    expect(gone.text).toBe("Uninstalling b.\nUpdating a.\n");
    expect(p.has("parts/b")).toBe(false);
    expect(p.read(".installed.cfg")).not.toContain("[b]");
  });

  test("while others are installed, there is a record, even an empty one", async () => {
    const seen: string[] = [];
    const install = () => {
      seen.push(p.read(".installed.cfg"));
      return [];
    };
    const cfg = "[buildout]\nparts = a\n[a]\nrecipe = folders\n[own]\nrecipe = own\n";
    const p = project({ "buildout.cfg": cfg }, { own: { description: "", install } });
    await p.run();
    await p.run({ assignments: ["buildout:parts=own"] });
    expect(seen).toEqual(["[buildout]\ninstalled_develop_eggs = \nparts = \n"]);
    await p.run({ assignments: ["buildout:parts="] });
    expect(p.has(".installed.cfg")).toBe(false);
  });

  test("parts are removed in the reverse order of their installation", async () => {
    const p = project({ "buildout.cfg": two() });
    await p.run();
    expect((await p.run({ assignments: ["buildout:parts="] })).text).toBe(
      "Uninstalling b.\nUninstalling a.\n",
    );
    expect(p.has(".installed.cfg")).toBe(false);
  });

  test("that installed only a link keeps the target of the link", async () => {
    const link: RecipeDefinition = {
      description: "",
      install: (part) => {
        symlinkSync(part.options.require("to"), "parts/link");
        return "parts/link";
      },
    };
    const cfg = "[buildout]\nparts = a\n[a]\nrecipe = link\nto = ${buildout:directory}/data\n";
    const p = project({ "buildout.cfg": cfg, "data/file": "precious" }, { link });
    await p.run();
    await p.run({ assignments: ["buildout:parts="] });
    expect(p.has("parts/link")).toBe(false);
    expect(p.read("data/file")).toBe("precious");
  });

  test("that claims the buildout's own directory is not removed", async () => {
    const own: RecipeDefinition = { description: "", install: () => "." };
    const p = project({ "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = own\n" }, { own });
    await p.run();
    const { error } = await p.run({ assignments: ["buildout:parts="] });
    expect(error?.code).toBe("unsafe-removal");
    expect(p.has("buildout.cfg")).toBe(true);
  });
});

describe("order", () => {
  const cfg = `[buildout]
parts = user

[user]
recipe = folders
needs = \${library:path}

[library]
recipe = sets

[before]
recipe = folders
`;
  const sets: RecipeDefinition = {
    description: "",
    init: (part) => part.options.set("path", "set by the recipe"),
    install: () => [],
    update() {},
  };

  test("a part that another one refers to comes first, and the options that its recipe sets are used", async () => {
    const p = project({ "buildout.cfg": cfg }, { sets });
    expect((await p.run()).text).toContain("Installing library.\nInstalling user.\n");
    expect(p.read(".installed.cfg")).toContain("needs = set by the recipe\n");
    expect((await p.run()).text).toBe("Updating library.\nUpdating user.\n");
  });

  test("so does one after =>, after those that options refer to", async () => {
    const p = project({ "buildout.cfg": cfg.replace("[user]\n", "[user]\n=> before\n") }, { sets });
    expect((await p.run()).text).toContain(
      "Installing library.\nInstalling before.\nInstalling user.\n",
    );
  });

  test("a recipe that [buildout] refers to is initialized, too", async () => {
    const more = cfg.replace("[buildout]\n", "[buildout]\nused = ${library:path}\n");
    const p = project({ "buildout.cfg": more }, { sets });
    const { text } = await p.run();
    expect(text).toContain("Installing library.\nInstalling user.\n");
  });

  test("a recipe can ask for another part", async () => {
    const asks: RecipeDefinition = {
      description: "",
      init: async (part) => {
        const library = await part.buildout.section("library");
        part.options.set("copied", library.require("path"));
      },
      install: () => [],
    };
    const p = project(
      { "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = asks\n[library]\nrecipe = sets\n" },
      { asks, sets },
    );
    expect((await p.run()).text).toBe("Installing library.\nInstalling a.\n");
    expect(p.read(".installed.cfg")).toContain("copied = set by the recipe");
  });
});

describe("install PART", () => {
  test("changes nothing else", async () => {
    const p = project({ "buildout.cfg": two() });
    await p.run();
    const { text } = await p.run({
      parts: ["b"],
      assignments: ["b:paths=parts/c", "buildout:parts="],
    });
    expect(text).toBe("Uninstalling b.\nInstalling b.\n");
    expect(p.has("parts/a")).toBe(true);
    expect(p.read(".installed.cfg")).toContain("parts = a b\n");
  });

  test("names a part that does not exist", async () => {
    const p = project({ "buildout.cfg": two() });
    const { text } = await p.run({ parts: ["buildot"] });
    expect(text).toBe(
      "While:\n  Installing.\n  Getting section buildot.\n" +
        "Error: The referenced section, 'buildot', was not defined.\n  Did you mean 'buildout'?\n",
    );
  });
});

describe("what recipes return", () => {
  const cfg = "[buildout]\nparts = a\n[a]\nrecipe = own\n";

  test("a missing result of install is worth a warning", async () => {
    const own: RecipeDefinition = { description: "", install: () => undefined, update() {} };
    const p = project({ "buildout.cfg": cfg }, { own });
    expect((await p.run()).text).toBe(
      "Installing a.\nThe a install returned None.  A path or iterable os paths should be returned.\n",
    );
    expect((await p.run()).text).toBe("Updating a.\n");
  });

  test("new paths from update are recorded with the old ones", async () => {
    const own: RecipeDefinition = {
      description: "",
      install: () => {
        writeFileSync("one", "");
        return "one";
      },
      update: () => {
        writeFileSync("two", "");
        return ["two"];
      },
    };
    const p = project({ "buildout.cfg": cfg }, { own });
    await p.run();
    await p.run();
    expect(p.read(".installed.cfg")).toContain("__buildout_installed__ = one\n\ttwo\n");
    await p.run({ assignments: ["buildout:parts="] });
    expect([p.has("one"), p.has("two")]).toEqual([false, false]);
  });

  test("without update, install runs again", async () => {
    const own: RecipeDefinition = { description: "", install: () => [] };
    const p = project({ "buildout.cfg": cfg }, { own });
    await p.run();
    expect((await p.run()).text).toBe(
      "Updating a.\nThe recipe for a doesn't define an update method. Using its install method.\n",
    );
  });

  test("paths are recorded as they were given", async () => {
    const own: RecipeDefinition = {
      description: "",
      install: (part) => {
        mkdirSync("var");
        return ["var", join(part.buildout.directory, "bin")];
      },
    };
    const p = project({ "buildout.cfg": cfg }, { own });
    await p.run();
    expect(p.read(".installed.cfg")).toContain(
      `__buildout_installed__ = var\n\t${p.path("bin")}\n`,
    );
  });
});

describe("unused options", () => {
  test("are reported when the part is installed, not later", async () => {
    const p = project({
      "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = folders\ntypo-opt = 1\nlist = 2\n",
    });
    expect((await p.run()).text).toBe(
      "Installing a.\n" +
        "Section `a` contains unused option(s): 'list' 'typo-opt'.\n" +
        "This may be an indication for either a typo in the option's name or a bug in the used recipe.\n",
    );
    expect((await p.run()).text).toBe("Updating a.\n");
    expect(p.read(".installed.cfg")).toContain("typo-opt = 1\n");
  });

  test("options that a recipe sets while installing are not recorded", async () => {
    const own: RecipeDefinition = {
      description: "",
      install: (part) => {
        part.options.set("recipe-made", "x");
        return [];
      },
      update() {},
    };
    const p = project({ "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = own\n" }, { own });
    await p.run();
    expect(p.read(".installed.cfg")).not.toContain("recipe-made");
    expect((await p.run()).text).toBe("Updating a.\n");
  });
});

test("a secret option is neither recorded nor printed", async () => {
  const own: RecipeDefinition = {
    description: "",
    options: { password: { secret: true } },
    install: () => [],
    update() {},
  };
  const cfg =
    "[buildout]\nparts = a\n[a]\nrecipe = own\npassword = ${secrets:word}\n" +
    "[secrets]\nword = opensesame\nplain = seen\n[unused]\nx = 1\n";
  const p = project({ "buildout.cfg": cfg }, { own });
  const { text } = await p.run({ assignments: ["buildout:verbosity=20"] });
  // All sections in use, in order, with the pins that every buildout has.
  expect(text).toMatch(
    /Configuration data:\n\[a\]\nrecipe = own\n\[buildout\]\n[^[]*\[secrets\]\nplain = seen\n\[versions\]\nzc\.buildout = /,
  );
  expect(text).not.toContain("[unused]");
  expect(text + p.read(".installed.cfg")).not.toContain("opensesame");
  expect((await p.run()).text).toBe("Updating a.\n");
});

test("passwords in URLs are not printed", async () => {
  const addresses =
    "index = https://joe:s3same@host/simple\nfind-links =\n  http://joe:s3same@a/\n";
  const p = project({ "buildout.cfg": `[buildout]\nparts =\n${addresses}` });
  const { text } = await p.run({ assignments: ["buildout:verbosity=20"] });
  expect(text).toContain("index = https://host/simple\n");
  expect(text).not.toContain("s3same");
});

test("with -vv it is reported why a part is reinstalled", async () => {
  const p = project({ "buildout.cfg": two("x = 1") });
  await p.run({ assignments: ["a:old=1", "a:same=1"] });
  const { text } = await p.run({
    assignments: ["a:new=2", "a:same=2", "buildout:verbosity=20"],
  });
  expect(text).toContain(
    "Part a, dropped option old.\nPart a, option same changed:\n'2' != '1'\nPart a, new option new.\n",
  );
});

test("the directories of the buildout are created as set in its options", async () => {
  const p = project({
    "buildout.cfg":
      "[buildout]\nparts =\nbin-directory = b\nparts-directory = ${buildout:bin-directory}/p\neggs-directory-version =\ninstalled =\n",
  });
  await p.run();
  for (const folder of ["b", "b/p", "develop-eggs", "eggs"])
    expect(existsSync(p.path(folder))).toBe(true);
  expect(p.has("eggs/v5")).toBe(false);
});

test("a value with leading tabs does not make a part install again and again", async () => {
  const own: RecipeDefinition = {
    description: "",
    init: (part) => part.options.set("text", "a\n\tb\t\n"),
    install: () => [],
    update() {},
  };
  const p = project({ "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = own\n" }, { own });
  await p.run();
  expect((await p.run()).text).toBe("Updating a.\n");
});

describe("logging", () => {
  const talks: RecipeDefinition = {
    description: "",
    install: ({ log }) => {
      log.debug("fine");
      log.info("told");
      log.warning("odd");
      return [];
    },
  };
  const cfg = "[buildout]\nparts = a\n[a]\nrecipe = talks\n";

  test.each([
    [[], "Installing a.\na: told\na: odd\n"],
    [["buildout:log-level=WARNING"], "a: odd\n"],
    [["buildout:verbosity=-10"], "a: odd\n"],
    [["buildout:log-level=DEBUG"], "Installing a.\na: fine\na: told\na: odd\n"],
    [["buildout:log-level=ERROR", "buildout:verbosity=20"], "Installing a.\na: told\na: odd\n"],
    [
      ["buildout:log-format=%(levelname)s %(name)s: %(message)s"],
      "INFO zc.buildout: Installing a.\nINFO a: told\nWARNING a: odd\n",
    ],
  ])("follows %j", async (assignments, expected) => {
    const p = project({ "buildout.cfg": cfg }, { talks });
    const { text } = await p.run({ assignments });
    expect(text.replace(/^INFO zc.buildout: Creating directory .*\n/gm, "")).toBe(expected);
  });

  test("socket-timeout is reported", async () => {
    const p = project({ "buildout.cfg": "[buildout]\nparts =\nsocket-timeout = 5\n" });
    expect((await p.run()).text).toBe("Setting socket time out to 5 seconds.\n");
    const odd = await p.run({ assignments: ["buildout:socket-timeout=soon"] });
    expect(odd.text).toContain("Default socket timeout is used !\n");
  });
});

describe("caches", () => {
  test("are created relative to the file that names them, with a dist directory for downloads", async () => {
    const p = project({
      "buildout.cfg": "[buildout]\nextends = base/base.cfg\nparts =\n",
      "base/base.cfg": "[buildout]\ndownload-cache = d\nextends-cache = e\neggs-directory = g\n",
    });
    await p.run();
    for (const folder of ["base/d/dist", "base/e", "base/g/v5"]) expect(p.has(folder)).toBe(true);
  });
});

test("`versions` may name another section, whose pins recipes get", async () => {
  let pins: ReadonlyMap<string, string> = new Map();
  const own: RecipeDefinition = {
    description: "",
    install: (part) => {
      pins = part.buildout.versions;
      return [];
    },
  };
  const p = project(
    {
      "buildout.cfg":
        "[buildout]\nparts = a\nversions = release\n[a]\nrecipe = own\n[release]\nx = ${:base}.1\nbase = 2\n",
    },
    { own },
  );
  await p.run();
  expect([pins.get("x"), pins.get("zc.buildout")]).toEqual(["2.1", ">=5.2.0"]);
});

test("a recipe that the pins refer to sees the absolute directories of [buildout]", async () => {
  const seen: string[] = [];
  const own: RecipeDefinition = {
    description: "",
    init: async (part) => {
      const buildout = await part.buildout.section("buildout");
      seen.push(buildout.require("bin-directory"));
    },
    install: () => [],
  };
  const p = project(
    {
      "buildout.cfg":
        "[buildout]\nparts = a\nbin-directory = ${:x}\nx = b\nversions = pins\n[a]\nrecipe = own\n[pins]\ny = ${a:recipe}\n",
    },
    { own },
  );
  await p.run();
  // The pins are resolved after [buildout] has its folders.
  expect(seen).toEqual([p.path("b")]);
});

test("an installed part keeps its record through runs with nothing to do", async () => {
  const p = project({ "buildout.cfg": two() });
  await p.run();
  const record = p.read(".installed.cfg");
  await p.run();
  expect(p.read(".installed.cfg")).toBe(record);
  const swapped = await p.run({ assignments: ["buildout:parts=b a"] });
  expect(swapped.text).toBe("Updating b.\nUpdating a.\n");
  expect(p.read(".installed.cfg")).toContain("parts = b a\n");
});

describe("not a part:", () => {
  test("a section whose recipe is empty", async () => {
    const p = project({ "buildout.cfg": two() });
    await p.run();
    const off = await p.run({ assignments: ["b:recipe="] });
    expect(off.text).toBe("Uninstalling b.\nUpdating a.\n");
    expect(off.error).toBeUndefined();
    expect((await p.run({ assignments: ["b:recipe="], parts: ["b"] })).error).toBeUndefined();
  });

  test("the only section if its recipe is empty: such a run has no parts", async () => {
    const p = project({ "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe =\n" });
    const { text, error } = await p.run();
    expect([text, error]).toEqual(["", undefined]);
    expect(existsSync(p.path(".installed.cfg"))).toBe(false);
  });

  test("[buildout], even if it has a recipe", async () => {
    const text = "[buildout]\nparts = buildout\nrecipe = folders\n";
    const { text: printed, error } = await project({ "buildout.cfg": text }).run();
    expect([printed, error]).toEqual([expect.not.stringContaining("Installing"), undefined]);
  });

  test("a section without a recipe, which is an error", async () => {
    const text = "[buildout]\nparts = a\n[a]\n";
    const { error } = await project({ "buildout.cfg": text }).run();
    expect(error).toMatchObject({ code: "missing-option", message: "Missing option: a:recipe" });
  });
});

test("words are separated by Python's white space", async () => {
  const p = project({ "buildout.cfg": two().replace("a b", "a\u001cb") });
  expect((await p.run()).text).toBe("Installing a.\nInstalling b.\n");
  p.write("buildout.cfg", two().replace("a b", "a\u0085b"));
  expect((await p.run()).text).toBe("Updating a.\nUpdating b.\n");
});

test("a cache to install from must exist", async () => {
  const { error } = await project({
    "buildout.cfg": "[buildout]\nparts =\ninstall-from-cache = true\n",
  }).run();
  expect(error).toMatchObject({ code: "conflicting-options", location: { line: 3 } });
});

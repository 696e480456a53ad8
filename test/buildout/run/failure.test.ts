import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RecipeDefinition } from "../../../src/contract/recipe.ts";
import { BuildoutError } from "../../../src/errors/error.ts";
import { project } from "../../support/engine-project.ts";

const cfg = `[buildout]
parts = a b c
[a]
recipe = folders
[b]
recipe = folders
paths = parts/b parts/b/deep
fail = yes
[c]
recipe = folders
`;

describe("an installation that fails", () => {
  test("removes what its recipe recorded as created, and keeps the parts before it", async () => {
    const p = project({ "buildout.cfg": cfg });
    const { text } = await p.run();
    expect(text).toBe(
      "Installing a.\nInstalling b.\nWhile:\n  Installing b.\nError: It did not work.\n",
    );
    expect([p.has("parts/a"), p.has("parts/b"), p.has("parts/c")]).toEqual([true, false, false]);
    expect(p.read(".installed.cfg")).toContain("parts = a\n");
    expect(p.has(".installed.cfg.pending")).toBe(false);
  });

  test("continues where it stopped once the cause is fixed", async () => {
    const p = project({ "buildout.cfg": cfg });
    await p.run();
    p.write("buildout.cfg", cfg.replace("fail = yes\n", ""));
    expect((await p.run()).text).toBe("Updating a.\nInstalling b.\nInstalling c.\n");
  });

  test("of a changed part leaves it uninstalled", async () => {
    const p = project({ "buildout.cfg": cfg.replace("fail = yes\n", "") });
    await p.run();
    const { text } = await p.run({ assignments: ["b:fail=yes"] });
    expect(text).toContain("Uninstalling b.\nUpdating a.\nInstalling b.\n");
    expect(p.read(".installed.cfg")).toContain("parts = c a\n");
    expect(p.has("parts/b")).toBe(false);
  });
});

describe("an update that fails", () => {
  const failing: RecipeDefinition = {
    description: "",
    install: () => {
      mkdirSync("parts/u");
      return "parts/u";
    },
    update: () => {
      throw new BuildoutError("command-failed", "The update did not work.");
    },
  };

  test("uninstalls the part, and the next run installs it", async () => {
    const p = project(
      { "buildout.cfg": "[buildout]\nparts = a u\n[a]\nrecipe = folders\n[u]\nrecipe = failing\n" },
      { failing },
    );
    await p.run();
    expect((await p.run()).text).toBe(
      "Updating a.\nUpdating u.\nWhile:\n  Updating u.\nError: The update did not work.\n",
    );
    expect(p.has("parts/u")).toBe(false);
    expect(p.read(".installed.cfg")).toContain("parts = a\n");
    expect((await p.run()).text).toBe("Updating a.\nInstalling u.\n");
  });
});

describe("what a recipe throws", () => {
  const run = (install: RecipeDefinition["install"]) =>
    project(
      { "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = own\n" },
      { own: { description: "", install } },
    ).run();

  test("is a defect when it is not an error for the user", async () => {
    const { text, error } = await run(() => {
      throw new TypeError("x is undefined");
    });
    expect(error?.code).toBe("recipe-failed");
    expect(text).toContain("While:\n  Installing a.\n\nAn internal error occurred due to a bug");
    expect(text).toContain("TypeError: x is undefined\n    at ");
  });

  test("is not a defect when the operating system refused", async () => {
    const { text } = await run(() => {
      writeFileSync("no/such/folder", "");
      return [];
    });
    expect(text).toContain("Error: ENOENT: no such file or directory, open 'no/such/folder'\n");
    expect(text).not.toContain("internal error");
  });
});

test("created outside an installation is an error in the recipe", async () => {
  const own: RecipeDefinition = {
    description: "",
    init: (part) => void part.created("x"),
    install: () => [],
  };
  const p = project({ "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = own\n" }, { own });
  expect((await p.run()).text).toContain("Attempt to register a created path while not installing");
});

test("an interruption removes what the part in progress has made, at once", async () => {
  const interruption = new AbortController();
  let seen: boolean[] = [];
  const slow: RecipeDefinition = {
    description: "",
    install: (part) => {
      mkdirSync("parts/slow/deep", { recursive: true });
      part.created("parts/slow");
      interruption.abort();
      seen = [p.has("parts/slow"), p.has(".installed.cfg.pending")];
      throw new BuildoutError("interrupted", "Interrupted.");
    },
  };
  const p = project(
    { "buildout.cfg": "[buildout]\nparts = a s\n[a]\nrecipe = folders\n[s]\nrecipe = slow\n" },
    { slow },
  );
  await p.run({ signal: interruption.signal });
  expect(seen).toEqual([false, false]);
  expect(p.read(".installed.cfg")).toContain("parts = a\n");
});

test("what a killed run had made is removed before the next run starts", async () => {
  const p = project({ "buildout.cfg": cfg.replace("fail = yes\n", "") });
  p.write("parts/b/half", "made");
  p.write(".installed.cfg.pending", "parts/b");
  expect((await p.run()).text).toBe("Installing a.\nInstalling b.\nInstalling c.\n");
  expect([p.has("parts/b/half"), p.has(".installed.cfg.pending")]).toEqual([false, false]);
});

test("a directory that its owner may not write to is removed nevertheless", async () => {
  const sealed: RecipeDefinition = {
    description: "",
    install: () => {
      mkdirSync("parts/sealed/deep", { recursive: true });
      writeFileSync("parts/sealed/deep/file", "");
      chmodSync("parts/sealed/deep", 0o500);
      return "parts/sealed";
    },
  };
  const p = project(
    { "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = sealed\n" },
    { sealed },
  );
  await p.run();
  expect((await p.run({ assignments: ["buildout:parts="] })).error).toBeUndefined();
  expect(p.has("parts/sealed")).toBe(false);
});

describe("uninstalling", () => {
  const lines: string[] = [];
  const own: RecipeDefinition = {
    description: "",
    install: () => {
      mkdirSync("parts/own");
      return "parts/own";
    },
    uninstall: (name, options) => {
      lines.push(`${name} ${options.get("port")}`);
    },
  };
  const files = { "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = own\nport = 80\n" };

  test("lets the recipe undo what it did, with its options at that time", async () => {
    lines.length = 0;
    const p = project(files, { own });
    await p.run();
    const { text } = await p.run({ assignments: ["a:port=81"] });
    expect(text).toContain("Uninstalling a.\nRunning uninstall recipe.\nInstalling a.\n");
    expect(lines).toEqual(["a 80"]);
  });

  test("works without the recipe", async () => {
    const recipes: Record<string, RecipeDefinition> = { own };
    const p = project(files, recipes);
    await p.run();
    p.write(".installed.cfg", p.read(".installed.cfg").replace("recipe = own", "recipe = gone"));
    const { text } = await p.run({ assignments: ["buildout:parts="] });
    expect(text).toBe("Uninstalling a.\n");
    expect(p.has("parts/own")).toBe(false);
  });

  test("that fails keeps the part's record", async () => {
    const broken: RecipeDefinition = {
      ...own,
      uninstall: () => {
        throw new BuildoutError("command-failed", "The service does not stop.");
      },
    };
    const p = project(files, { own: broken });
    await p.run();
    expect((await p.run({ assignments: ["buildout:parts="] })).text).toContain(
      "While:\n  Installing.\n  Uninstalling a.\nError: The service does not stop.\n",
    );
    expect(p.read(".installed.cfg")).toContain("parts = a\n");
    expect(p.has("parts/own")).toBe(true);
  });
});

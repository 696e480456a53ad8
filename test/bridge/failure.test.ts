import { kill } from "node:process";
import { describe, expect, test } from "vitest";
import { appeared, pythonProject } from "../support/bridge-project.ts";

const trouble = (options: string, more = "") =>
  pythonProject(["trouble"], `parts = a\n${more}[a]\nrecipe = demo.recipe.trouble\n${options}`);

const isAlive = (pid: number) => {
  try {
    return kill(pid, 0);
  } catch {
    return false;
  }
};

describe("an exception", () => {
  test("that is for the user is shown as it is", async () => {
    const p = trouble("how = user\n");
    const { status, err } = await p.buildout();
    expect(status).toBe(1);
    expect(err).toMatch(
      /^While:\n {2}Installing a\.\nError: This is yours to solve\.\n {2}at buildout\.cfg:\d+\n$/,
    );
    expect(p.has("made")).toBe(false);
    expect(p.has(".installed.cfg") && p.read(".installed.cfg")).not.toContain("[a]");
  });

  test("that is a defect names recipe, part, exception and the line of the recipe", async () => {
    const p = trouble("how = value\n");
    const { err } = await p.buildout();
    expect(err).toBe(
      "While:\n  Installing a.\n" +
        "Error: The recipe demo.recipe.trouble of part a failed: ValueError: no good\n" +
        "  at src/trouble/demo_recipe_trouble.py:21\n" +
        "  Add -v to see the Python traceback.\n",
    );
    const verbose = (await p.buildout("-v")).err;
    expect(verbose).toContain('  Traceback (most recent call last):\n    File "/p/src/trouble/');
    expect(verbose).toContain('      raise ValueError("no good")\n');
    expect(verbose).not.toContain("<hostout>");
    expect((await p.buildout("-D")).err).toContain("Caused by: Traceback");
  });

  test("in the constructor shows how the part was reached", async () => {
    const p = trouble(
      "how = own\nwhen = init\nx = 1\n",
      "[b]\nrecipe = demo.recipe.trouble\nx = ${a:x}\n",
    );
    const { err } = await p.buildout("buildout:parts=b");
    expect(err).toContain(
      "  Getting option b:x.\n  Getting section a.\n  Initializing section a.\n" +
        "Error: The recipe demo.recipe.trouble of part a failed: demo_recipe_trouble.OwnError\n",
    );
  });

  test("raised instead of another one is the one that is reported", async () => {
    const { err } = await trouble("how = caught\n").buildout("-v");
    expect(err).toContain("failed: demo_recipe_trouble.OwnError: instead\n");
    expect(err).toContain("During handling of the above exception");
  });

  test("raised by the engine is reported as the engine's own", async () => {
    const missing = await trouble("how = absent\n").buildout();
    expect(missing.err).toMatch(
      /^While:\n {2}Installing a\.\nError: Missing option: a:absent\n {2}at buildout\.cfg:\d+\n$/,
    );
    const reference = await trouble("how = reference\n").buildout();
    expect(reference.err).toContain(
      "  Getting section nowhere.\nError: The referenced section, 'nowhere', was not defined.\n  at buildout.cfg:",
    );
  });

  test("in update removes the part", async () => {
    const p = trouble("when = update\n");
    await p.buildout();
    expect(p.has("made")).toBe(true);
    const q = await p.buildout("a:how=value", "a:when=update");
    expect(q.err).toBe("");
    const { err } = await p.buildout("a:how=value", "a:when=update");
    expect(err).toContain("While:\n  Updating a.\nError: The recipe demo.recipe.trouble of part a");
    expect([p.has("made"), p.read(".installed.cfg").includes("[a]")]).toEqual([false, false]);
  });

  test("caused by endless recursion is reported", async () => {
    expect((await trouble("how = recursion\n").buildout()).err).toContain(
      "of part a failed: RecursionError: maximum recursion depth exceeded",
    );
  });

  test.each([
    ["exit", "ended the run with exit status 3.\n  at src/trouble/demo_recipe_trouble.py:34\n"],
    ["exit text", "ended the run: I give up.\n"],
    ["interrupt", "failed: KeyboardInterrupt\n"],
  ])("%s", async (how, message) => {
    const p = trouble(`how = ${how}\n`);
    const { status, err } = await p.buildout();
    expect(status).toBe(1);
    expect(err).toContain(`Error: The recipe demo.recipe.trouble of part a ${message}`);
    expect(p.has("made")).toBe(false);
  });
});

describe("what a recipe returns", () => {
  test.each([
    ["number", "install() returned 3 (int); it must return a path or a list of paths."],
    ["object", "(object); it must return a path or a list of paths."],
    ["numbers", "install() returned 1 (int) among its paths; each must be a string."],
    ["bytes", "install() returned 120 (int) among its paths; each must be a string."],
  ])("%s is nonsense", async (returns, message) => {
    const p = trouble(`returns = ${returns}\n`);
    const { err, status } = await p.buildout();
    expect(status).toBe(1);
    expect(err).toContain(message);
    expect(p.has("made")).toBe(false);
  });

  test.each(["text", "tuple", "set"])("%s is one path", async (returns) => {
    const p = trouble(`returns = ${returns}\n`);
    expect((await p.buildout()).err).toBe("");
    expect(p.read(".installed.cfg")).toContain("__buildout_installed__ = made\n");
  });

  test("None is reported", async () => {
    const { out, status } = await trouble("returns = none\n").buildout();
    expect(status).toBe(0);
    expect(out).toContain(
      "The a install returned None.  A path or iterable os paths should be returned.\n",
    );
  });

  test("without update, install runs again; the working directory is the buildout's", async () => {
    const p = pythonProject(
      ["trouble"],
      "parts = a b\n[a]\nrecipe = demo.recipe.trouble\nchdir = /\n[b]\nrecipe = demo.recipe.trouble:plain\n",
    );
    const name = p.directory.split("/").at(-1);
    expect((await p.buildout()).out).toContain(`installed in ${name}\n`);
    expect((await p.buildout()).out).toContain(
      "Updating b.\nThe recipe for b doesn't define an update method. Using its install method.\n" +
        `installed in ${name}\n`,
    );
  });

  test("a thread of a recipe may log and read options", async () => {
    const { out, err } = await trouble("how = thread\n").buildout();
    expect([out, err]).toEqual(["Installing a.\nthread: says thread\n", ""]);
  });
});

describe("a worker", () => {
  test("that ends itself is reported, with its last output", async () => {
    const p = trouble("how = die\n");
    const { status, out, err } = await p.buildout();
    expect([status, out]).toEqual([1, "Installing a.\nlast words\n"]);
    expect(err).toBe(
      "While:\n  Installing a.\nError: The Python process ended with exit status 7. " +
        "The recipe demo.recipe.trouble of part a was running install.\n" +
        "  Its last output is above.\n",
    );
    expect(p.has("made")).toBe(false);
  });

  test("that ends itself in an update leaves the part unchanged", async () => {
    const p = trouble("how = die\nwhen = update\n");
    expect((await p.buildout()).status).toBe(0);
    const installed = p.read(".installed.cfg");
    const { status, err } = await p.buildout();
    expect([status, err.split("\n")[1]]).toEqual([1, "  Updating a."]);
    expect(p.read(".installed.cfg")).toBe(installed);
    expect(p.has("made")).toBe(true);
  });

  test("that crashes is reported, with the line", async () => {
    const p = trouble("how = crash\n");
    const { err } = await p.buildout();
    expect(err).toContain("Error: The Python process ended by SIGSEGV. The recipe demo.recipe.");
    expect(err).toContain("  Fatal Python error: Segmentation fault\n");
    expect(err).toContain('demo_recipe_trouble.py", line ');
    expect(p.has("made")).toBe(false);
  });

  test.each([
    ["hang", "SIGINT", 130],
    ["hang", "SIGTERM", 143],
    ["program hangs", "SIGINT", 130],
    ["program hangs", "SIGTERM", 143],
  ] as const)(
    "that never returns (%s) ends by %s, and nothing is left of the part",
    async (how, signal, expected) => {
      const p = trouble(`how = ${how}\n`);
      const { process: engine, ended } = await p.start();
      const pid = Number(await appeared(p.path("waiting")));
      expect(isAlive(pid)).toBe(true);
      engine.kill(signal);
      const { status, err } = await ended;
      expect([status, err]).toEqual([expected, "\nInterrupted.\n"]);
      while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(p.has("made")).toBe(false);
      expect((await p.buildout("a:how=")).status).toBe(0);
      expect(p.has("made")).toBe(true);
    },
  );

  test("ends when the engine is killed", async () => {
    const p = trouble("how = hang\n");
    const { process: engine, ended } = await p.start();
    const pid = Number(await appeared(p.path("waiting")));
    engine.kill("SIGKILL");
    await ended.catch(() => undefined);
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await p.buildout("a:how=")).status).toBe(0);
  });

  test("is not started if no recipe is written in Python", async () => {
    const p = pythonProject(
      [],
      "parts = a\nexecutable = /no/such/python\n[a]\nrecipe = plone.recipe.command\ncommand = true\n",
    );
    expect((await p.buildout()).err).toBe("");
  });
});

describe("an entry point", () => {
  const run = (entry: string) => trouble("").buildout(`a:recipe=demo.recipe.trouble:${entry}`);

  test("that is not declared is reported with those that are", async () => {
    const { err } = await run("plan");
    expect(err).toContain(
      "  Loading recipe 'demo.recipe.trouble:plan'.\n" +
        "Error: demo.recipe.trouble 1.0 has no recipe 'plan'.\n  at COMMAND_LINE_VALUE\n" +
        "  Did you mean 'plain'?\n" +
        "  It has 'default', 'plain', 'nowhere', 'nothing', 'broken'.\n",
    );
  });

  test.each([
    ["nowhere", "failed: ModuleNotFoundError: No module named 'demo_recipe_nowhere'"],
    ["nothing", "failed: AttributeError: module 'demo_recipe_trouble' has no attribute 'Nothing'"],
    ["broken", "failed: SyntaxError: "],
  ])("that leads %s is reported", async (entry, message) => {
    const { err, status } = await run(entry);
    expect(status).toBe(1);
    expect(err).toContain(`Error: The recipe demo.recipe.trouble:${entry} of part a ${message}`);
    if (entry === "broken") expect(err).toContain("  at src/trouble/demo_recipe_broken.py:3\n");
  });

  test("an unknown recipe is reported with the names that were tried", async () => {
    const { err } = await trouble("").buildout("a:recipe=demo.recipe.nowhere.near");
    expect(err).toContain("Error: Couldn't find a recipe for 'demo.recipe.nowhere.near'.\n");
    expect(err).toContain(
      "It is not a native recipe, a develop package, an npm package installed here or a Python",
    );
    const misspelled = await trouble("").buildout("a:recipe=demo.recipe.trubble");
    expect(misspelled.err).toContain("  Did you mean 'demo.recipe.trouble'?\n");
  });
});

describe("an interpreter", () => {
  test("that is missing or too old is reported", async () => {
    const missing = await trouble("").buildout("buildout:executable=/no/such/python");
    expect(missing.err).toContain("There is no Python interpreter at '/no/such/python'.");
  });
});

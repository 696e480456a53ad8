import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import type { Part, RecipeDefinition } from "../../../src/index.ts";
import { project } from "../../support/engine-project.ts";
import { indexOf, PYTHON } from "../../support/python-workspace.ts";
import { scratch } from "../../support/scratch.ts";
import { writeWheel } from "../../support/wheel.ts";

type Sets = Map<string, Awaited<ReturnType<Part["buildout"]["workingSet"]>>>;

/** A recipe that requests the working set for its option `eggs`, with the given interpreter. */
function eggs(sets: Sets): RecipeDefinition {
  const find = async (part: Part) => {
    const executable = await part.buildout.pythonExecutable(part.options);
    const found = await part.buildout.workingSet((part.options.get("eggs") ?? "").split(/\s+/), {
      executable,
      asker: part.name,
    });
    sets.set(part.name, found);
    return [];
  };
  return {
    description: "asks for eggs",
    init: async (part) => void (await part.buildout.pythonExecutable(part.options)),
    install: find,
    update: find,
    distributions: async (part) => sets.get(part.name) ?? [],
  };
}

/** Replaces a recipe that builds an interpreter. */
const interpreter: RecipeDefinition = {
  description: "makes an interpreter",
  init(part) {
    part.options.set("executable", `${part.buildout.partsDirectory}/${part.name}/bin/python`);
  },
  async install(part) {
    const executable = part.options.require("executable");
    mkdirSync(dirname(executable), { recursive: true });
    symlinkSync(PYTHON, executable);
    return [executable];
  },
};

async function withIndex(text: (index: string) => string) {
  const wheels = scratch();
  const index = await indexOf(
    writeWheel(wheels, "App", "1.0", { metadata: ["Requires-Dist: lib"] }),
    writeWheel(wheels, "lib", "1.0"),
    writeWheel(wheels, "lib", "1.1"),
  );
  const sets: Sets = new Map();
  const head = `[buildout]\nparts = one\nexecutable = ${PYTHON}\nindex = ${index.url}\n`;
  const p = project({ "buildout.cfg": head + text(index.url) }, { eggs: eggs(sets), interpreter });
  const names = (part: string) => sets.get(part)?.map(({ name, version }) => `${name} ${version}`);
  return { p, sets, index, names };
}

describe("Python distributions of a buildout", () => {
  test("follow [buildout] and [versions], and none of their options is unused", async () => {
    const { p, names } = await withIndex(
      () => "[one]\nrecipe = eggs\neggs = app\n[versions]\nLib = 1.0\n",
    );
    const { text } = await p.run();
    expect(names("one")).toEqual(["App 1.0", "lib 1.0"]);
    expect(text).toBe(
      "Installing one.\nGetting distribution for 'app'.\nGot App 1.0.\n" +
        "Getting distribution for 'lib==1.0'.\nGot lib 1.0.\n",
    );
    expect((await p.run()).text).toBe("Updating one.\n");
  });

  test("that were picked are listed with the packages that require them", async () => {
    const { p } = await withIndex(
      () => "show-picked-versions = true\n[one]\nrecipe = eggs\neggs = app\n[versions]\n",
    );
    const listed = "[versions]\nApp = 1.0\n\n# Required by:\n# App==1.0\nlib = 1.1\n";
    expect((await p.run()).text).toContain(listed);
    p.write("buildout.cfg", p.read("buildout.cfg").replace("[versions]", "[versions]\napp = 1.0"));
    expect((await p.run()).text).not.toContain("App = 1.0");
  });

  test("are shown as zc.buildout spells them, pinned by any spelling", async () => {
    const wheels = scratch();
    const index = await indexOf(writeWheel(wheels, "ee_ff", "1.0"));
    const head = `[buildout]\nparts = one\nexecutable = ${PYTHON}\nindex = ${index.url}\n`;
    const text = "show-picked-versions = true\n[one]\nrecipe = eggs\neggs = ee_ff\n[versions]\n";
    const p = project({ "buildout.cfg": head + text }, { eggs: eggs(new Map()) });
    const { text: said } = await p.run();
    expect(said).toContain("Getting distribution for 'ee_ff'.\nGot ee-ff 1.0.\n");
    expect(said).toContain("[versions]\nee-ff = 1.0\n");
    for (const spelling of ["ee-ff", "ee_ff", "Ee.Ff"]) {
      p.write("buildout.cfg", `${head}${text}${spelling} = 1.0\n`);
      expect((await p.run()).text).not.toContain("ee-ff = 1.0");
    }
  });

  test("are installed regardless of other packages' pins; an invalid pin is reported", async () => {
    const { p, names } = await withIndex(
      () =>
        "[one]\nrecipe = eggs\neggs = app\n[versions]\nother = 2.0-20150416200605-a5c944eed156\n",
    );
    expect((await p.run()).error).toBeUndefined();
    expect(names("one")).toEqual(["App 1.0", "lib 1.1"]);
    p.write("buildout.cfg", p.read("buildout.cfg").replace("other", "lib"));
    for (const folder of ["eggs", "new"]) {
      const { error } = await p.run({ assignments: [`buildout:eggs-directory=${folder}`] });
      expect(error?.message).toBe(
        "The pin '2.0-20150416200605-a5c944eed156' of lib is not a version.",
      );
      expect(error?.location).toEqual({ file: p.path("buildout.cfg"), line: 9 });
    }
  });

  test("are for the Python of [buildout], also for a part that [buildout] refers to", async () => {
    const { p, sets } = await withIndex(
      () =>
        "python = ${names:python}\nearly = ${one:recipe}\n[names]\npython = other\n" +
        "[other]\nexecutable = /no/python\n[one]\nrecipe = eggs\neggs = lib\n",
    );
    const { error } = await p.run();
    expect(error).toMatchObject({ code: "interpreter-missing", location: { line: 10 } });
    expect(error?.message).toContain("/no/python");
    await p.run({ assignments: [`other:executable=${PYTHON}`] });
    expect(sets.get("one")?.map(({ name }) => name)).toEqual(["lib"]);
  });

  test("ask the index once for parts with the same requirements", async () => {
    const { p, index, names } = await withIndex(
      () =>
        "parts += two three\n[one]\nrecipe = eggs\neggs = app\n[two]\n<= one\n[three]\nrecipe = eggs\neggs = lib\n",
    );
    await p.run();
    const asked = () => index.requests.filter((request) => request.includes("/simple/app/")).length;
    const before = asked();
    await p.run();
    expect(asked()).toBe(before + 1);
    expect(names("two")).toEqual(["App 1.0", "lib 1.1"]);
    expect(names("three")).toEqual(["lib 1.1"]);
    await p.run({ assignments: ["buildout:newest=false"] });
    expect(asked()).toBe(before + 1);
  });

  test("are for the interpreter of a section, which a part of the same run may build", async () => {
    const { p, sets } = await withIndex(
      () =>
        "[one]\nrecipe = eggs\neggs = lib\npython = own-python\n[own-python]\nrecipe = interpreter\n",
    );
    const { text, error } = await p.run();
    expect(error).toBeUndefined();
    expect(text).toMatch(/^Installing own-python\.\nInstalling one\./);
    expect(existsSync(sets.get("one")![0]!.location)).toBe(true);
  });

  test("report an interpreter that does not exist", async () => {
    const { p } = await withIndex(
      () =>
        "[one]\nrecipe = eggs\neggs = lib\npython = old\n[old]\nexecutable = /usr/bin/python2.4\n",
    );
    const { error } = await p.run();
    expect(error?.code).toBe("interpreter-missing");
    expect(error?.message).toContain("/usr/bin/python2.4");
    expect(error?.location).toEqual({ file: p.path("buildout.cfg"), line: 10 });
    const unknown = await p.run({ assignments: ["one:python=odl"] });
    expect(unknown.error).toMatchObject({ code: "missing-section", location: {} });
  });

  test("report the line of a pin that a requirement excludes", async () => {
    const { p } = await withIndex(
      () => "[one]\nrecipe = eggs\neggs = lib>=1.1\n[versions]\nlib = 1.0\n",
    );
    const { error, text } = await p.run();
    expect(error?.code).toBe("version-conflict");
    expect(error?.location).toEqual({ file: p.path("buildout.cfg"), line: 9 });
    expect(text).toContain("one requires lib>=1.1.");
  });

  test.each([
    ["lib==7", "version-not-found"],
    ["libb", "package-not-found"],
    ["# lib", "invalid-requirement"],
  ])("%s: name the line of what the part asks for", async (egg, code) => {
    const { p } = await withIndex(() => `[one]\nrecipe = eggs\neggs =\n  ${egg}\n`);
    const { error } = await p.run();
    expect(error).toMatchObject({ code, location: { file: p.path("buildout.cfg"), line: 7 } });
  });

  test("report which installers exist", async () => {
    const { p } = await withIndex(() => "installer = apt\n[one]\nrecipe = eggs\neggs = lib\n");
    const { error } = await p.run();
    expect(error?.code).toBe("invalid-value");
    expect(error?.hint).toBe("Use one of auto, pip, uv.");
  });

  test("include a develop package, with its requirements", async () => {
    const { p, names } = await withIndex(
      () => "develop = src/own\n[one]\nrecipe = eggs\neggs = own\n",
    );
    p.write(
      "src/own/pyproject.toml",
      '[project]\nname = "own"\nversion = "0.1"\ndependencies = ["app"]\n',
    );
    p.write("src/own/own.py", "");
    await p.run();
    expect(names("one")).toEqual(["own 0.1", "App 1.0", "lib 1.1"]);
  });
});

import { describe, expect, it } from "vitest";
import { newestFirst } from "../../../src/config/merge/option.ts";
import { BuildoutError } from "../../../src/errors/error.ts";
import { ConfigurationFiles, raw, resolved } from "../../support/configuration-files.ts";

async function failure(workspace: ConfigurationFiles, args: string[] = []): Promise<BuildoutError> {
  const outcome = await workspace.load(args).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(BuildoutError);
  return outcome as BuildoutError;
}

describe("extends", () => {
  it("is relative to the file that contains it, and the later file wins", async () => {
    const workspace = new ConfigurationFiles({
      "buildout.cfg": "[buildout]\nextends = d/b.cfg\n[a]\nx = main\n",
      "d/b.cfg": "[buildout]\nextends = ../c.cfg e.cfg\n[a]\nx = b\ny = b\n",
      "c.cfg": "[a]\ny = c\nz = c\n",
      "d/e.cfg": "[a]\nz = e\n",
    });
    const configuration = await workspace.load();
    expect(raw(configuration, "a")).toEqual({ x: "main", y: "b", z: "e" });
    const read = ["buildout.cfg", "d/b.cfg", "c.cfg", "d/e.cfg"];
    expect(configuration.files).toEqual(read.map((name) => workspace.path(name)));
    expect(configuration.location("a", "z")).toEqual({ file: workspace.path("d/e.cfg"), line: 2 });
  });

  it("does not follow `extends +=`, nor the first of two", async () => {
    const text = "[buildout]\nextends = nope.cfg\nextends = b.cfg\nextends += nope.cfg\n";
    const workspace = new ConfigurationFiles({ "buildout.cfg": text, "b.cfg": "[a]\nx = 1\n" });
    expect(raw(await workspace.load(), "a")).toEqual({ x: "1" });
  });

  it("names the line with the missing file", async () => {
    const workspace = new ConfigurationFiles({
      "buildout.cfg": "[buildout]\n\nextends =\n  nope.cfg\n",
    });
    expect(await failure(workspace)).toMatchObject({
      code: "missing-file",
      message: expect.stringContaining("nope.cfg"),
      location: { file: workspace.path("buildout.cfg"), line: 3 },
      while: ["Initializing."],
    });
  });

  it.each(["buildout.cfg", "../buildout/buildout.cfg"])(
    "refuses a circle by way of %s",
    async (name) => {
      const workspace = new ConfigurationFiles({
        "buildout.cfg": "[buildout]\nextends = b.cfg\n",
        "b.cfg": `[buildout]\nextends = ${name}\n`,
      });
      expect(await failure(workspace)).toMatchObject({
        code: "recursive-include",
        location: { file: workspace.path("b.cfg"), line: 2 },
      });
    },
  );

  it("keeps the spelling of each path in what it names", async () => {
    const workspace = new ConfigurationFiles({
      "buildout.cfg": "[buildout]\nextends = .//d//b.cfg d/b.cfg\n",
      "d/b.cfg": "[buildout]\nextends = ..//c.cfg\n[a]\nx = b\ny += 1\n",
      "c.cfg": "[a]\nz = c\n",
    });
    const history = async (option: string) => {
      const { annotated } = await workspace.load();
      return [...newestFirst(annotated.get("a")!.get(option)!.history)].map(({ source }) =>
        source.replace(workspace.folder, ""),
      );
    };
    expect(await history("x")).toEqual(["/d/b.cfg", "/.//d//b.cfg"]);
    expect(await history("y")).toEqual(["/d/b.cfg", "/.//d//b.cfg", "IMPLICIT_VALUE"]);
    expect(await history("z")).toEqual(["/d/..//c.cfg", "/.//d/..//c.cfg"]);
  });

  it("on the command line is read last, as in the user defaults and on top of them", async () => {
    const workspace = new ConfigurationFiles({
      "buildout.cfg": "[buildout]\nextends-cache = ${:directory}/x\n[a]\nx += main\n",
      "d/b.cfg": "[a]\nx += b\n",
      "~/.buildout/default.cfg": "[a]\nx = home\n",
    });
    const configuration = await workspace.load(["extends=d//b.cfg"]);
    expect(raw(configuration, "a")).toEqual({ x: "home\nb" });
    expect(configuration.location("a", "x")?.file).toBe("d/b.cfg");
  });

  it("goes 500 files deep", async () => {
    const workspace = new ConfigurationFiles({ "f500.cfg": "[a]\nx = 500\n" });
    for (let i = 0; i < 500; i++) {
      workspace.write(`f${i}.cfg`, `[buildout]\nextends = f${i + 1}.cfg\n[a]\nx += ${i}\n`);
    }
    const configuration = await workspace.load(["-c", "f0.cfg"]);
    expect(configuration.sections.get("a")?.get("x")?.split("\n")).toHaveLength(501);
  });

  it("needs no time for the paths of a deep diamond", async () => {
    const workspace = new ConfigurationFiles({ "f60.cfg": "[a]\nx = 60\ny = 60\n" });
    for (let i = 0; i < 60; i++) {
      const extended = `f${i + 1}.cfg f${i + 1}.cfg`;
      workspace.write(`f${i}.cfg`, `[buildout]\nextends = ${extended}\n[a]\nx = ${i}\ny -= 60\n`);
    }
    const configuration = await workspace.load(["-c", "f0.cfg"]);
    expect(raw(configuration, "a")).toEqual({ x: "0", y: "" });
  });
});

describe("optional-extends", () => {
  it("skips and reports files missing in the working directory", async () => {
    const text = "[buildout]\noptional-extends = o.cfg nope.cfg\n[a]\nx = main\n";
    const workspace = new ConfigurationFiles({
      "buildout.cfg": text,
      "o.cfg": "[a]\nx = o\ny = o\n",
    });
    const notices: string[] = [];
    const configuration = await workspace.load([], { notify: (text) => notices.push(text) });
    expect(raw(configuration, "a")).toEqual({ x: "main", y: "o" });
    expect(notices).toEqual(["optional-extends file not found: nope.cfg"]);
  });
});

describe("user defaults", () => {
  const files = {
    "buildout.cfg": "[buildout]\nextends = b.cfg\n[a]\nx += main\n",
    "b.cfg": "[a]\nx += b\n",
    "~/.buildout/default.cfg": "[buildout]\neggs-directory = eggs\n[a]\nx = home\n",
  };

  it("go below all files, their directories counting from the home's", async () => {
    const workspace = new ConfigurationFiles(files);
    const configuration = await workspace.load();
    expect(raw(configuration, "a")).toEqual({ x: "home\nb\nmain" });
    const eggs = configuration.sections.get("buildout")?.get("eggs-directory");
    expect(eggs).toBe(workspace.path("~/.buildout/eggs"));
  });

  it("are left out with -U", async () => {
    expect(raw(await new ConfigurationFiles(files).load(["-U"]), "a")).toEqual({ x: "b\nmain" });
  });

  it("are in $BUILDOUT_HOME if that is set", async () => {
    const workspace = new ConfigurationFiles({ ...files, "~/own/default.cfg": "[a]\nx = own\n" });
    const env = { HOME: workspace.home, BUILDOUT_HOME: workspace.path("~/own") };
    expect(raw(await workspace.load([], { env }), "a")).toEqual({ x: "own\nb\nmain" });
  });
});

describe("[buildout]", () => {
  it("makes directories absolute from the file that sets them, or from the buildout", async () => {
    const workspace = new ConfigurationFiles({
      "buildout.cfg": "[buildout]\nextends = d/b.cfg\n",
      "d/b.cfg": "[buildout]\neggs-directory = eggs\ndownload-cache = ~/dl\nbin-directory = b\n",
    });
    expect(raw(await workspace.load(), "buildout")).toMatchObject({
      directory: workspace.folder,
      "eggs-directory": workspace.path("d/eggs"),
      "download-cache": workspace.path("~/dl"),
      "bin-directory": workspace.path("b"),
      "parts-directory": workspace.path("parts"),
    });
  });

  it("gets the pins that every buildout has", async () => {
    const workspace = new ConfigurationFiles({ "buildout.cfg": "[versions]\nzc.buildout = 1.0\n" });
    expect(raw(await workspace.load(), "versions")).toEqual({
      "zc.buildout": "1.0",
      "zc.recipe.egg": ">=2.0.6",
    });
  });

  it("reports the nearest section if the pins are missing", async () => {
    const text = "[buildout]\nversions = version\n[versions]\nx = 1\n";
    expect(await failure(new ConfigurationFiles({ "buildout.cfg": text }))).toMatchObject({
      code: "missing-section",
      hint: "Did you mean 'versions'?",
      location: { line: 2 },
    });
  });

  it("accepts only true and false", async () => {
    const workspace = new ConfigurationFiles({ "buildout.cfg": "[buildout]\nnewest = True\n" });
    expect(await failure(workspace)).toMatchObject({
      code: "invalid-value",
      message: "Invalid value for 'newest' option: 'True'",
    });
  });

  it("adds the layout version to the eggs directory once it is resolved", async () => {
    const workspace = new ConfigurationFiles({
      "buildout.cfg": "[a]\nx = ${buildout:eggs-directory}\n",
    });
    expect(resolved(await workspace.load(), "a")).toEqual({ x: workspace.path("eggs/v5") });
  });
});

it("reports where a file is not UTF-8", async () => {
  const workspace = new ConfigurationFiles({ "buildout.cfg": "[buildout]\n" });
  const { writeFileSync } = await import("node:fs");
  writeFileSync(workspace.path("buildout.cfg"), Buffer.from([0x5b, 0x61, 0x5d, 10, 0xe9, 10]));
  const location = { file: workspace.path("buildout.cfg"), line: 2 };
  expect(await failure(workspace)).toMatchObject({ code: "not-utf8", location });
});

it("says what to do if there is no configuration", async () => {
  const error = await failure(new ConfigurationFiles());
  expect(error).toMatchObject({ code: "missing-file", hint: expect.stringContaining("init") });
});

it("loads 100,000 options in 200 files in time", async () => {
  const names = Array.from({ length: 200 }, (_, i) => `f${i}.cfg`);
  const workspace = new ConfigurationFiles({
    "buildout.cfg": `[buildout]\nextends = ${names.join(" ")}\n`,
  });
  const options = Array.from({ length: 500 }, (_, i) => `option${i} = value\n`).join("");
  for (const name of names) workspace.write(name, `[${name}]\n${options}`);
  const configuration = await workspace.load();
  expect(configuration.sections.get("f199.cfg")?.size).toBe(500);
});

it("takes a value of a megabyte, adds to it and removes from it in time", async () => {
  const lines = Array.from({ length: 50_000 }, (_, i) => `  line ${i} of a value\n`).join("");
  const workspace = new ConfigurationFiles({
    "base.cfg": `[a]\nx =\n${lines}`,
    "buildout.cfg": `[buildout]\nextends = base.cfg\n[a]\nx +=\n${lines}x -=\n${lines}y = \${:x}\n`,
  });
  const configuration = await workspace.load();
  expect(raw(configuration, "a").x).toBe("");
  expect(resolved(configuration, "a").y).toBe("");
});

describe("unsaved texts", () => {
  it("replace the main file, files that it extends and missing files", async () => {
    const workspace = new ConfigurationFiles({
      "buildout.cfg": "[buildout]\nextends = nope.cfg\n",
      "d/base.cfg": "[a]\nx = saved\n",
    });
    const overlay = new Map([
      [
        workspace.path("buildout.cfg"),
        "[buildout]\nextends = d/base.cfg new.cfg\noptional-extends = maybe.cfg\n",
      ],
      [workspace.path("d/base.cfg"), "[a]\nx = unsaved\n"],
      [workspace.path("new.cfg"), "[a]\ny = ${:x}\n"],
      [workspace.path("maybe.cfg"), "[a]\nz = there\n"],
    ]);
    const configuration = await workspace.load([], { overlay });
    expect(raw(configuration, "a")).toEqual({ x: "unsaved", y: "${:x}", z: "there" });
    const file = workspace.path("new.cfg");
    const [section] = configuration.ranges(file)!;
    expect(section!.options[0]!.references[0]!.range).toEqual({
      file,
      start: { line: 1, column: 4 },
      end: { line: 1, column: 9 },
    });
    expect(configuration.ranges(workspace.path("other.cfg"))).toBeUndefined();
  });

  it("can be a main file that has never been saved", async () => {
    const workspace = new ConfigurationFiles();
    const overlay = new Map([[workspace.path("buildout.cfg"), "[a]\nx = 1\n"]]);
    expect(raw(await workspace.load([], { overlay }), "a")).toEqual({ x: "1" });
  });

  it("leave the errors in them at their places", async () => {
    const workspace = new ConfigurationFiles({ "buildout.cfg": "[buildout]\n" });
    const overlay = new Map([[workspace.path("buildout.cfg"), "\ufeff[buildout]\n"]]);
    await expect(workspace.load([], { overlay })).rejects.toMatchObject({
      code: "missing-section-header",
      location: { file: workspace.path("buildout.cfg"), line: 1 },
      hint: expect.stringContaining("byte order mark"),
    });
  });
});

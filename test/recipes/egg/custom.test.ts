import { readdirSync } from "node:fs";
import { execaSync } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import custom from "../../../recipes/egg/custom.ts";
import recipe from "../../../recipes/egg/index.ts";
import { makeEggPart, python } from "../../support/eggs.ts";
import { type Project, project } from "../../support/engine-project.ts";
import { missing, sdist } from "../../support/extdemo.ts";
import { type PackageIndex, startPackageIndex } from "../../support/index-server.ts";
import { scratch } from "../../support/scratch.ts";

describe.skipIf(missing)(`zc.recipe.egg:custom${missing ? ` (${missing})` : ""}`, () => {
  let index: PackageIndex;
  beforeAll(async () => {
    index = await startPackageIndex({ only: ["setuptools", "wheel"] });
  });
  afterAll(() => index.close());

  /** A buildout that builds extdemo and has an interpreter that finds it. */
  function buildout(options: string, versions = ""): Project {
    const links = scratch();
    const made = project(
      {
        "buildout.cfg": `[buildout]
executable = ${python}
parts = extdemo py
index = ${index.url}
find-links = ${links}
versions = versions
[versions]
${versions}
[extdemo]
recipe = zc.recipe.egg:custom
include-dirs = include
${options}
[py]
recipe = zc.recipe.egg
eggs = extdemo
interpreter = py
`,
        "include/extdemo.h": "#define EXTDEMO 40\n",
      },
      { "zc.recipe.egg": recipe, "zc.recipe.egg:custom": custom },
    );
    sdist(links, "1.4");
    return { ...made, path: (name) => (name === "links" ? links : made.path(name)) };
  }

  const value = (made: Project) => execaSync(made.path("bin/py"), ["-m", "extuse"]).stdout;
  const eggs = (made: Project) =>
    readdirSync(made.path("develop-eggs")).filter((name) => !name.endsWith("link"));

  test("builds a C extension with the part's settings into develop-eggs", async () => {
    const made = buildout("define = TWO,UNUSED\n", "extdemo = 1.4\n");
    const first = await made.run();
    expect(first.error).toBeUndefined();
    expect(first.text).toBe(
      "Installing extdemo.\nInstalling py.\nGenerated interpreter '/p/bin/py'.\n",
    );
    expect(eggs(made)).toEqual([expect.stringMatching(/^extdemo-1\.4-py3\..*\.egg$/)]);
    expect(value(made)).toBe("2");
    expect((await made.run()).text).toBe("Updating extdemo.\nUpdating py.\n");
    // Other settings lead to another egg; nothing is left when the part is removed.
    const again = await made.run({ assignments: ["extdemo:define=OTHER"] });
    expect(again.text).toContain("Uninstalling extdemo.\nInstalling extdemo.\n");
    expect(value(made)).toBe("40");
    await made.run({ assignments: ["buildout:parts="] });
    expect(eggs(made)).toEqual([]);
  });

  test("takes a newer version when there is one and no pin", async () => {
    const made = buildout("");
    await made.run({ parts: ["extdemo"] });
    sdist(made.path("links"), "1.5");
    const offline = await made.run({
      parts: ["extdemo"],
      assignments: ["buildout:newest=false"],
    });
    expect(offline.text).toBe("Updating extdemo.\n");
    expect((await made.run()).error).toBeUndefined();
    expect(made.read("bin/py")).toContain("/extdemo-1.5-");
  });

  test("environment sets variables, which may use others", async () => {
    const made = buildout(
      "environment = env\n[env]\nNUMBER = 5\nCPPFLAGS = -DMORE=%(NUMBER)s\nODD = 100%%\n",
    );
    const { error } = await made.run();
    expect(error).toBeUndefined();
    expect(value(made)).toBe("45");
    expect(made.read(".installed.cfg")).toContain(
      "_environment-data = [('CPPFLAGS', '-DMORE=%(NUMBER)s'), ('NUMBER', '5'), ('ODD', '100%%')]",
    );
    const unknown = await made.run({ assignments: ["env:ODD=%(NO_SUCH_VARIABLE)s"] });
    expect(unknown.error).toMatchObject({
      code: "missing-variable",
      message: expect.stringContaining("'NO_SUCH_VARIABLE'"),
    });
  });

  test("a build that fails shows its output, and leaves nothing", async () => {
    const made = buildout("include-dirs = elsewhere\n");
    const { error, text } = await made.run();
    expect(error).toMatchObject({ code: "build-failed" });
    expect(text).toContain("extdemo.h: No such file or directory");
    expect(eggs(made)).toEqual([]);
  });

  test("offline nothing is built", async () => {
    const made = buildout("");
    const { text } = await made.run({
      parts: ["extdemo"],
      assignments: ["buildout:offline=true"],
    });
    expect(text).toBe("Installing extdemo.\n");
    expect(eggs(made)).toEqual([]);
  });

  test("what does not exist is an error", async () => {
    const made = buildout("egg = nosuch\n");
    expect((await made.run()).error).toMatchObject({ code: "package-not-found" });
    const old = buildout("eggs = extdemo>=9\n");
    const { error, text } = await old.run();
    expect(text).toContain("extdemo: The eggs option is deprecated. Use egg instead\n");
    expect(error).toMatchObject({ code: "version-not-found" });
  });
});

test("paths become absolute, except those that the linker expands", async () => {
  const { part, directory } = await makeEggPart(custom, {
    options: {
      "include-dirs": "include\n/usr/include/x",
      "library-dirs": "lib",
      rpath: "lib\n$ORIGIN/../lib\n${LIB}/x",
      swig: "bin/swig",
      libraries: "z",
    },
  });
  const option = (name: string) => part.options.get(name);
  expect(option("include-dirs")).toBe(`${directory}/include:/usr/include/x`);
  expect(option("library-dirs")).toBe(`${directory}/lib`);
  expect(option("rpath")).toBe(`${directory}/lib:$ORIGIN/../lib:$\{LIB}/x`);
  expect(option("swig")).toBe(`${directory}/bin/swig`);
  expect(option("libraries")).toBe("z");
});

import { existsSync, readdirSync } from "node:fs";
import { execaSync } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import develop from "../../../recipes/egg/develop.ts";
import recipe from "../../../recipes/egg/index.ts";
import { python } from "../../support/eggs.ts";
import { type Project, project } from "../../support/engine-project.ts";
import { missing, writeSources } from "../../support/extdemo.ts";
import { type PackageIndex, startPackageIndex } from "../../support/index-server.ts";

describe.skipIf(missing)(`zc.recipe.egg:develop${missing ? ` (${missing})` : ""}`, () => {
  let index: PackageIndex;
  beforeAll(async () => {
    index = await startPackageIndex({ only: ["setuptools", "wheel"] });
  });
  afterAll(() => index.close());

  function buildout(setup: string): Project {
    const made = project(
      {
        "buildout.cfg": `[buildout]
executable = ${python}
parts = extdemo py
index = ${index.url}
[extdemo]
recipe = zc.recipe.egg:develop
setup = ${setup}
include-dirs = include
[py]
recipe = zc.recipe.egg
eggs = extdemo
interpreter = py
`,
        "include/extdemo.h": "#define EXTDEMO 40\n",
        "empty/file": "",
      },
      { "zc.recipe.egg": recipe, "zc.recipe.egg:develop": develop },
    );
    writeSources(made.path("src/extdemo"), "1.4");
    return made;
  }

  const value = (made: Project) => execaSync(made.path("bin/py"), ["-m", "extuse"]).stdout;

  test("builds a C extension with the part's settings in the package's directory", async () => {
    const made = buildout("src/extdemo/setup.py");
    const first = await made.run();
    expect(first.error).toBeUndefined();
    expect(first.text).toBe(
      "Installing extdemo.\nInstalling py.\nGenerated interpreter '/p/bin/py'.\n",
    );
    expect(value(made)).toBe("40");
    expect(made.read("bin/py")).toContain(`  '${made.directory}/src/extdemo',\n`);
    expect(made.read("src/extdemo/setup.cfg")).toBe("[build_ext]\ninclude_dirs = /nowhere\n");
    expect(made.has("develop-eggs/extdemo.egg-link")).toBe(true);
    expect((await made.run()).text).toBe("Updating extdemo.\nUpdating py.\n");

    made.write("buildout.cfg", `${made.read("buildout.cfg")}\n[extdemo]\ndefine = TWO\n`);
    await made.run();
    expect(value(made)).toBe("2");

    await made.run({ assignments: ["buildout:parts="] });
    expect(readdirSync(made.path("develop-eggs"))).toEqual([]);
    expect(existsSync(made.path("src/extdemo/extuse.py"))).toBe(true);
  });

  test("reports errors", async () => {
    const broken = buildout("src/extdemo");
    const { error, text } = await broken.run({ assignments: ["extdemo:include-dirs=elsewhere"] });
    expect(error).toMatchObject({ code: "develop-failed" });
    expect(text).toContain("extdemo.h: No such file or directory");
    expect(readdirSync(broken.path("develop-eggs"))).toEqual([]);

    for (const folder of ["empty", "gone"]) {
      const { error } = await buildout(folder).run();
      expect(error).toMatchObject({
        code: "no-package",
        message: expect.stringContaining(`/${folder}' contains no Python package`),
      });
    }
    const none = await buildout("x").run({ assignments: ["extdemo:setup="] });
    expect(none.error).toBeDefined();
  });
});

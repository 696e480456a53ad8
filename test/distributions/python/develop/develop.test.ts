import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { developPythonPackage } from "../../../../src/distributions/python/develop/develop.ts";
import { installPythonDistributions } from "../../../../src/distributions/python/install/install-distributions.ts";
import { Pips } from "../../../../src/distributions/python/installers/pip-command.ts";
import { readEntryPoints } from "../../../../src/distributions/python/scripts/entry-points.ts";
import { BuildoutError } from "../../../../src/errors/error.ts";
import { LEVELS } from "../../../../src/events/levels.ts";
import { indexOf, PYTHON, workspace } from "../../../support/python-workspace.ts";
import { saidTo } from "../../../support/reporter.ts";
import { scratch, writeFiles as write } from "../../../support/scratch.ts";
import { writeWheel } from "../../../support/wheel.ts";

const SETUP = `
from setuptools import setup, find_packages
print("setup is running")
setup(name="my.app", version="1.0dev0", package_dir={"": "src"}, packages=find_packages("src"),
      install_requires=["lib>=1"], extras_require={"more": ["extra"]},
      entry_points={"console_scripts": ["app = my.app:main"]})
`;

function setup(files: Record<string, string>, findLinks: string[] = []) {
  const directory = scratch();
  const folder = write(path.join(directory, "package"), files);
  const developEggsDirectory = path.join(directory, "develop-eggs");
  mkdirSync(developEggsDirectory);
  const output: string[] = [];
  const note = (line: string) => void output.push(line);
  const develop = (executable = PYTHON) =>
    developPythonPackage({
      asks: true,
      folder,
      developEggsDirectory,
      stamps: path.join(directory, "stamps.json"),
      executable: async () => executable,
      search: { index: undefined, noIndex: true, findLinks },
      pips: new Pips(),
      report: saidTo(note, LEVELS.DEBUG),
    });
  return { directory, folder, developEggsDirectory, develop, output };
}

describe("develop", () => {
  test("of a setup.py records the same as zc.buildout, and runs it only when something changed", async () => {
    const { folder, developEggsDirectory, develop, output } = setup({
      "setup.py": SETUP,
      "src/my/app.py": "def main(): pass\n",
    });
    const { package: found, links } = await develop();
    expect(found).toMatchObject({ kind: "python", name: "my.app", version: "1.0.dev0", folder });
    expect(found.location).toBe(path.join(folder, "src"));
    expect(readEntryPoints(found).get("console_scripts")?.get("app")).toEqual({
      ...{ name: "app", module: "my.app", attributes: "main", extras: [] },
    });
    const link = path.join(developEggsDirectory, "my.app.egg-link");
    expect(links).toContain(link);
    expect(readFileSync(link, "utf8")).toBe(`${found.location}\n..`);
    const runs = () => output.filter((line) => line === "setup is running").length;
    expect(runs()).toBe(1);
    expect(readdirSync(developEggsDirectory)).toEqual(["my.app.egg-link"]);
    await develop();
    expect(runs()).toBe(1);
    utimesSync(path.join(folder, "src/my/app.py"), 1, 1);
    await develop();
    expect(runs()).toBe(2);
    // Removing the link by hand requests a new one.
    rmSync(link);
    await develop();
    expect(runs()).toBe(3);
    expect(readFileSync(link, "utf8")).toBe(`${found.location}\n..`);
  });

  test("of a complete pyproject.toml needs no interpreter", async () => {
    const { folder, developEggsDirectory, develop } = setup({
      "pyproject.toml": `
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "my-app"
version = "1.0"
requires-python = ">=3.8"
dependencies = ["lib>=1; python_version >= '3'"]
[project.optional-dependencies]
more = ["extra; python_version >= '3'"]
[project.scripts]
app = "my_app:main"
[project.entry-points."zc.buildout"]
default = "my_app:Recipe"
`,
      "src/my_app/__init__.py": "",
    });
    const { package: found, links } = await develop("/nowhere/python");
    expect(found).toMatchObject({
      name: "my-app",
      version: "1.0",
      location: path.join(folder, "src"),
    });
    expect(readEntryPoints(found).get("zc.buildout")?.get("default")?.attributes).toBe("Recipe");
    expect(readdirSync(developEggsDirectory).sort()).toEqual([
      "__editable__.my_app-1.0.pth",
      "my-app.egg-link",
      "my_app-1.0.dist-info",
    ]);
    expect(links.map((file) => path.basename(file)).sort()).toEqual(
      readdirSync(developEggsDirectory).sort(),
    );
  });

  test("asks any build backend for dynamic fields", async () => {
    const { develop, developEggsDirectory, folder } = setup({
      "pyproject.toml": `
[build-system]
requires = []
build-backend = "backend"
backend-path = ["build_tools"]
[project]
name = "own"
dynamic = ["version"]
`,
      "build_tools/backend.py": `
import os
def prepare_metadata_for_build_wheel(folder, config_settings=None):
    info = os.path.join(folder, "own-3.0.dist-info")
    os.mkdir(info)
    with open(os.path.join(info, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: own\\nVersion: 3.0\\n")
    return "own-3.0.dist-info"
`,
      "own.py": "",
    });
    const { package: found } = await develop();
    expect(found).toMatchObject({ name: "own", version: "3.0", location: folder });
    expect(found.metadata).toBe(path.join(developEggsDirectory, "own-3.0.dist-info"));
  });

  test("uses the metadata of a backend without support for editable packages", async () => {
    const links = scratch();
    writeWheel(links, "old-backend", "1.0", {
      files: {
        "old_backend.py": `
import os, zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "own-4.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.write("own.py")
        info = "own-4.0.dist-info/"
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: own\\nVersion: 4.0\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "own.py,,\\n" + info + "METADATA,,\\n" + info + "WHEEL,,\\n")
    return name
`,
      },
    });
    const { develop, folder } = setup(
      {
        "pyproject.toml":
          '[build-system]\nrequires = ["old-backend"]\nbuild-backend = "old_backend"\n',
        "own.py": "",
      },
      [links],
    );
    const { package: found } = await develop();
    expect(found).toMatchObject({ name: "own", version: "4.0", location: folder });
  });

  test("shows the output of a broken setup.py", async () => {
    const { develop, developEggsDirectory, folder } = setup({
      "setup.py": "raise RuntimeError('the sky is falling')\n",
    });
    const error = await develop().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(BuildoutError);
    expect(error.code).toBe("develop-failed");
    expect(error.message).toContain(folder);
    expect(error.output).toContain("the sky is falling");
    expect(readdirSync(developEggsDirectory)).toEqual([]);
  });

  test("reports the line of an invalid pyproject.toml", async () => {
    const { develop, folder } = setup({ "pyproject.toml": "[project]\nname = \n" });
    const error = await develop().catch((thrown) => thrown);
    expect(error.code).toBe("invalid-toml");
    expect(error.location).toEqual({ file: path.join(folder, "pyproject.toml"), line: 2 });
  });

  test.each([
    ["my own", "1.0", "'my own' is not a valid name of a Python package."],
    ["own", "newest", "'newest' is not a valid version of a Python package."],
  ])("refuses the name %s with the version %s", async (name, version, message) => {
    const { develop } = setup({
      "pyproject.toml": `[project]\nname = "${name}"\nversion = "${version}"\n`,
    });
    const error = await develop().catch((thrown) => thrown);
    expect([error.code, error.message]).toEqual(["invalid-pyproject", message]);
  });
});

describe("a package under development", () => {
  const files = {
    "pyproject.toml": `
[project]
name = "My_App"
version = "1.0"
dependencies = ["lib"]
[project.optional-dependencies]
more = ["extra"]
`,
    "my_app.py": "",
  };

  async function withIndex() {
    const wheels = scratch();
    const index = await indexOf(
      writeWheel(wheels, "my-app", "2.0"),
      writeWheel(wheels, "lib", "1.0"),
      writeWheel(wheels, "extra", "1.0", { metadata: ["Requires-Dist: my-app"] }),
      writeWheel(wheels, "newer", "1.0", { metadata: ["Requires-Dist: my-app>=2"] }),
    );
    const { develop, directory, developEggsDirectory } = setup(files);
    const developed = await develop();
    const { install, failure, request } = workspace(index.url, directory);
    const developPackages = [developed.package];
    return { install, failure, request, developPackages, developed, developEggsDirectory };
  }

  test("wins over the index, and its requirements are installed", async () => {
    const { install, developPackages } = await withIndex();
    const options = { developPackages, versions: { "my-app": "1.0" } };
    expect(await install(["my.app[more]"], options)).toEqual([
      "My-App 1.0",
      "extra 1.0",
      "lib 1.0",
    ]);
    expect(await install(["extra"], { ...options, newest: false })).toEqual([
      ...["My-App 1.0", "extra 1.0", "lib 1.0"],
    ]);
  });

  test("is ignored if its pin excludes it: another one is looked for", async () => {
    const { install, failure, developPackages } = await withIndex();
    const options = (pin: string) => ({ developPackages, versions: { "my-app": pin } });
    expect(await install(["my.app"], options("2.0"))).toEqual(["my-app 2.0"]);
    const error = await failure(["my.app"], options("3.0"));
    expect(error.message).toBe("Couldn't find a distribution for 'my.app==3.0'.");
    expect(error.hint).toContain("My-App 1.0 is developed in ");
    const offline = await failure(["my.app"], { ...options("3.0"), offline: true });
    expect(offline.message).toContain("We don't have a distribution for my.app==3.0");
  });

  test("is found by its note in the develop-eggs directory", async () => {
    const { request, developed } = await withIndex();
    const found = await installPythonDistributions(request({ requirements: ["my-app"] }));
    expect(found[0]).toMatchObject({ developed: true, location: developed.package.location });
    expect(existsSync(found[0]!.metadata)).toBe(true);
  });

  test("that is too old for another one is a conflict which names it", async () => {
    const { failure, developPackages } = await withIndex();
    const direct = await failure(["my-app>=2"], { developPackages });
    expect(direct.message).toBe(
      "There is a version conflict.\nWe already have: My-App 1.0\nbut demo requires 'my-app>=2'.",
    );
    expect(direct.hint).toContain("raise its version");
    const pins: Record<string, string>[] = [{}, { "my-app": "<1.5" }];
    for (const versions of pins) {
      const needed = await failure(["newer"], { developPackages, versions });
      expect(needed.code).toBe("version-conflict");
      expect(needed.message).toBe(
        "There is a version conflict.\nWe already have: My-App 1.0\nbut newer 1.0 requires 'my-app>=2'.",
      );
      expect(needed.hint).toContain("My-App is developed in ");
    }
  });
});

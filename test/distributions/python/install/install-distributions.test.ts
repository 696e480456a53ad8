import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import path from "node:path";
import { execaSync } from "execa";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { installPythonDistributions } from "../../../../src/distributions/python/install/install-distributions.ts";
import { eggName } from "../../../../src/distributions/python/install/place.ts";
import { readInterpreter } from "../../../../src/distributions/python/interpreter.ts";
import { searchPath } from "../../../../src/distributions/python/python-distribution.ts";
import { LEVELS } from "../../../../src/events/levels.ts";
import { writeArchive } from "../../../support/archives.ts";
import { startPackageIndex } from "../../../support/index-server.ts";
import { timeOf } from "../../../support/peer.ts";
import { indexOf, PYTHON, workspace } from "../../../support/python-workspace.ts";
import { saidTo } from "../../../support/reporter.ts";
import { scratch } from "../../../support/scratch.ts";
import { writeWheel } from "../../../support/wheel.ts";

const interpreter = readInterpreter(PYTHON, "/");
const egg = (name: string, version: string) => `${eggName(name, version, interpreter)}.egg`;

/** app 1.0 needs lib>=1 and, with the extra "nice", extra; lib exists in 1.0, 1.1 and 2.0b1. */
async function family() {
  const folder = scratch();
  return indexOf(
    writeWheel(folder, "my-app", "1.0", {
      metadata: [
        "Requires-Dist: my.lib >=1",
        'Requires-Dist: other; python_version < "3"',
        'Requires-Dist: nicer (>=1) ; extra == "nice"',
        "Provides-Extra: nice",
      ],
      entryPoints: "[console_scripts]\napp = my_app:main\n",
    }),
    writeWheel(folder, "My.Lib", "1.0"),
    writeWheel(folder, "My.Lib", "1.1"),
    writeWheel(folder, "My.Lib", "2.0b1"),
    writeWheel(folder, "nicer", "1.0"),
  );
}

/** An sdist that its own backend builds. */
function sdist(folder: string, name: string, backend: string): string {
  const source = path.join(folder, `${name}-1.0`);
  mkdirSync(source);
  writeFileSync(
    path.join(source, "pyproject.toml"),
    '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
  );
  writeFileSync(path.join(source, "backend.py"), backend);
  writeFileSync(
    path.join(source, "PKG-INFO"),
    `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
  );
  execaSync("tar", ["czf", `${name}-1.0.tar.gz`, `${name}-1.0`], { cwd: folder });
  return path.join(folder, `${name}-1.0.tar.gz`);
}

/** Replaces uv on the PATH; the result reads its commands so far. */
function standInUv(): () => string[] {
  const bin = scratch();
  const calls = path.join(bin, "calls");
  const stand = path.join(import.meta.dirname, "../../../support/uv-stand-in.py");
  writeFileSync(path.join(bin, "uv"), `#!/bin/sh\nexec ${PYTHON} ${stand} ${calls} "$@"\n`);
  chmodSync(path.join(bin, "uv"), 0o755);
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return () => readFileSync(calls, "utf8").split("\n").filter(Boolean);
}

describe("installation", () => {
  test("puts each distribution into a directory of zc.buildout's name, in its order", async () => {
    const index = await family();
    const { install, installed, lines, eggs } = workspace(index.url);
    expect(await install(["nicer  # pleasant", "my-app[nice]"])).toEqual([
      "nicer 1.0",
      "my-app 1.0",
      "My.Lib 1.1",
    ]);
    expect(installed()).toEqual([egg("My.Lib", "1.1"), egg("my-app", "1.0"), egg("nicer", "1.0")]);
    const base = egg("my-app", "1.0").replace(/\.egg$/, "");
    const info = path.join(eggs, `${base}.egg`, `${base}.dist-info`);
    expect(readdirSync(info)).not.toContain("direct_url.json");
    expect(existsSync(path.join(eggs, `${base}.egg`, "bin"))).toBe(false);
    expect(readFileSync(path.join(info, "RECORD"), "utf8")).toContain(
      `${base}.dist-info/METADATA,`,
    );
    expect(lines).toContain("Getting distribution for 'my-app[nice]'.");
    expect(lines).toContain("Got My.Lib 1.1.");
    expect(lines.filter((line) => line.startsWith("Got "))).toHaveLength(3);
  });

  test("makes what Python imports and importlib.metadata finds", async () => {
    const index = await family();
    const { request } = workspace(index.url);
    const found = await installPythonDistributions(request({ requirements: ["my-app"] }));
    const code =
      "import my_app, My_Lib, importlib.metadata as m\n" +
      "print(my_app.version, My_Lib.version, m.version('my.lib'), len(m.files('my-app')) > 3)";
    const env = { PYTHONPATH: searchPath(found).join(":") };
    expect(execaSync(PYTHON, ["-c", code], { env }).stdout).toBe("1.0 1.1 1.1 True");
    expect(found[1]).toMatchObject({
      name: "My.Lib",
      requiredBy: ["my-app 1.0"],
      developed: false,
    });
  });

  test("needs neither Python nor an index if the pinned versions are there", async () => {
    const index = await family();
    const { install } = workspace(index.url);
    const versions = { My_Lib: "1.0", "my.app": "1.0" };
    expect(await install(["my-app"], { versions })).toEqual(["my-app 1.0", "My.Lib 1.0"]);
    const requests = index.requests.length;
    const began = performance.now();
    expect(await install(["my-app"], { versions })).toEqual(["my-app 1.0", "My.Lib 1.0"]);
    expect(performance.now() - began).toBeLessThan(timeOf(PYTHON, "-m", "pip", "--version"));
    expect(index.requests.length).toBe(requests);
  });

  test("asks the index for newer versions, but not with newest = false", async () => {
    const index = await family();
    const folder = scratch();
    const { install } = workspace(index.url);
    expect(await install(["my.lib<1.1"])).toEqual(["My.Lib 1.0"]);
    expect(await install(["my-lib"], { newest: false })).toEqual(["My.Lib 1.0"]);
    expect(await install(["my-lib"])).toEqual(["My.Lib 1.1"]);
    const none = await indexOf(writeWheel(folder, "unrelated", "1"));
    expect(await install(["my-app"], { newest: false, index: index.url })).toEqual([
      "my-app 1.0",
      "My.Lib 1.1",
    ]);
    expect(await install(["my-app"], { newest: false, index: none.url })).toHaveLength(2);
  });

  test("uses pre-releases with prefer-final = false, and for such a pin", async () => {
    const index = await family();
    const { install } = workspace(index.url);
    expect(await install(["my-lib"], { preferFinal: false })).toEqual(["My.Lib 2.0b1"]);
    expect(await install(["my-lib"])).toEqual(["My.Lib 1.1"]);
    expect(await install(["my-lib"], { versions: { "my-lib": "2.0b1" } })).toEqual([
      "My.Lib 2.0b1",
    ]);
  });

  test("finds archives in find-links, directories and pages", async () => {
    const folder = path.join(scratch(), "with blank");
    writeWheel(folder, "local", "1.0");
    const { directory, install } = workspace(undefined);
    const nothing = await indexOf();
    const links = path.relative(directory, folder);
    expect(await install(["local"], { index: nothing.url, findLinks: [links] })).toEqual([
      "local 1.0",
    ]);
  });

  test("keeps its downloads in the download cache, which is enough afterwards", async () => {
    const index = await family();
    const first = workspace(index.url);
    const downloadCache = path.join(first.directory, "downloads");
    await first.install(["my-app"], { downloadCache });
    expect(readdirSync(path.join(downloadCache, "dist")).sort()).toEqual([
      "My_Lib-1.1-py3-none-any.whl",
      "my_app-1.0-py3-none-any.whl",
    ]);
    const requests = index.requests.length;
    const second = workspace(index.url);
    const fromCache = { downloadCache, installFromCache: true };
    expect(await second.install(["my-app"], fromCache)).toEqual(["my-app 1.0", "My.Lib 1.1"]);
    expect(index.requests.length).toBe(requests);
  });

  test("builds sdists with the interpreter's packages, and shows a build that fails", async () => {
    const folder = scratch();
    const backend = `
import os, zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(os.path.join(folder, "good-1.0-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("good.py", "")
        wheel.writestr("good-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: good\\nVersion: 1.0\\n")
        wheel.writestr("good-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("good-1.0.dist-info/RECORD", "good.py,,\\n")
    return "good-1.0-py3-none-any.whl"
`;
    const broken = 'def build_wheel(*args, **kw):\n    raise SystemExit("the gears are stuck")\n';
    const index = await indexOf(sdist(folder, "good", backend), sdist(folder, "broken", broken));
    const { install, installed, failure } = workspace(index.url);
    expect(await install(["good"])).toEqual(["good 1.0"]);
    const error = await failure(["broken"]);
    expect(error.code).toBe("build-failed");
    expect(error.message).toBe("Couldn't build broken.");
    expect(error.output).toContain("the gears are stuck");
    expect(installed()).toEqual([egg("good", "1.0")]);
  });

  test("takes namespace files out, and keeps apart files of the same name", async () => {
    const folder = scratch();
    const namespace = "__import__('pkg_resources').declare_namespace(__name__)\n";
    const index = await indexOf(
      writeWheel(folder, "ns.one", "1", {
        files: {
          "ns/__init__.py": namespace,
          "ns/one/__init__.py": "x = 1\n",
          "shared.py": "who = 'one'\n",
        },
      }),
      writeWheel(folder, "ns.two", "1", {
        files: {
          "ns/__init__.py": namespace,
          "ns/two/__init__.py": "y = 2\n",
          "shared.py": "who = 'two'\n",
        },
      }),
    );
    const { request, eggs } = workspace(index.url);
    const found = await installPythonDistributions(request({ requirements: ["ns.one", "ns.two"] }));
    const env = { PYTHONPATH: searchPath(found).join(":") };
    const code = "import ns.one, ns.two; print(ns.one.x, ns.two.y)";
    expect(execaSync(PYTHON, ["-c", code], { env }).stdout).toBe("1 2");
    const shared = (name: string) =>
      readFileSync(path.join(eggs, egg(name, "1"), "shared.py"), "utf8");
    expect([shared("ns.one"), shared("ns.two")]).toEqual(["who = 'one'\n", "who = 'two'\n"]);
  });

  test("of another Python does not count", async () => {
    const index = await family();
    const { install, eggs } = workspace(index.url);
    await install(["nicer"]);
    const other = egg("nicer", "1.0").replace(/-py[\d.]+-/, "-py2.7-");
    execaSync("mv", [path.join(eggs, egg("nicer", "1.0")), path.join(eggs, other)]);
    expect(await install(["nicer"], { newest: false })).toEqual(["nicer 1.0"]);
    expect(readdirSync(eggs).sort()).toEqual([other, egg("nicer", "1.0")].sort());
  });

  test("treats provided distributions as installed, even if others require them", async () => {
    const folder = scratch();
    const index = await indexOf(
      writeWheel(folder, "some.recipe", "1.0", { metadata: ["Requires-Dist: zc.buildout >=5.2"] }),
    );
    const { install, installed } = workspace(index.url);
    const provided = new Map([["zc.buildout", "5.2.0"]]);
    expect(await install(["some.recipe"], { provided })).toEqual(["some.recipe 1.0"]);
    expect(installed()).toEqual([egg("some.recipe", "1.0")]);
  });
});

describe("pins and conflicts", () => {
  test("an unpinned version is an error that names it and the packages that require it", async () => {
    const index = await family();
    const { failure, install, installed } = workspace(index.url);
    const error = await failure(["my-app"], { allowPicked: false, versions: { "my-app": "1.0" } });
    expect(error.message).toBe(
      "Picked: My.Lib = 1.1\n\nThe `My.Lib` egg does not have a version pin and " +
        "`allow-picked-versions = false`.\n\nTo resolve this, add\n\n    My.Lib = 1.1\n\n" +
        "to the [versions] section,\n\nOR set `allow-picked-versions = true`.",
    );
    expect(error.hint).toBe("It is required by my-app 1.0.");
    expect(error.while).toEqual(["Getting distribution for 'my.lib>=1'."]);
    expect(() => installed()).toThrow();
    await install(["my-app"]);
    const again = await failure(["my-app==1.0"], { allowPicked: false, newest: false });
    expect(again.hint).toBe("It is required by my-app 1.0.");
  });

  test("of several unpinned versions, the error names the one that zc.buildout finds first", async () => {
    const folder = scratch();
    const wheel = (name: string, ...needs: string[]) =>
      writeWheel(folder, name, "1.0", { metadata: needs.map((need) => `Requires-Dist: ${need}`) });
    const index = await indexOf(
      wheel("one", "below-one>=0.5"),
      wheel("two", "below-two"),
      wheel("below-one"),
      wheel("below-two"),
    );
    const { failure } = workspace(index.url);
    const versions = { one: "1.0", two: "1.0" };
    const first = async (pins: Record<string, string>) => {
      const error = await failure(["one", "two"], { allowPicked: false, versions: pins });
      return [error.message.split("\n")[0], error.while?.[0]];
    };
    expect(await first({})).toEqual(["Picked: one = 1.0", "Getting distribution for 'one'."]);
    expect(await first(versions)).toEqual([
      "Picked: below-two = 1.0",
      "Getting distribution for 'below-two'.",
    ]);
    expect(await first({ ...versions, "below-two": "1.0" })).toEqual([
      "Picked: below-one = 1.0",
      "Getting distribution for 'below-one>=0.5'.",
    ]);
  });

  test("a pin that a requirement excludes names both sides", async () => {
    const folder = scratch();
    const index = await indexOf(
      writeWheel(folder, "top", "1.0", { metadata: ["Requires-Dist: base>=2"] }),
      writeWheel(folder, "base", "1.0"),
      writeWheel(folder, "base", "2.0"),
    );
    const { failure, install } = workspace(index.url);
    const versions = { base: "1.0" };
    const locatePin = () => ({ file: "/x/versions.cfg", line: 7 });
    const direct = await failure(["base>=2"], { versions, locatePin });
    expect(direct.message).toBe(
      "The requirement ('base>=2') is not allowed by your [versions] constraint (1.0)",
    );
    expect(direct.hint).toBe("demo requires base>=2.");
    expect(direct.location).toEqual({ file: "/x/versions.cfg", line: 7 });
    const needed = await failure(["top"], { versions, locatePin });
    expect(needed.message).toBe(direct.message);
    expect(needed.hint).toBe("top 1.0 requires base>=2.");
    await install(["top"]);
    const offline = await failure(["top"], { versions: { ...versions, top: "1.0" }, locatePin });
    expect(offline.hint).toBe("top 1.0 requires base>=2.");
  });

  test("requirements that exclude each other are reported with their packages", async () => {
    const folder = scratch();
    const index = await indexOf(
      writeWheel(folder, "left", "1.0", { metadata: ["Requires-Dist: base<2"] }),
      writeWheel(folder, "right", "1.0", { metadata: ["Requires-Dist: base>=2"] }),
      writeWheel(folder, "base", "1.0"),
      writeWheel(folder, "base", "2.0"),
    );
    const { failure } = workspace(index.url);
    const { message, code } = await failure(["left", "right"]);
    expect(code).toBe("version-conflict");
    expect(message).toMatch(/left 1\.0 requires base<2/);
    expect(message).toMatch(/right 1\.0 requires base>=2/);
  });

  test("a pin that a requirement excludes is reported if there is no other version", async () => {
    const folder = scratch();
    writeWheel(folder, "top", "1.0", { metadata: ["Requires-Dist: base>=2"] });
    writeWheel(folder, "other", "1.0", { metadata: ["Requires-Dist: base[x]>=2"] });
    writeWheel(folder, "base", "1.0");
    const request = { versions: { base: "1.0" }, findLinks: [folder] };
    for (const [name, wanted] of [
      ["top", "base>=2"],
      ["other", "base[x]>=2"],
    ]) {
      expect((await workspace(folder).failure([name!], request)).message).toBe(
        `The requirement ('${wanted}') is not allowed by your [versions] constraint (1.0)`,
      );
    }
  });

  test("a pinned version that does not exist is reported with the existing ones", async () => {
    const index = await family();
    const { failure } = workspace(index.url);
    const pinned = await failure(["my-lib"], { versions: { "my-lib": "7.0" } });
    expect(pinned.code).toBe("version-not-found");
    expect(pinned.hint).toContain("Available versions: ");
    expect(pinned.hint).toContain("1.1");
    const needed = await failure(["my-app"], { versions: { "my-lib": "7.0" } });
    expect(needed.code).toBe("version-not-found");
    expect(needed.hint).toMatch(/^my-app 1\.0 requires it\. Available versions: .*1\.1/);
  });
});

describe("versions that only pre-releases or nothing meets", () => {
  test("a range takes a pre-release if no final version is in it", async () => {
    const folder = scratch();
    writeWheel(folder, "onlydev", "2.0.dev1");
    writeWheel(folder, "both", "1.0");
    writeWheel(folder, "both", "2.0a1");
    writeWheel(folder, "both", "2.0a2");
    writeWheel(folder, "needsdev", "1.0", { metadata: ["Requires-Dist: onlydev"] });
    writeWheel(folder, "needsboth", "1.0", { metadata: ["Requires-Dist: both>=1.5"] });
    const cases: [string[], Record<string, string>, string[]][] = [
      [["needsdev"], { onlydev: ">=1.0" }, ["needsdev 1.0", "onlydev 2.0.dev1"]],
      [["onlydev>=1.0"], {}, ["onlydev 2.0.dev1"]],
      [["onlydev"], { onlydev: ">=1.0" }, ["onlydev 2.0.dev1"]],
      [["both", "onlydev<3"], {}, ["both 1.0", "onlydev 2.0.dev1"]],
      [["needsboth"], { both: "<2.0a2" }, ["needsboth 1.0", "both 2.0a1"]],
    ];
    for (const [requirements, versions, expected] of cases) {
      const { install } = workspace(folder);
      expect(await install(requirements, { versions, findLinks: [folder] })).toEqual(expected);
    }
  });

  test("a package that exists nowhere is not found, whatever its pin: never a conflict", async () => {
    const folder = scratch();
    writeWheel(folder, "final", "1.0");
    writeWheel(folder, "needs", "1.0", { metadata: ["Requires-Dist: nothere"] });
    const cases: [string, Record<string, string>, string, string][] = [
      ["nothere", { nothere: "1.0" }, "nothere==1.0", "demo"],
      ["nothere", { nothere: "<0.17" }, "nothere<0.17", "demo"],
      ["nothere", {}, "nothere", "demo"],
      ["final", { final: "<0.17" }, "final<0.17", "demo"],
      ["needs", { nothere: "1.0" }, "nothere==1.0", "needs 1.0"],
    ];
    for (const [requirement, versions, missing, requirer] of cases) {
      const { message, hint } = await workspace(folder).failure([requirement], {
        versions,
        findLinks: [folder],
      });
      expect(message).toBe(`Couldn't find a distribution for '${missing}'.`);
      expect(hint).toMatch(new RegExp(`^${requirer} requires it\\..* Searched ${folder}\\.$`));
    }
  });
});

describe("bad input", () => {
  test("a package that is not found names the nearest one of the index", async () => {
    const index = await family();
    const { failure } = workspace(index.url);
    const error = await failure(["my-appp"]);
    expect(error.code).toBe("package-not-found");
    expect(error.message).toBe("Couldn't find a distribution for 'my-appp'.");
    expect(error.hint).toBe(`demo requires it. Did you mean 'my-app'? Searched ${index.url}.`);
  });

  test("the user's own pip settings apply if the buildout names no index", async () => {
    const index = await family();
    vi.stubEnv("PIP_INDEX_URL", index.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { install, failure } = workspace(undefined);
    expect(await install(["nicer"])).toEqual(["nicer 1.0"]);
    expect((await failure(["nicerr"])).hint).toBe(
      `demo requires it. Did you mean 'nicer'? Searched ${index.url}.`,
    );
    const other = await indexOf(writeWheel(scratch(), "nicer", "0.5"));
    expect(await workspace(other.url).install(["nicer"])).toEqual(["nicer 0.5"]);
  });

  test("the user's own pip settings apply to the builds of sdists from find-links", async () => {
    const backend =
      "import zipfile\n" +
      "def build_wheel(folder, config_settings=None, metadata_directory=None):\n" +
      "    name = 'built-1.0-py3-none-any.whl'\n" +
      "    with zipfile.ZipFile(folder + '/' + name, 'w') as file:\n" +
      "        info = 'built-1.0.dist-info/'\n" +
      "        file.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: built\\nVersion: 1.0\\n')\n" +
      "        file.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n" +
      "        file.writestr(info + 'RECORD', '')\n" +
      "    return name\n";
    const index = await indexOf(
      writeWheel(scratch(), "tinybackend", "1.0", { files: { "tinybackend.py": backend } }),
    );
    const links = scratch();
    const project =
      '[build-system]\nrequires = ["tinybackend"]\nbuild-backend = "tinybackend"\n' +
      '[project]\nname = "built"\nversion = "1.0"\n';
    const head = "Metadata-Version: 2.1\nName: built\nVersion: 1.0\n";
    writeArchive(path.join(links, "built-1.0.tar.gz"), [
      { name: "built-1.0/pyproject.toml", data: project },
      { name: "built-1.0/PKG-INFO", data: head },
    ]);
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv("PIP_INDEX_URL", index.url);
    expect(await workspace(undefined).install(["built"], { findLinks: [links] })).toEqual([
      "built 1.0",
    ]);
    // The same from a file of settings.
    vi.stubEnv("PIP_INDEX_URL", undefined);
    const settings = path.join(scratch(), "pip.conf");
    writeFileSync(settings, `[global]\nindex-url = ${index.url}\n`);
    vi.stubEnv("PIP_CONFIG_FILE", settings);
    expect(await workspace(undefined).install(["built"], { findLinks: [links] })).toEqual([
      "built 1.0",
    ]);
  });

  test("an invalid requirement", async () => {
    const { failure } = workspace("http://127.0.0.1:9/simple/");
    expect((await failure(["what is this"])).code).toBe("invalid-requirement");
    expect((await failure(["# why"])).hint).toBe("A comment must start in the first column.");
  });

  test("a package without a file for this Python and platform is not reported as unknown", async () => {
    const index = await indexOf(
      writeWheel(scratch(), "far", "1.0", { tag: "cp20-cp20-amiga_m68k" }),
    );
    const error = await workspace(index.url).failure(["far"]);
    expect(error.code).toBe("package-not-found");
    expect(error.hint).toMatch(
      /^demo requires it\. The index has it, but no file for Python 3\.\d+ on \S+\. Searched /,
    );
  });

  test("an index that refuses the login is reported as that", async () => {
    const extra = [writeWheel(scratch(), "good", "1.0")];
    const login = { user: "joe", password: "s3cret" };
    const index = await startPackageIndex({ only: [], extra, login });
    onTestFinished(() => index.close());
    const wrong = index.url.replace("//", "//joe:wr0ng@");
    const error = await workspace(wrong).failure(["good"]);
    expect(error.code).toBe("index-refused");
    expect(error.message).toBe(
      `Couldn't install 'good': ${new URL(index.url).host} refused the request.`,
    );
    expect(`${error.hint}${error.output}`).not.toContain("wr0ng");
  });

  test("damaged files are reported in one line, without pip's own stack", async () => {
    const folder = scratch();
    writeFileSync(path.join(folder, "torn-1.0.tar.gz"), "half of it");
    writeFileSync(path.join(folder, "worn-1.0-py3-none-any.whl"), "half of it");
    for (const name of ["torn", "worn"]) {
      const error = await workspace(undefined).failure([name], {
        findLinks: [folder],
        index: folder,
      });
      expect([error.code, error.output]).toEqual(["archive-damaged", undefined]);
    }
  });

  test("an archive that differs from its checksum in the index is refused", async () => {
    const folder = scratch();
    const index = await indexOf(writeWheel(folder, "good", "1.0"));
    writeWheel(index.folder, "good", "1.0", { files: { "good.py": "evil = True\n" } });
    const { failure, installed } = workspace(index.url);
    const error = await failure(["good"]);
    expect(error.code).toBe("hash-mismatch");
    expect(error.message).toContain("good");
    expect(installed()).toEqual([]);
  });

  test("an archive with paths that lead outside is refused", async () => {
    const folder = scratch();
    const index = await indexOf(
      writeWheel(folder, "sneaky", "1.0", { files: { "../../../sneaked.py": "" } }),
    );
    const { failure, directory, installed } = workspace(index.url);
    const error = await failure(["sneaky"]);
    expect(error.code).toBe("unsafe-archive");
    expect(error.message).toBe(
      "sneaky-1.0-py3-none-any.whl would write outside its own directory: ../../../sneaked.py",
    );
    expect(installed()).toEqual([]);
    expect(readdirSync(directory)).toEqual(["eggs"]);
  });

  test("an eggs directory that cannot be written is reported", async () => {
    const index = await family();
    const { eggs, failure } = workspace(index.url);
    mkdirSync(eggs, { recursive: true });
    chmodSync(eggs, 0o500);
    // Modes have no effect for root.
    if (process.getuid?.() === 0) {
      execaSync("chattr", ["+i", eggs]);
      onTestFinished(() => void execaSync("chattr", ["-i", eggs]));
    }
    const error = await failure(["nicer"]);
    expect([error.code, error.hint]).toEqual([
      "eggs-not-writable",
      "Make it writable, or set 'eggs-directory' in [buildout].",
    ]);
  });

  test("an sdist with paths that lead outside is refused, too", async () => {
    const folder = scratch();
    const code = `import io, sys, tarfile
with tarfile.open(sys.argv[1], "w:gz") as archive:
    for name in "sneaky-1.0/PKG-INFO", "sneaky-1.0/setup.py", "sneaky-1.0/../../../../sneaked.py":
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())
`;
    execaSync(PYTHON, ["-c", code, path.join(folder, "sneaky-1.0.tar.gz")]);
    const { failure, installed } = workspace(undefined);
    const error = await failure(["sneaky"], { findLinks: [folder], index: folder });
    expect(error.code).toBe("unsafe-archive");
    expect(error.message).toBe(
      "sneaky-1.0.tar.gz would write outside its own directory: ../../../../sneaked.py",
    );
    expect(installed()).toEqual([]);
  });

  test("a package for another Python is reported with that version", async () => {
    const folder = scratch();
    const index = await indexOf(
      writeWheel(folder, "future", "1.0", { metadata: ["Requires-Python: >=9"] }),
    );
    const error = await workspace(index.url).failure(["future"]);
    expect(error.code).toBe("wrong-interpreter");
    expect(error.message).toContain("future requires Python >=9");
  });

  test("a missing interpreter is reported with the line that installs one", async () => {
    const { failure } = workspace(undefined);
    const error = await failure(["x"], { executable: "/nowhere/python3" });
    expect(error.code).toBe("interpreter-missing");
    expect(error.message).toContain("/nowhere/python3");
  });

  test("a network that breaks off leaves nothing, and the next run succeeds", async () => {
    const folder = scratch();
    const wheel = writeWheel(folder, "big", "1.0", {
      files: { "big.py": `x = "${"y".repeat(300_000)}"\n` },
    });
    let breaks = true;
    const server = createServer((request, response) => {
      const isPage = request.url?.startsWith("/simple/") === true;
      if (isPage) {
        response.setHeader("Content-Type", "text/html");
        return response.end(`<a href="/${path.basename(wheel)}">${path.basename(wheel)}</a>`);
      }
      const data = readFileSync(wheel);
      response.setHeader("Content-Length", data.length);
      if (!breaks) return response.end(data);
      response.write(data.subarray(0, 1000), () => response.destroy());
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`;
    const { failure, install, installed } = workspace(url);
    const error = await failure(["big"]);
    // Older versions of pip take a closed connection for the end of the file.
    expect(error.code).toMatch(/^(index-unreachable|archive-damaged)$/);
    expect(error.message).toContain("127.0.0.1");
    expect(installed()).toEqual([]);
    breaks = false;
    expect(await install(["big"])).toEqual(["big 1.0"]);
  });

  test("a missing index does not matter if everything is installed", async () => {
    const index = await family();
    const { install, lines } = workspace(index.url);
    await install(["my-app"]);
    await index.close();
    expect(await install(["my-app"])).toEqual(["my-app 1.0", "My.Lib 1.1"]);
    expect(lines.at(-1)).toMatch(/127\.0\.0\.1:\d+ cannot be reached.*Using what is installed\./);
    const none = await indexOf();
    expect(await install(["my-app"], { index: none.url })).toHaveLength(2);
  });

  test("an interpreter that is not one", async () => {
    const error = await workspace(undefined).failure(["x"], { executable: "/bin/false" });
    expect(error.code).toBe("interpreter-broken");
    expect(error.message).toContain("/bin/false");
  });

  test("a host that is not allowed is never asked", async () => {
    const index = await family();
    const { failure } = workspace(index.url);
    const error = await failure(["my-app"], { allowHosts: ["*.example.org"] });
    expect(error.code).toBe("host-not-allowed");
    expect(error.message).toContain("127.0.0.1");
    expect(index.requests).toEqual([]);
  });

  test("an archive on a host that is not allowed names host and package", async () => {
    const folder = scratch();
    const wheel = writeWheel(folder, "far", "1.0");
    const server = createServer((request, response) => {
      if (request.url?.startsWith("/simple/far") !== true) return response.end(readFileSync(wheel));
      const { port } = server.address() as AddressInfo;
      response.setHeader("Content-Type", "text/html");
      response.end(
        `<a href="http://localhost:${port}/f/${path.basename(wheel)}">${path.basename(wheel)}</a>`,
      );
    });
    await new Promise<void>((listening) => server.listen(0, listening));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`;
    const { failure, install } = workspace(url);
    const error = await failure(["far"], { allowHosts: ["127.0.0.1"] });
    expect(error.message).toMatch(/^far 1\.0 .*localhost/);
    expect(await install(["far"], { allowHosts: ["127.0.0.1", "localhost"] })).toEqual(["far 1.0"]);
  });

  test("offline installs nothing, in zc.buildout's words", async () => {
    const index = await family();
    const { failure, install } = workspace(index.url);
    const offline = { offline: true, newest: false };
    const error = await failure(["my-app"], offline);
    expect(error.message).toBe(
      "We don't have a distribution for my-app\nand can't install one in offline (no-install) mode.\n",
    );
    expect(error.while).toEqual(["Getting distribution for 'my-app'."]);
    await install(["my-app"]);
    expect(await install(["my-app"], offline)).toHaveLength(2);
    expect(index.requests.length).toBeGreaterThan(0);
  });

  test("an extra that does not exist", async () => {
    const index = await family();
    const { failure, install, lines } = workspace(index.url);
    const error = await failure(["my-app[nicest]"]);
    expect(error.code).toBe("unknown-extra");
    expect(lines).toContain("my-app 1.0 does not provide the extra 'nicest'");
    const options = { allowUnknownExtras: true, newest: false };
    expect(await install(["my-app[nicest]"], options)).toEqual(["my-app 1.0", "My.Lib 1.1"]);
  });

  test("the password of an index is nowhere to be read", async () => {
    const folder = scratch();
    const { startPackageIndex } = await import("../../../support/index-server.ts");
    const login = { user: "me", password: "s3cret" };
    const index = await startPackageIndex({
      only: [],
      extra: [writeWheel(folder, "closed", "1.0")],
      login,
    });
    onTestFinished(() => index.close());
    const url = index.url.replace("//", "//me:s3cret@");
    const debug: string[] = [];
    const note = (line: string) => void debug.push(line);
    const { failure, install, eggs } = workspace(url);
    const report = saidTo(note, LEVELS.DEBUG);
    const error = await failure(["nothing"], { report });
    expect(`${error.message}${error.hint}${error.output}`).not.toContain("s3cret");
    expect(await install(["closed"], { report })).toEqual(["closed 1.0"]);
    expect(debug.join("\n")).not.toContain("s3cret");
    expect(execaSync("grep", ["-r", "s3cret", eggs], { reject: false }).exitCode).toBe(1);
  });
});

describe("several runs", () => {
  test("share an eggs directory without tripping over each other", async () => {
    const index = await family();
    const directory = scratch();
    const runs = [1, 2, 3].map(() => workspace(index.url, directory).install(["my-app[nice]"]));
    for (const found of await Promise.all(runs)) expect(found).toHaveLength(3);
    expect(readdirSync(path.join(directory, "eggs", "v5")).sort()).toHaveLength(3);
  });

  test("of a dead process leave a lock and an incomplete installation, which are removed", async () => {
    const index = await family();
    const { install, eggs, installed } = workspace(index.url);
    mkdirSync(path.join(eggs, ".installing-dead"), { recursive: true });
    const dead = { id: "x", host: hostname(), pid: 4_000_000, started: "1" };
    writeFileSync(path.join(eggs, ".buildout-lock"), JSON.stringify(dead));
    expect(await install(["nicer"])).toEqual(["nicer 1.0"]);
    expect(installed()).toEqual([egg("nicer", "1.0")]);
  });

  test("wait for a running process, and report that once", async () => {
    const index = await family();
    const { install, eggs, lines } = workspace(index.url);
    mkdirSync(eggs, { recursive: true });
    const lock = path.join(eggs, ".buildout-lock");
    const alive = { id: "x", host: hostname(), pid: process.ppid, started: "" };
    writeFileSync(lock, JSON.stringify(alive));
    const installing = install(["nicer"]);
    await vi.waitFor(
      () => expect(lines.some((line) => line.startsWith("Waiting"))).toBe(true),
      120_000,
    );
    rmSync(lock);
    expect(await installing).toEqual(["nicer 1.0"]);
    expect(lines.filter((line) => line.startsWith("Waiting"))).toEqual([
      `Waiting for another buildout (process ${process.ppid}) that installs into ${eggs}.`,
    ]);
  });
});

describe("installers", () => {
  test("an interpreter without pip is served by another one's", async () => {
    const index = await family();
    const folder = scratch();
    const bare = path.join(folder, "bare");
    execaSync(PYTHON, ["-m", "venv", "--without-pip", bare]);
    const { install } = workspace(index.url);
    const executable = path.join(bare, "bin", "python");
    expect(await install(["nicer"], { executable })).toEqual(["nicer 1.0"]);
  });

  test("uv is used if it is on the PATH", async () => {
    const index = await family();
    const commands = standInUv();
    const { install, failure, installed } = workspace(index.url);
    const versions = { "my-lib": "1.0" };
    expect(await install(["my-app"], { installer: "auto", versions })).toEqual([
      "my-app 1.0",
      "My.Lib 1.0",
    ]);
    expect(await install(["my-app", "nicer"], { installer: "uv" })).toEqual([
      "my-app 1.0",
      "nicer 1.0",
      "My.Lib 1.1",
    ]);
    expect(installed()).toHaveLength(4);
    expect(commands()).toEqual(["install", "compile", "install"]);
    expect((await failure(["nobody"], { installer: "uv" })).code).toBe("package-not-found");
    expect(await workspace(index.url).install(["nicer"], { installer: "pip" })).toEqual([
      "nicer 1.0",
    ]);
    expect(commands()).toHaveLength(4);
  });

  test("a pin that is not a version costs no run, and is reported if it is needed", async () => {
    const index = await family();
    const commands = standInUv();
    const { install } = workspace(index.url);
    expect(await install(["my-app"], { installer: "uv", versions: { nicer: "bar baz" } })).toEqual([
      "my-app 1.0",
      "My.Lib 1.1",
    ]);
    expect(commands()).toEqual(["install"]);
    const { failure, eggs } = workspace(index.url);
    const pins = { installer: "uv", versions: { "my-lib": "bar baz" } } as const;
    const { message } = await failure(["my-app"], pins);
    expect(message).toBe("The pin 'bar baz' of My.Lib is not a version.");
    expect(existsSync(eggs) ? readdirSync(eggs) : []).toEqual([]);
    expect(commands()).toEqual(["install", "install"]);
  });

  test("a pin that is not a version is reported if the newest one cannot be built", async () => {
    const folder = scratch();
    const backend = `
import os
def prepare_metadata_for_build_wheel(folder, config_settings=None):
    os.mkdir(os.path.join(folder, "hard-1.0.dist-info"))
    with open(os.path.join(folder, "hard-1.0.dist-info", "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: hard\\nVersion: 1.0\\n")
    return "hard-1.0.dist-info"
def build_wheel(*args, **kw):
    raise SystemExit("the gears are stuck")
`;
    const index = await indexOf(
      sdist(folder, "hard", backend),
      writeWheel(folder, "soft", "1.0", { metadata: ["Requires-Dist: hard"] }),
    );
    const { message } = await workspace(index.url).failure(["soft"], {
      versions: { hard: "1.0-2015-a5c9" },
    });
    expect(message).toBe("The pin '1.0-2015-a5c9' of hard is not a version.");
  });

  test("uv that is asked for and missing is an error", async () => {
    vi.stubEnv("PATH", "/nowhere");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await workspace(undefined).failure(["x"], { installer: "uv" })).code).toBe(
      "uv-missing",
    );
  });
});

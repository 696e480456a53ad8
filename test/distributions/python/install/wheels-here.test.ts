import { basename } from "node:path";
import { expect, test } from "vitest";
import { likelyWheels } from "../../../../src/distributions/python/install/wheels-here.ts";
import { readInterpreter } from "../../../../src/distributions/python/interpreter.ts";
import { Pins } from "../../../../src/distributions/python/pins.ts";
import { searchPlaces } from "../../../../src/distributions/python/search.ts";
import type { EngineEvent } from "../../../../src/events/engine.ts";
import { indexOf, PYTHON, workspace } from "../../../support/python-workspace.ts";
import { scratch } from "../../../support/scratch.ts";
import { writeWheel } from "../../../support/wheel.ts";

/** app 1.0 needs lib. */
function links(): string {
  const folder = scratch();
  writeWheel(folder, "my.app", "1.0", { metadata: ["Requires-Dist: lib"] });
  writeWheel(folder, "lib", "1.0");
  writeWheel(folder, "lib", "2.0", { metadata: ["Requires-Python: >=4"] });
  writeWheel(folder, "lib", "1.0", { tag: "cp27-cp27m-win32" });
  return folder;
}

/** Installs my.app with these pins from a directory. Returns whether pip was started. */
async function installed(folder: string, versions: Record<string, string>) {
  const nothing = await indexOf();
  const { install, lines } = workspace(nothing.url);
  let asked = false;
  const report = (event: EngineEvent) => {
    if (event.type === "output" && event.program === "pip") asked = true;
    if (event.type === "distribution-got") lines.push(`Got ${event.name} ${event.version}`);
  };
  const found = await install(["my.app"], { versions, findLinks: [folder], report });
  return { found, asked, got: lines };
}

const PINS = { "my-app": "1.0", lib: "1.0" };

test("pinned wheels of a directory are installed without pip", async () => {
  const { found, asked, got } = await installed(links(), PINS);
  expect(found).toEqual(["my.app 1.0", "lib 1.0"]);
  expect(got).toEqual(["Got my.app 1.0", "Got lib 1.0"]);
  expect(asked).toBe(false);
});

test.each<[string, Record<string, string>, (folder: string) => void]>([
  ["not all is pinned", { "my-app": "1.0" }, () => {}],
  ["a pin leaves a choice", { ...PINS, lib: "1.*" }, () => {}],
  [
    "two wheels would do",
    PINS,
    (folder) => writeWheel(folder, "lib", "1.0", { tag: "py2.py3-none-any" }),
  ],
  [
    "a namespace may need setuptools",
    PINS,
    (folder) =>
      writeWheel(folder, "lib", "1.0", {
        files: { "lib-1.0.dist-info/namespace_packages.txt": "lib\n", "lib/__init__.py": "" },
      }),
  ],
])("pip is asked where %s", async (_why, versions, change) => {
  const folder = links();
  change(folder);
  const { found, asked } = await installed(folder, versions);
  expect(found).toEqual(["my.app 1.0", "lib 1.0"]);
  expect(asked).toBe(true);
});

/** The likely wheels for requirements, with lib 1.5 and 2.0 there. */
function likely(requirements: string[], versions: Record<string, string>, there: string[] = []) {
  const folder = scratch();
  writeWheel(folder, "my.app", "1.0", { metadata: ["Requires-Dist: lib[more]<2"] });
  for (const version of ["1.5", "2.0"]) {
    const metadata = ["Requires-Dist: my-app", "Requires-Dist: extra; extra == 'more'"];
    writeWheel(folder, "lib", version, { metadata });
  }
  for (const tag of ["py3-none-any", "cp27-cp27m-win32"])
    writeWheel(folder, "extra", "1.0", { tag });
  writeWheel(folder, "other", "1.0");
  const request = workspace(undefined).request({ requirements, findLinks: [folder] });
  const pins = new Pins({
    ...{ versions: new Map(Object.entries(versions)), locate: () => undefined, asker: "demo" },
  });
  const interpreter = readInterpreter(PYTHON, "/");
  const situation = { request, interpreter, pins, provided: new Set<string>() };
  const wheels = likelyWheels(situation, (key) => there.includes(key), searchPlaces(request));
  return [...wheels].map((file) => basename(file).split("-").slice(0, 2).join(" "));
}

test("likely wheels are the newest ones that requirements and pins allow", () => {
  expect(likely(["my-app"], {})).toEqual(["my_app 1.0", "lib 1.5", "extra 1.0"]);
  expect(likely(["lib"], {})).toEqual(["lib 2.0", "my_app 1.0"]);
  expect(likely(["lib"], { lib: "1.5" })).toEqual(["lib 1.5", "my_app 1.0"]);
  expect(likely(["lib; python_version < '3'", "nothing", "other"], {})).toEqual(["other 1.0"]);
  expect(likely(["my-app"], {}, ["lib"])).toEqual(["my_app 1.0"]);
});

test("the installer decides, not what was likely", async () => {
  const folder = links();
  const index = await indexOf(writeWheel(scratch(), "my.app", "2.0"));
  const { install, installed } = workspace(index.url);
  expect(await install(["my.app"], { findLinks: [folder] })).toEqual(["my.app 2.0"]);
  expect(installed().filter((name) => name.endsWith(".egg"))).toHaveLength(1);
});

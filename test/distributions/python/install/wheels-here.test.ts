import { expect, test } from "vitest";
import type { EngineEvent } from "../../../../src/events/engine.ts";
import { indexOf, workspace } from "../../../support/python-workspace.ts";
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

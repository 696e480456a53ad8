/** What is installed, and in which order it is reported. */
import { expect, test } from "vitest";
import { startPackageIndex } from "../../../support/index-server.ts";
import { workspace } from "../../../support/python-workspace.ts";
import { scratch } from "../../../support/scratch.ts";
import { writeWheel } from "../../../support/wheel.ts";

const needs = (...names: string[]) => ({ metadata: names.map((name) => `Requires-Dist: ${name}`) });

test("distributions of a directory are reported when they are needed, with what requires them", async () => {
  const links = scratch();
  writeWheel(links, "zz-app", "1.0", needs("mm >=1", "bb"));
  writeWheel(links, "other", "1.0", needs("aa"));
  writeWheel(links, "mm", "1.5", needs("cc<3"));
  for (const name of ["aa", "bb", "cc"]) writeWheel(links, name, "2.0");
  const { install, lines } = workspace("");
  await install(["zz-app", "other"], { findLinks: [links], versions: { bb: "2.0" } });
  expect(lines.filter((line) => /^(Getting|Got) /.test(line))).toEqual([
    "Getting distribution for 'zz-app'.",
    "Got zz-app 1.0.",
    "Getting distribution for 'other'.",
    "Got other 1.0.",
    "Getting distribution for 'aa'.",
    "Got aa 2.0.",
    "Getting distribution for 'bb==2.0'.",
    "Got bb 2.0.",
    "Getting distribution for 'mm>=1'.",
    "Got mm 1.5.",
    "Getting distribution for 'cc<3'.",
    "Got cc 2.0.",
  ]);
});

test("a yanked version is installed only if a pin or a requirement names it", async () => {
  const folder = scratch();
  const extra = ["1.0", "1.1"].map((version) => writeWheel(folder, "lib", version));
  const index = await startPackageIndex({ only: [], extra, yanked: ["lib-1.1-py3-none-any.whl"] });
  try {
    expect(await workspace(index.url).install(["lib"])).toEqual(["lib 1.0"]);
    expect(await workspace(index.url).install(["lib>=1"])).toEqual(["lib 1.0"]);
    expect(await workspace(index.url).install(["lib==1.1"])).toEqual(["lib 1.1"]);
    const versions = { lib: "1.1" };
    expect(await workspace(index.url).install(["lib"], { versions })).toEqual(["lib 1.1"]);
  } finally {
    await index.close();
  }
});

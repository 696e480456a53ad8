import { expect, test } from "vitest";
import debug from "../../../recipes/debug/index.ts";
import { project } from "../../support/engine-project.ts";

const CONFIGURATION = `[buildout]
parts = x
[x]
recipe = zc.buildout:debug
second = it's
first =
    one
    two
`;

test("options are printed as zc.buildout's own debug recipe prints them, each time", async () => {
  const p = project({ "buildout.cfg": CONFIGURATION }, { "zc.buildout:debug": debug });
  const options = `  first='one\\ntwo'\n  recipe='zc.buildout:debug'\n  second="it's"\n`;
  expect((await p.run()).text).toBe(`Installing x.\n${options}`);
  expect((await p.run()).text).toBe(`Updating x.\n${options}`);
  expect(p.read(".installed.cfg")).toContain("__buildout_installed__ = \n");
});

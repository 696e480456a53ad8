import { describe, expect, test } from "vitest";
import { project } from "../../support/engine-project.ts";

const cfg = (recipe: string, pin: string) =>
  `[buildout]\nparts = a\n[versions]\nfolders = ${pin}\n[a]\nrecipe = ${recipe}\n`;

describe("a version that recipe = asks of a native recipe", () => {
  test.each([
    ["folders >=2", ">=2.0.6"],
    ["folders >1.0,<1.0.1", ""],
    ["folders ~=1.4, !=1.4", "<2"],
    ["folders ==1.*", "1.5"],
    ["folders <2", "1.9.dev0"],
    ["folders[extra] ===any", ">1"],
  ])("%s agrees with the pin '%s'", async (recipe, pin) => {
    const { error } = await project({ "buildout.cfg": cfg(recipe, pin) }).run();
    expect(error).toBeUndefined();
  });

  test.each([
    ["folders <2dev", ">=2.0.6", "folders<2dev,>=2.0.6"],
    ["folders >1,<1", "", "folders<1,>1"],
    ["folders ==1.*", ">=2", "folders==1.*,>=2"],
  ])("%s is an error with the pin '%s'", async (recipe, pin, wanted) => {
    const { text } = await project({ "buildout.cfg": cfg(recipe, pin) }).run();
    expect(text).toMatch(/^Getting distribution for '/);
    expect(text).toContain(
      `  Initializing section a.\n  Installing recipe ${recipe}.\n` +
        `  Getting distribution for '${wanted}'.\n` +
        `Error: Couldn't find a distribution for '${wanted}'.\n  at buildout.cfg:6\n`,
    );
  });

  test("that its pin contradicts is the conflict that zc.buildout reports", async () => {
    const { text } = await project({ "buildout.cfg": cfg("folders <2", "2.1") }).run();
    expect(text).toContain(
      "Error: The requirement ('folders<2') is not allowed by your [versions] constraint (2.1)\n",
    );
  });
});

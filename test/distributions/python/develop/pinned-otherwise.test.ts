import { expect, test } from "vitest";
import { pythonProject } from "../../../support/bridge-project.ts";

test("a pin that rules a develop package out is an error, as egg and as recipe", async () => {
  const p = pythonProject(
    ["folders"],
    "parts = egg\n[versions]\ndemo.recipe.folders = 2.0\n" +
      "[egg]\nrecipe = zc.recipe.egg\neggs = demo.recipe.folders\n[own]\nrecipe = demo.recipe.folders\n",
  );
  for (const part of ["egg", "own"]) {
    const { status, err } = await p.buildout(`buildout:parts=${part}`);
    expect(status).toBe(1);
    expect(err).toContain(
      "Error: Couldn't find a distribution for 'demo.recipe.folders==2.0'.\n  at buildout.cfg:",
    );
    expect(err).toContain(
      "demo.recipe.folders 1.0 is developed in /p/src/folders, but the pin excludes",
    );
  }
  expect((await p.buildout("buildout:parts=own", "versions:demo.recipe.folders=1.0")).status).toBe(
    0,
  );
});

test.each([
  ["2.*", "Error: Couldn't find a distribution for 'demo.recipe.folders==2.*'."],
  [
    "2.0-20150416-a5c944",
    "Error: The pin '2.0-20150416-a5c944' of demo.recipe.folders is not a version.",
  ],
  ["1.*", undefined],
])(
  "so does the pin %s, for a version that begins otherwise or cannot be read",
  async (pin, error) => {
    const p = pythonProject(
      ["folders"],
      `parts = own\n[versions]\ndemo.recipe.folders = ${pin}\n[own]\nrecipe = demo.recipe.folders\n`,
    );
    const { status, err } = await p.buildout();
    if (error === undefined) expect(err).toBe("");
    else expect(err).toContain(error);
    expect(status).toBe(error === undefined ? 0 : 1);
  },
);

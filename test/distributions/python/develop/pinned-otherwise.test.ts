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
      "demo.recipe.folders 1.0 is developed in /p/src/folders, but the pin rules",
    );
  }
  expect((await p.buildout("buildout:parts=own", "versions:demo.recipe.folders=1.0")).status).toBe(
    0,
  );
});

import { userInfo } from "node:os";
import { afterAll, expect, test } from "vitest";
import template from "../../../recipes/template/index.ts";
import { project } from "../../support/engine-project.ts";

process.env.HOSTOUT_TEST_SECRET = "sesame ${not:substituted}";
afterAll(() => {
  delete process.env.HOSTOUT_TEST_SECRET;
});

test("has the environment as options, and remembers nothing of it", async () => {
  const { default: recipe } = await import("../../../recipes/environment/index.ts");
  const made = project(
    {
      "buildout.cfg": `[buildout]
parts = env text
[env]
recipe = gocept.recipe.env
[text]
recipe = collective.recipe.template
output = out
input = in
`,
      in: "${env:HOSTOUT_TEST_SECRET} ${env:UID} ${env:GID}",
    },
    { "gocept.recipe.env": recipe, "collective.recipe.template": template },
  );
  expect((await made.run()).text).toBe("Installing env.\nInstalling text.\n");
  const { uid, gid } = userInfo();
  expect(made.read("out")).toBe(`sesame \${not:substituted} ${uid} ${gid}`);
  expect(made.read(".installed.cfg")).not.toContain("sesame");
  // Another environment is another input.
  let settled: unknown = "unknown";
  await made.run({
    onSettled(paths) {
      settled = paths;
    },
  });
  expect(settled).toBe("unknown");
  process.env.HOSTOUT_TEST_SECRET = "open";
  expect((await made.run()).text).toBe("Updating env.\nUpdating text.\n");
  expect(made.read("out")).toBe(`open ${uid} ${gid}`);
  const missing = await made.run({ assignments: ["text:x=${env:HOSTOUT_TEST_GONE}"] });
  expect(missing.error).toMatchObject({ code: "missing-option" });
});

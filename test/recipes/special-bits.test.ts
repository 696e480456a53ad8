import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { nativeRecipes } from "../../recipes/index.ts";
import { type Member, writeArchive } from "../support/archives.ts";
import { project } from "../support/engine-project.ts";

const SEE = "cp -a tool box ${buildout:directory}/seen/";
const BUILD = "make-binary = true\n";

/** A recipe that unpacks an archive, its options, and the resulting directory. */
const RECIPES: readonly [recipe: string, options: string, folder: string][] = [
  ["hexagonit.recipe.download", "", "parts/x"],
  ["hexagonit.recipe.cmmi", `${BUILD}configure-command = ${SEE}\n`, "seen"],
  ["zc.recipe.cmmi", `configure-command = ${SEE} && sh configure #\n`, "seen"],
  ["gp.recipe.node", "", "parts/buildout-node"],
];

const MEMBERS: readonly Member[] = [
  { name: "box/", mode: 0o3755 },
  { name: "box/inside", data: "x" },
  { name: "tool", data: "x", mode: 0o6755 },
  { name: "configure", data: "printf 'all install:\\n\\ttrue\\n' > Makefile\n", mode: 0o755 },
  { name: "bin/node", data: `#!/bin/sh\nexec '${process.execPath}' "$@"\n`, mode: 0o755 },
  { name: "bin/npm", data: "#!/bin/sh\n", mode: 0o755 },
];

const cases = RECIPES.flatMap(([...one]) => ["tar.gz", "zip"].map((form) => [...one, form]));

test.each(cases)("%s drops setuid, setgid and sticky bits (%4$s)", async (...words) => {
  const [recipe, options, folder, form] = words as [string, string, string, string];
  const { default: definition } = await nativeRecipes.get(recipe)!();
  const url = `url = \${buildout:directory}/files.${form}\n`;
  const cfg = `[buildout]\nparts = x\n[x]\nrecipe = ${recipe}\n${url}${options}`;
  const p = project({ "buildout.cfg": cfg, "seen/.keep": "" }, { [recipe]: definition });
  writeArchive(p.path(`files.${form}`), MEMBERS);
  expect((await p.run()).error).toBeUndefined();
  for (const name of ["box", "tool"]) {
    expect(statSync(p.path(`${folder}/${name}`)).mode & 0o7777, name).toBe(0o755);
  }
});

import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { project, root } from "../../support/command-project.ts";
import { PYTHON } from "../../support/python-workspace.ts";

/** Replaces the kept code of a module that only has a docstring with code that prints. */
const PLANT = `import binascii, marshal, sys
with open(sys.argv[1], "rb") as kept:
    head, _, codes = kept.readline(), kept.readline(), marshal.load(kept)
codes["_hostout"] = marshal.dumps(compile("import sys; sys.stdout.write('planted\\\\n')", "x", "exec"))
codes = marshal.dumps(codes)
with open(sys.argv[1], "wb") as kept:
    kept.write(head + b"%d\\n" % binascii.crc32(codes) + codes)
`;

/** The engine of hosts in a directory of its own, and a buildout with a recipe in Python that it has installed. */
function installed() {
  const p = project({
    "buildout.cfg": `[buildout]\nnewest = false\ndevelop = folders\nparts = a\nexecutable = ${PYTHON}\n[a]\nrecipe = demo.recipe.folders\n`,
    "plant.py": PLANT,
  });
  cpSync(join(root, "fixtures/python-recipes/folders"), p.path("folders"), { recursive: true });
  cpSync(join(root, "dist/engine.cjs"), p.path("engine/engine.cjs"));
  const run = () => {
    const result = p.runProgram(p.path("engine/engine.cjs"));
    expect(result).toMatchObject({ status: 0, err: "" });
    return result.out;
  };
  run();
  const folder = p.path("engine/.compiled");
  const [name] = readdirSync(folder).filter((file) => file.startsWith("_hostout.recipes-"));
  const file = join(folder, name!);
  const plant = () =>
    expect(spawnSync(PYTHON, [p.path("plant.py"), file], { encoding: "utf8" }).stderr).toBe("");
  return { ...p, run, folder, file, plant };
}

test("the code of our Python modules is kept between runs", () => {
  const p = installed();
  p.run();
  const kept = readFileSync(p.file);
  p.run();
  expect(readFileSync(p.file).equals(kept)).toBe(true);
  p.plant();
  expect(p.run()).toContain("planted");
  // Beside that of both parts of the engine.
  expect(readdirSync(p.folder).length).toBe(3);
});

test("kept code that is incomplete, damaged or belongs to another program is made anew", () => {
  const p = installed();
  p.run();
  const whole = readFileSync(p.file);
  const damaged = Buffer.from(whole).fill(0, whole.length / 4, whole.length / 2);
  for (const content of [whole.subarray(0, whole.length / 2), damaged]) {
    writeFileSync(p.file, content);
    p.run();
    expect(readFileSync(p.file).length).toBe(whole.length);
  }
  p.plant();
  writeFileSync(p.path("engine/engine.cjs"), `${readFileSync(p.path("engine/engine.cjs"))}\n`);
  expect(p.run()).not.toContain("planted");
});

test.each(["folder", "file"] as const)("what others may write is not taken: the %s", (what) => {
  const p = installed();
  p.plant();
  chmodSync(p[what], 0o777);
  expect(p.run()).not.toContain("planted");
});

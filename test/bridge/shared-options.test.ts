import { expect, test } from "vitest";
import { SharedOptions } from "../../src/bridge/shared-options.ts";
import { Sections } from "../../src/config/resolve/sections.ts";
import { pythonProject } from "../support/bridge-project.ts";
import { ConfigurationFiles } from "../support/configuration-files.ts";
import { PYTHON } from "../support/python-workspace.ts";

async function shared() {
  const workspace = new ConfigurationFiles({
    "buildout.cfg":
      "[buildout]\n[a]\none = 1\ntwo = ${b:two}\n[b]\ntwo = 2\n[secrets]\nx = env:X\n",
  });
  const sections = new Sections(await workspace.load());
  const given: string[] = [];
  const options = new SharedOptions((text) => given.push(text));
  return { options, given, sections };
}

test("a section is sent with the options that are finished, and again when it has changed", async () => {
  const { options, sections } = await shared();
  expect(options.changes()).toBeUndefined();
  const a = await sections.section("a");
  options.share(a);
  options.share(await sections.section("secrets"));
  const one = ["one", "1"];
  expect(options.changes()).toEqual({ a: [one, ["two", "2"]], secrets: [["x", null]] });
  expect(options.changes()).toBeUndefined();
  a.set("three", "3");
  expect(options.changes()).toEqual({ a: [one, ["two", "2"], ["three", "3"]] });
  a.delete("two");
  expect(options.changes()).toEqual({ a: [one, ["three", "3"]] });
});

test("what the worker has set is not sent back, unless something else has changed as well", async () => {
  const { options, sections } = await shared();
  const a = await sections.section("a");
  options.share(a);
  options.changes();
  options.accept({ read: [], set: [["a", "one", "new"]] });
  expect(a.get("one")).toBe("new");
  expect(options.changes()).toBeUndefined();
  a.set("three", "3");
  options.accept({ read: [], set: [["a", "one", "newer"]] });
  expect(options.changes()).toEqual({
    a: [
      ["one", "newer"],
      ["two", "2"],
      ["three", "3"],
    ],
  });
});

test("an option counts as used when the worker has read it, not when it was sent", async () => {
  const { options, given, sections } = await shared();
  const a = await sections.section("a");
  options.share(a);
  options.changes();
  expect(a.unused).toEqual(["one", "two"]);
  options.accept({ read: [["a", "two"]], set: [] });
  expect(a.unused).toEqual(["one"]);
  expect(given).toEqual(["2"]);
});

const READER = `class Recipe:
    def __init__(self, buildout, name, options):
        self.buildout, self.options = buildout, options
        options["seen"] = "start"

    def install(self):
        # The part "late" is initialized here, and changes this one.
        late = self.buildout["late"]
        print(self.options["seen"], self.options.get("none"), late["x"], "x" in late)
        late["x"] = "own"
        print(late["x"], self.buildout["reader"]["seen"], sorted(late))
        return ()

    update = install


class Late:
    def __init__(self, buildout, name, options):
        buildout["reader"]["seen"] = "late"
        options["x"] = "2"

    def install(self):
        return ()
`;

test("recipes see each other's changes at once", async () => {
  const p = pythonProject(
    [],
    `parts = reader\nexecutable = ${PYTHON}\n[reader]\nrecipe = reader\n[late]\nrecipe = reader:late\n`,
  );
  p.write("buildout.cfg", p.read("buildout.cfg").replace("develop = ", "develop = src/reader"));
  p.write(
    "src/reader/setup.py",
    'from setuptools import setup\nsetup(name="reader", version="1", py_modules=["reader"], entry_points={"zc.buildout": ["default = reader:Recipe", "late = reader:Late"]})\n',
  );
  p.write("src/reader/reader.py", READER);
  const { err, out } = await p.buildout();
  expect(err).toBe("");
  expect(out).toContain("late None 2 True\nown late ['recipe', 'x']\n");
});

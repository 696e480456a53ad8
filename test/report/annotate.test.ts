import { expect, it } from "vitest";
import { latest, newestFirst } from "../../src/config/merge/option.ts";
import { ConfigurationFiles } from "../support/configuration-files.ts";

const files = {
  "buildout.cfg": "[buildout]\nextends = d/b.cfg\n[a]\nx += 2\ny =\n  1\n  2\nz -= 0\n",
  "d/b.cfg": "[a]\nx = 1\ny = 0\n",
};

it("shows where each value comes from", async () => {
  expect(await new ConfigurationFiles(files).annotate(["a"])).toBe(`
Annotated sections
==================

[a]
x= 1
2
    d/b.cfg
+=  buildout.cfg
y= 1
2
    buildout.cfg
z=
    IMPLICIT_VALUE
-=  buildout.cfg
`);
});

it("shows each step, newest first, if more is requested", async () => {
  expect(await new ConfigurationFiles(files).annotate(["a"], true)).toBe(
    `
Annotated sections
==================

[a]
x= 1
2

   IN buildout.cfg
   ADD VALUE = 2
   IN d/b.cfg
   SET VALUE = 1

y= 1
2

   IN buildout.cfg
   OVERRIDE VALUE =
      1
      2
   IN d/b.cfg
   SET VALUE = 0

z=

   IN buildout.cfg
   REMOVE VALUE = 0
   IN IMPLICIT_VALUE
   SET VALUE = 

`,
  );
});

it("shows each visit of a file that several extend, in the spelling of the way to it", async () => {
  const workspace = new ConfigurationFiles({
    "buildout.cfg": "[buildout]\nextends = l/l.cfg r.cfg\ndirectory = /\n",
    "l/l.cfg": "[buildout]\nextends = ../b.cfg\n[a]\nx = l\n",
    "r.cfg": "[buildout]\nextends = b.cfg\n",
    "b.cfg": "[a]\nx = b\n",
  });
  const option = (await workspace.load()).annotated.get("a")!.get("x")!;
  const steps = [...newestFirst(option.history)].map(({ operation, value, source }) => {
    return `${operation} ${value} ${source.slice(workspace.folder.length + 1)}`;
  });
  expect(steps).toEqual(["OVERRIDE b b.cfg", "OVERRIDE l l/l.cfg", "SET b l/../b.cfg"]);
  expect(latest(option)).toMatchObject({ source: workspace.path("b.cfg"), line: 2 });
});

it("breaks lines like Python", async () => {
  const workspace = new ConfigurationFiles({
    "buildout.cfg": "[buildout]\n[a]\nx = 1\f2\u20283\n",
  });
  expect(await workspace.annotate(["a"])).toContain("x= 1\n2\n3\n    buildout.cfg\n");
});

it("sorts by code point", async () => {
  const workspace = new ConfigurationFiles({
    "buildout.cfg": "[buildout]\n[a]\n\u{1f600}=1\n\uffee=2\nB=3\n",
  });
  const lines = (await workspace.annotate(["a"])).split("\n").filter((line) => line.includes("= "));
  expect(lines).toEqual(["B= 3", "\uffee= 2", "\u{1f600}= 1"]);
});

import { expect, it } from "vitest";
import { ConfigurationFiles, raw, resolved } from "../../support/configuration-files.ts";

async function merged(base: string, derived: string): Promise<Record<string, string>> {
  const files = { "b.cfg": base, "buildout.cfg": `[buildout]\nextends = b.cfg\n${derived}` };
  return raw(await new ConfigurationFiles(files).load(), "a");
}

it("adds lines with +=, also to an option of the same file", async () => {
  expect(await merged("[a]\nx = 1\n", "[a]\nx += 2\n")).toEqual({ x: "1\n2" });
  expect(await merged("[a]\nx = 1\n", "[a]\nx = 3\nx += 2\n")).toEqual({ x: "3\n2" });
});

it("adds to an empty or missing option with a line end", async () => {
  expect(await merged("[a]\nx =\n", "[a]\nx += 1\ny += 2\n")).toEqual({ x: "\n1", y: "\n2" });
});

it("removes whole lines with -=", async () => {
  const base = "[a]\nx =\n  1\n  2\n    2\n  2 3\n";
  expect(await merged(base, "[a]\nx -= 2\ny -= 1\n")).toEqual({ x: "1\n  2\n2 3", y: "" });
});

it("adds before it removes", async () => {
  expect(await merged("[a]\nx = 1\n", "[a]\nx -= 2\nx += 2\nx += 3\n")).toEqual({ x: "1\n3" });
});

it("takes operators of a new section as settings, at the cost of a letter without a space", async () => {
  const text = "[buildout]\n[a]\nfoo+=1\nbar += 2\nbaz -= 3\n";
  const workspace = new ConfigurationFiles({ "buildout.cfg": text });
  const configuration = await workspace.load();
  expect(raw(configuration, "a")).toEqual({ fo: "1", bar: "2", baz: "" });
  expect(configuration.warnings).toEqual([
    {
      code: "cut-name",
      message: expect.stringContaining("'foo+=' sets the option 'fo'"),
      location: { file: workspace.path("buildout.cfg"), line: 3 },
    },
  ]);
});

it("refuses an option that the cut leaves without a name", async () => {
  const workspace = new ConfigurationFiles({ "buildout.cfg": "[buildout]\n[a]\nk+=1\n" });
  await expect(workspace.load()).rejects.toMatchObject({
    code: "empty-option-name",
    location: { file: workspace.path("buildout.cfg"), line: 3 },
  });
});

it("merges a file each time it is reached", async () => {
  const files = {
    "buildout.cfg": "[buildout]\nextends = l.cfg r.cfg\n",
    "l.cfg": "[buildout]\nextends = b.cfg\n[a]\nx += l\n",
    "r.cfg": "[buildout]\nextends = ../buildout/b.cfg\n[a]\nx += r\n",
    "b.cfg": "[a]\nx = b\ny += b\n",
  };
  expect(raw(await new ConfigurationFiles(files).load(), "a")).toEqual({ x: "b\nr", y: "b\nb" });
});

it("keeps the operators of a section with macros until the macro is known", async () => {
  const text = "[buildout]\n[m0]\nx=9\n[m]\n<=m0\nx+=1\n[a]\n<=m\nx += 2\ny += 3\n";
  const configuration = await new ConfigurationFiles({ "buildout.cfg": text }).load();
  expect(raw(configuration, "a")).toEqual({ "<": "m", "x +": "2", "y +": "3" });
  expect(resolved(configuration, "a")).toEqual({ x: "9\n1\n2", y: "\n3" });
});

it("lets the command line change options, sorted", async () => {
  const workspace = new ConfigurationFiles({ "buildout.cfg": "[buildout]\n[a]\nx = 1\n" });
  const configuration = await workspace.load(["a:y=2", "a:y=1", "a:x+=3", "new=4"]);
  expect(raw(configuration, "a")).toEqual({ x: "1\n3", y: "2" });
  expect(configuration.sections.get("buildout")?.get("new")).toBe("4");
});

it("refuses a value that doubles with each level of a diamond", async () => {
  for (const operator of ["+=", "="]) {
    const workspace = new ConfigurationFiles({ "f60.cfg": "[a]\nx = 1\n" });
    for (let i = 0; i < 60; i++) {
      const text = `[buildout]\nextends = f${i + 1}.cfg f${i + 1}.cfg\n[a]\nx += ${i}\n`;
      workspace.write(`f${i}.cfg`, text);
    }
    workspace.write("f60.cfg", `[a]\nx ${operator} 1\n`);
    const loading = workspace.load(["-c", "f0.cfg"]);
    if (operator === "=") expect(raw(await loading, "a").x).toHaveLength(171);
    else await expect(loading).rejects.toMatchObject({ code: "value-too-long" });
  }
});

it("cuts each operator off a name with two, and then applies the one that is left", async () => {
  const text = "[buildout]\n[a]\nx = 1\nx- += 1\ny = 2\n";
  const workspace = new ConfigurationFiles({ "buildout.cfg": text });
  expect(raw(await workspace.load(), "a")).toEqual({ x: "", y: "2" });
});

it("applies the operators that macros keep in user defaults to what optional files set", async () => {
  const workspace = new ConfigurationFiles({
    "buildout.cfg": "[buildout]\noptional-extends = b.cfg\n",
    "b.cfg": "[a]\nx =\n  1\n  2\n",
    "~/.buildout/default.cfg": "[a]\n<= m\nx -= 2\n",
  });
  expect(raw(await workspace.load(), "a")).toEqual({ "<": "m", x: "1" });
});

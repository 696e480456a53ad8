import { describe, expect, it } from "vitest";
import { initialize, initializeRun } from "../../../src/config/resolve/initialize.ts";
import type { Section } from "../../../src/config/resolve/section.ts";
import { Sections } from "../../../src/config/resolve/sections.ts";
import { BuildoutError } from "../../../src/errors/error.ts";
import { ConfigurationFiles, resolved } from "../../support/configuration-files.ts";

const load = (text: string) =>
  new ConfigurationFiles({ "buildout.cfg": `[buildout]\n${text}` }).load();

async function failure(text: string, name: string): Promise<BuildoutError> {
  const sections = new Sections(await load(text));
  try {
    sections.resolve(name);
  } catch (error) {
    if (error instanceof BuildoutError) return error;
  }
  throw new Error("no error");
}

describe("references", () => {
  it("reach other sections, the own section, and its name", async () => {
    const text = "[a]\nx = 1\ny = ${:x}/${b:z}\nn = ${:_buildout_section_name_}\n[b]\nz = 2\n";
    expect(resolved(await load(text), "a")).toEqual({ x: "1", y: "1/2", n: "a" });
  });

  it("keep $$, and do not look into it", async () => {
    const text = "[a]\nx = 1\np = $${:x}\nq = $$${:x}\nr = ${:p}\ns = ${:x\n";
    const values = { x: "1", p: "$${:x}", q: "$$1", r: "$${:x}", s: "${:x" };
    expect(resolved(await load(text), "a")).toEqual(values);
  });

  it("in a macro mean the section that uses it", async () => {
    const text = "[m]\nx = ${:y}\ny = 1\n[a]\n< = m\ny = 2\n";
    expect(resolved(await load(text), "a")).toEqual({ x: "2", y: "2" });
  });

  it.each([
    ["${nope}", "invalid-reference", "doesn't contain a colon"],
    ["${a:b:c}", "invalid-reference", "too many colons"],
    ["${a/b:c}", "invalid-reference", "The section name in substitution"],
    ["${b:x/y}", "invalid-reference", "The option name in substitution"],
    ["${nope:x}", "missing-section", "The referenced section, 'nope', was not defined."],
    ["${b:nope}", "missing-option", "Referenced option does not exist: b nope"],
    ["${:x}", "circular-reference", "Circular reference"],
  ])("are refused: %s", async (reference, code, message) => {
    const error = await failure(`[a]\nx = ${reference}\n[b]\ny = 1\n`, "a");
    expect(error).toMatchObject({ code, location: { line: 3 } });
    expect(error.message).toContain(message);
  });

  it("report what was being done and the nearest name", async () => {
    const text = "[a]\nx = ${pasterini:outout}\n[pasterini]\noutput = 1\n";
    expect(await failure(text, "a")).toMatchObject({
      hint: "Did you mean 'output'?",
      while: ["Getting section a.", "Initializing section a.", "Getting option a:x."],
    });
  });

  it("resolve the whole section they reach", async () => {
    const text = "[a]\nx = ${b:y}\n[b]\ny = 1\nz = ${nope:x}\n";
    expect((await failure(text, "a")).code).toBe("missing-section");
  });

  it("can be a chain of 10,000, within a section or across", async () => {
    const count = 10_000;
    const options = Array.from({ length: count }, (_, i) => `x${i} = \${:x${i + 1}}\n`);
    const sections = Array.from({ length: count }, (_, i) => `[s${i}]\nx = \${s${i + 1}:x}\n`);
    const text = `[a]\n${options.join("")}x${count} = end\n${sections.join("")}[s${count}]\nx = end\n`;
    const configuration = await load(text);
    expect(resolved(configuration, "a").x0).toBe("end");
    expect(resolved(configuration, "s0")).toEqual({ x: "end" });
    const names: string[] = [];
    const running = new Sections(configuration, {
      construct: async ({ name }) => void names.push(name),
    });
    expect((await running.section("s0")).get("x")).toBe("end");
  });
});

describe("macros", () => {
  it("must exist and not be circular", async () => {
    expect(await failure("[a]\n< = m n\n[m]\n[n]\n", "a")).toMatchObject({
      code: "missing-section",
      message: "No section named 'm n'",
      location: { line: 3 },
    });
    expect((await failure("[a]\n< = b\n[b]\n< = a\n", "a")).code).toBe("macro-loop");
  });
});

it("[buildout] leaves no section with values from before its directories were settled", async () => {
  const text = "[buildout]\nx = ${a:x}\n[a]\nx = ${buildout:eggs-directory}\n";
  const configuration = await load(text);
  const sections = new Sections(configuration);
  expect(initialize(configuration, sections).get("x")).toMatch(/\/eggs$/);
  expect(sections.resolve("a").get("x")).toMatch(/\/eggs\/v5$/);
});

describe("after an error", () => {
  it("other sections can still be resolved", async () => {
    const sections = new Sections(await load("[a]\nx = ${b:y} ${nope:z}\n[b]\ny = 1\n"));
    expect(() => sections.resolve("a")).toThrow("nope");
    expect(sections.resolve("b").get("y")).toBe("1");
    expect(() => sections.resolve("a")).toThrow("nope");
  });
});

describe("construction", () => {
  const text =
    "[a]\nrecipe = r\nx = ${b:made}\n[b]\nrecipe = r\n=> c\n[c]\nrecipe = r\n[d]\nx = 1\n";

  it("is made before the referring option is resolved, dependencies first", async () => {
    const order: string[] = [];
    const sections = new Sections(await load(text), {
      async construct(section: Section) {
        await Promise.resolve();
        order.push(section.name);
        section.set("made", `by ${section.name}`);
      },
    });
    expect((await sections.section("a")).get("x")).toBe("by b");
    expect(order).toEqual(["c", "b", "a"]);
    await sections.section("d");
    expect(order).toEqual(["c", "b", "a"]);
  });

  it("can ask for other sections, and its error shows the way to them", async () => {
    const sections: Sections = new Sections(await load(text), {
      async construct({ name }) {
        if (name === "c") await sections.section("nope");
      },
    });
    await expect(sections.section("a")).rejects.toMatchObject({
      code: "missing-section",
      while: [
        "Getting section a.",
        "Initializing section a.",
        "Getting option a:x.",
        "Getting section b.",
        "Initializing section b.",
        "Getting section c.",
        "Initializing section c.",
        "Getting section nope.",
      ],
    });
  });
});

describe("a section", () => {
  it("knows which options nobody read", async () => {
    const sections = new Sections(await load("[a]\nx = 1\ny = 2\nz = 3\nrecipe = r\n"));
    const section = sections.resolve("a");
    section.get("y");
    section.set("new", "4");
    expect(section.unused).toEqual(["x", "z"]);
    expect(section.keys()).toEqual(["x", "y", "z", "recipe", "new"]);
  });

  it("contains what recipes set, but not what they delete", async () => {
    const section = new Sections(await load("[a]\nx = 1\ny = 2\n")).resolve("a");
    section.set("x", "other");
    section.delete("y");
    expect(section.entries()).toEqual([["x", "other"]]);
    expect(() => section.require("xx")).toThrow("Missing option: a:xx");
  });

  it("substitutes any text", async () => {
    const sections = new Sections(await load("[a]\nx = 1\n[b]\ny = ${a:x}\n"));
    const section = sections.resolve("a");
    expect(await section.substitute("${:x} ${b:y} $${c:d}")).toBe("1 1 $${c:d}");
    await expect(section.substitute("${:z}")).rejects.toThrow("a z");
  });

  it("can be added", async () => {
    const sections = new Sections(await load("[a]\nx = 1\n"));
    expect((await sections.add("new", { y: "${a:x}" })).get("y")).toBe("1");
    await expect(sections.add("a", {})).rejects.toMatchObject({ code: "section-exists" });
  });
});

describe("a run", () => {
  it("begins with [buildout], the recipes it refers to, and then the pins", async () => {
    const workspace = new ConfigurationFiles({
      "buildout.cfg":
        "[buildout]\nx = ${a:made}\n[a]\nrecipe = r\n[versions]\neggs = ${buildout:eggs-directory}\n",
    });
    const configuration = await workspace.load();
    const sections = new Sections(configuration, {
      construct: async (section) => section.set("made", "yes"),
    });
    const options = await initializeRun(configuration, sections);
    expect(options.get("x")).toBe("yes");
    const versions = await sections.section("versions");
    expect(versions.get("eggs")).toBe(workspace.path("eggs/v5"));
  });

  it("ends before it begins if the directory is missing", async () => {
    const text = "[buildout]\ndirectory = nope\neggs-directory = ../eggs\n";
    const workspace = new ConfigurationFiles({ "buildout.cfg": text });
    const configuration = await workspace.load();
    const start = initializeRun(configuration, new Sections(configuration));
    await expect(start).rejects.toMatchObject({
      code: "missing-directory",
      location: { file: workspace.path("buildout.cfg"), line: 2 },
      while: ["Initializing."],
    });
  });
});

describe("values that multiply each other", () => {
  const laughs = (levels: number, line: (level: number) => string) =>
    Array.from({ length: levels }, (_, level) => line(level)).join("\n");

  it("by references end with an error", async () => {
    const line = (n: number) => `x${n + 1} = ${`\${:x${n}}`.repeat(10)}`;
    const error = await failure(`[a]\nx0 = lol\n${laughs(40, line)}\n`, "a");
    expect(error).toMatchObject({ code: "value-too-long", location: expect.anything() });
  });

  it("in many options of sensible size end with an error, too", async () => {
    const line = (n: number) => `y${n} = ${n}\${:x}`;
    const text = `[a]\nx = ${"x".repeat(1_000_000)}\n${laughs(100, line)}\n`;
    expect(await failure(text, "a")).toMatchObject({ code: "value-too-long" });
  });

  it("by macros are the same sections over and over, and take no time", async () => {
    const line = (n: number) => `[m${n + 1}]\n<= m${n}\n   m${n}\n   m${n}\ny${n} = 1`;
    const configuration = await load(`[m0]\nx = 1\n${laughs(60, line)}\n`);
    expect(Object.keys(resolved(configuration, "m60"))).toHaveLength(61);
  });
});

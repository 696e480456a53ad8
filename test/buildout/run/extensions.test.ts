import { expect, test } from "vitest";
import { project } from "../../support/engine-project.ts";

const cfg = (extensions: string) =>
  `[buildout]\nparts = a\nextensions = ${extensions}\n[a]\nrecipe = ./r.js\n`;

const recipe = `export default {
  description: "",
  install: (part) => {
    part.log.info(part.options.get("port"));
    return [];
  },
};`;

const extension = `
export default async (buildout) => {
  (await buildout.section("a")).set("port", "81");
};
export function unload(buildout) {
  globalThis.unloaded = buildout.parts.join();
}`;

test("an extension changes the configuration before parts are installed, and is unloaded", async () => {
  const p = project({ "buildout.cfg": cfg("./e.ts"), "r.js": recipe, "e.ts": extension });
  expect((await p.run()).text).toContain("Installing a.\na: 81\n");
  expect((globalThis as { unloaded?: string }).unloaded).toBe("a");
});

test("a package can be an extension", async () => {
  const p = project({
    "buildout.cfg": cfg("ext"),
    "r.js": recipe,
    "node_modules/ext/package.json": JSON.stringify({
      name: "ext",
      version: "1.0.0",
      buildout: { extension: "./e.js" },
    }),
    "node_modules/ext/e.js": extension,
  });
  expect((await p.run()).text).toContain("a: 81\n");
});

test.each([
  ["mr.developer", "Couldn't find the extension 'mr.developer'."],
  ["buildout.dumppickedversions", "Buildout now includes 'buildout-versions' (and part of "],
])("%s is reported with its place", async (name, message) => {
  const p = project({ "buildout.cfg": cfg(name), "r.js": recipe });
  const { text } = await p.run();
  expect(text).toContain(`While:\n  Installing.\n  Loading extensions.\nError: ${message}`);
  expect(text).toContain("\n  at buildout.cfg:3\n");
});

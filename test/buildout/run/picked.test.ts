import { chmodSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RecipeDefinition } from "../../../src/contract/recipe.ts";
import type { Distribution } from "../../../src/distributions/distribution.ts";
import { project } from "../../support/engine-project.ts";

const node = (name: string, version: string, ...requiredBy: string[]): Distribution => ({
  kind: "node",
  name,
  version,
  ...(requiredBy.length > 0 && { requiredBy }),
});

const packages: RecipeDefinition = {
  description: "claims to have installed packages",
  install: () => [],
  update() {},
  distributions: async () => [
    node("web", "2.0.0"),
    node("@my/log", "1.1.0", "web 2.0.0", "cli 1.0.0"),
    node("cli", "1.0.0"),
    node("left", "1.0.0", "web 2.0.0"),
    node("left", "3.0.0", "cli 1.0.0"),
    node("own", "0.1.0"),
  ],
};

const cfg = (options: string, versions = "") =>
  `[buildout]\nparts = a\ndevelop = own\n${options}\n[versions]\ncli = ^1\n${versions}[a]\nrecipe = packages\n`;

const own = { "own/package.json": JSON.stringify({ name: "own", version: "0.1.0" }) };

const LISTED = `web = 2.0.0

# Required by:
# cli==1.0.0
# web==2.0.0
@my/log = 1.1.0

# Required by:
# cli==1.0.0
left = 3.0.0

# Required by:
# web==2.0.0
left@1.0.0 = 1.0.0
`;
const PRINTED =
  "Versions had to be automatically picked.\n" +
  `The following part definition lists the versions picked:\n[versions]\n${LISTED}`;

describe("versions without a pin", () => {
  test("are printed with show-picked-versions, and not without", async () => {
    const p = project({ "buildout.cfg": cfg("show-picked-versions = true"), ...own }, { packages });
    expect((await p.run()).text).toBe(`Develop: '/p/own'\nInstalling a.\n${PRINTED}`);
    p.write("buildout.cfg", cfg(""));
    expect((await p.run()).text).toBe("Develop: '/p/own'\nUpdating a.\n");
  });

  test("are not printed if all are pinned", async () => {
    const pins = "web = 2.0.0\n@my/log = 1.1.0\nleft = 1.0.0\nleft@3.0.0 = 3.0.0\n";
    const p = project(
      { "buildout.cfg": cfg("show-picked-versions = true", pins), ...own },
      { packages },
    );
    expect((await p.run()).text).toBe("Develop: '/p/own'\nInstalling a.\n");
  });

  test("are written to update-versions-file; an existing file gets them at its end", async () => {
    const p = project(
      { "buildout.cfg": cfg("update-versions-file = pins.cfg"), ...own },
      { packages },
    );
    const { text: printed } = await p.run();
    expect(printed).toContain("Picked versions have been written to pins.cfg\n");
    expect(printed).not.toContain("The following part definition");
    expect(p.read("pins.cfg")).toBe(`[versions]\n${LISTED}`);
    p.write("pins.cfg", "[versions]\nold = 1\n");
    chmodSync(p.path("pins.cfg"), 0o640);
    await p.run();
    const text = p.read("pins.cfg");
    expect(text.replace(/at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\n/, "at NOW\n")).toBe(
      `[versions]\nold = 1\n\n# Added by buildout at NOW\n${LISTED}`,
    );
    expect(statSync(p.path("pins.cfg")).mode & 0o777).toBe(0o640);
  });

  test("are pinned in the next run when the configuration extends that file", async () => {
    const p = project(
      {
        "buildout.cfg": cfg("extends = pins.cfg\nupdate-versions-file = pins.cfg"),
        "pins.cfg": "[versions]\n",
        ...own,
      },
      { packages },
    );
    await p.run();
    expect((await p.run()).text).toBe("Develop: '/p/own'\nUpdating a.\n");
  });
});

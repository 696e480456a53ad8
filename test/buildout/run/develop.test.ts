import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { project } from "../../support/engine-project.ts";

const manifest = (name: string) => JSON.stringify({ name, version: "1.0.0" });

describe("develop", () => {
  test("records each package, sorted, dotted directories only when named", async () => {
    const p = project({
      "buildout.cfg": "[buildout]\nparts =\ndevelop = src/* src/.hidden\n",
      "src/b/package.json": manifest("b"),
      "src/a/package.json": manifest("@scope/a"),
      "src/.hidden/package.json": manifest("hidden"),
    });
    expect((await p.run()).text).toBe(
      "Develop: '/p/src/a'\nDevelop: '/p/src/b'\nDevelop: '/p/src/.hidden'\n",
    );
    expect(p.read("develop-eggs/@scope+a.package-link")).toBe(`${p.path("src/a")}\n`);
    expect(p.read(".installed.cfg").replaceAll(p.directory, "/p")).toBe(
      "[buildout]\ninstalled_develop_eggs = /p/develop-eggs/@scope+a.package-link\n" +
        "\t/p/develop-eggs/b.package-link\n\t/p/develop-eggs/hidden.package-link\nparts = \n",
    );
  });

  test("removes packages that are no longer named", async () => {
    const p = project({
      "buildout.cfg": "[buildout]\nparts =\ndevelop = a\n  b\n",
      "a/package.json": manifest("a"),
      "b/package.json": manifest("b"),
    });
    await p.run();
    await p.run({ assignments: ["buildout:develop=b"] });
    expect(p.has("develop-eggs/a.package-link")).toBe(false);
    expect(p.has("develop-eggs/b.package-link")).toBe(true);
    await p.run({ assignments: ["buildout:develop="] });
    expect(p.has(".installed.cfg")).toBe(false);
    expect(p.has("b/package.json")).toBe(true);
  });

  test("warns of a path that does not exist", async () => {
    const p = project({ "buildout.cfg": "[buildout]\nparts =\ndevelop = src/gone src/*.x\n" });
    expect((await p.run()).text).toBe(
      "Couldn't develop '/p/src/gone' (not found)\nCouldn't develop '/p/src/*.x' (not found)\n",
    );
  });

  test("accepts letters in brackets as patterns, but neither braces nor **", async () => {
    const p = project({
      "buildout.cfg": "[buildout]\nparts =\ndevelop = [ab] {a,b} **/deep\n",
      "a/package.json": manifest("a"),
      "a/b/deep/package.json": manifest("deep"),
      "b/deep/package.json": manifest("near"),
      "b/package.json": manifest("b"),
    });
    expect((await p.run()).text).toBe(
      "Develop: '/p/a'\nDevelop: '/p/b'\n" +
        "Couldn't develop '/p/{a,b}' (not found)\nDevelop: '/p/b/deep'\n",
    );
  });

  test("of a directory without a package reports where it is named, and records nothing", async () => {
    const p = project({
      "buildout.cfg": "[buildout]\nparts =\ndevelop = a empty\n",
      "a/package.json": manifest("a"),
      "empty/readme": "",
    });
    expect((await p.run()).text).toBe(
      "Develop: '/p/a'\nDevelop: '/p/empty'\n" +
        "While:\n  Installing.\n  Processing directories listed in the develop option\n" +
        "  Processing develop directory '/p/empty'.\n" +
        "Error: '/p/empty' contains no package: there is no package.json, setup.py or pyproject.toml.\n  at buildout.cfg:3\n",
    );
    expect(p.has("develop-eggs/a.package-link")).toBe(false);
  });

  test("accepts Python packages, and both kinds if a directory contains both", async () => {
    const p = project({
      "buildout.cfg": "[buildout]\nparts =\ndevelop = both/package.json tools/\n",
      "both/package.json": manifest("for-node"),
      "both/pyproject.toml": '[project]\nname = "for-python"\nversion = "1.0"\n',
      "tools/package.json": manifest("tools"),
      "tools/pyproject.toml": "[tool.ruff]\nline-length = 90\n",
    });
    const { text } = await p.run();
    expect(text).toBe("Develop: '/p/both/package.json'\nDevelop: '/p/tools/'\n");
    const notes = [
      "__editable__.for_python-1.0.pth",
      "for-node.package-link",
      "for-python.egg-link",
      "for_python-1.0.dist-info",
      "tools.package-link",
    ];
    expect(readdirSync(p.path("develop-eggs")).sort()).toEqual(notes);
    await p.run({ assignments: ["buildout:develop=tools"] });
    expect(readdirSync(p.path("develop-eggs"))).toEqual(["tools.package-link"]);
  });

  test("ignores a package.json without a name next to a Python package", async () => {
    const p = project({
      "buildout.cfg": "[buildout]\nparts =\ndevelop = .\n",
      "package.json": '{"dependencies": {"hostout": "^2.0.0"}}',
      "pyproject.toml": '[project]\nname = "for-python"\nversion = "1.0"\n',
    });
    expect((await p.run()).text).toBe("Develop: '/p/.'\n");
    expect(p.has("develop-eggs/for-python.egg-link")).toBe(true);
  });

  test("leaves nothing behind for a broken Python package, and names it", async () => {
    const p = project({
      "buildout.cfg": "[buildout]\nparts =\ndevelop = bad\n",
      "bad/pyproject.toml": "[project\n",
    });
    const { error } = await p.run();
    expect(error?.code).toBe("invalid-toml");
    expect(error?.while).toContain(`Processing develop directory '${p.path("bad")}'.`);
    expect(readdirSync(p.path("develop-eggs"))).toEqual([]);
  });
});

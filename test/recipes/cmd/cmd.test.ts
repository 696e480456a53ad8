import { describe, expect, test } from "vitest";
import cmd from "../../../recipes/cmd/index.ts";
import python from "../../../recipes/cmd/python.ts";
import { project } from "../../support/engine-project.ts";

const part = (options: string, recipe = "collective.recipe.cmd") =>
  project(
    { "buildout.cfg": `[buildout]\nparts = x\n[x]\nrecipe = ${recipe}\n${options}\n` },
    { "collective.recipe.cmd": cmd, "collective.recipe.cmd:py": python },
  );

describe("the commands", () => {
  test("run when installing with on_install, as one script", async () => {
    const cmds =
      "cmds =\n    NAME=world\n    if true; then\n        echo hello $NAME in $PWD > said\n    fi";
    const p = part(`on_install = True\n${cmds}`);
    expect((await p.run()).text).toBe("Installing x.\n");
    expect(p.read("said")).toBe(`hello world in ${p.directory}\n`);
    expect((await p.run()).text).toBe("Updating x.\n");
  });

  test("do not run unless they are asked to", async () => {
    for (const value of ["", "on_install = yes", "on_update = true", "on_install = false"]) {
      const p = part(`${value}\ncmds = echo x >> said`);
      await p.run();
      expect(p.has("said")).toBe(false);
    }
  });

  test("run when updating with on_update", async () => {
    const p = part("on_install = 1\non_update = 1\ncmds = echo x >> said");
    await p.run();
    await p.run();
    expect(p.read("said")).toBe("x\nx\n");
  });

  test("can be for another program than the shell", async () => {
    const p = part(
      'on_install = true\nshell = node\ncmds = require("fs").writeFileSync("said", "js")',
    );
    await p.run();
    expect(p.read("said")).toBe("js");
  });

  test("run when the part is uninstalled, as they were when it was installed", async () => {
    const p = part("uninstall_cmds =\n    echo bye > said\n    pwd >> said");
    expect((await p.run()).text).toBe("Installing x.\n");
    p.write("buildout.cfg", "[buildout]\nparts =\n");
    expect((await p.run()).text).toBe("Uninstalling x.\nRunning uninstall recipe.\n");
    expect(p.read("said")).toBe(`bye\n${p.directory}\n`);
  });
});

describe("commands that fail", () => {
  test("end the buildout with a clear error", async () => {
    const p = part("on_install = true\ncmds =\n    echo x > said\n    exit 23");
    const { text, error } = await p.run();
    expect(text).toBe(
      "Installing x.\nWhile:\n  Installing x.\n" +
        "Error: The commands, run by 'sh', returned non-zero exit status 23.\n",
    );
    expect(error?.code).toBe("command-failed");
    expect(p.has("said")).toBe(true);
  });

  test("fail with a message if the program is missing", async () => {
    const p = part("on_install = true\nshell = no-such-shell 2> /dev/null\ncmds = x");
    expect((await p.run()).error?.hint).toBe("A required program is missing.");
  });
});

test("Python code is left to the Python original", async () => {
  const { error } = await part("cmds = >>> 1", "collective.recipe.cmd:py").run();
  expect(error).toMatchObject({ code: "unsupported-recipe", location: { line: 4 } });
  expect(error?.hint).toContain("native-recipes");
});

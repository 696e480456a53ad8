import { describe, expect, test } from "vitest";
import command from "../../../recipes/command/index.ts";
import { project } from "../../support/engine-project.ts";

const part = (options: string, other = "") =>
  project(
    {
      "buildout.cfg": `[buildout]\nparts = x\n[x]\nrecipe = plone.recipe.command\n${options}\n${other}`,
    },
    { "plone.recipe.command": command },
  );

describe("the command", () => {
  test("runs in a shell in the buildout directory when the part is installed", async () => {
    const p = part("command = (pwd; echo $0) > said\nupdate-command = echo again >> said");
    expect((await p.run()).text).toBe("Installing x.\nx: Running '(pwd; echo $0) > said'\n");
    expect(p.read("said")).toBe(`${p.directory}\n/bin/sh\n`);
    expect((await p.run()).text).toBe("Updating x.\nx: Running echo again >> said\n");
    expect(p.read("said")).toContain("again\n");
  });

  test("may be of several lines", async () => {
    const p = part("command =\n    for i in 1 2; do\n      echo $i >> said\n    done");
    await p.run();
    expect(p.read("said")).toBe("1\n2\n");
  });

  test("does not run again without update-command", async () => {
    const p = part("command = echo x >> said");
    await p.run();
    expect((await p.run()).text).toBe("Updating x.\n");
    expect(p.read("said")).toBe("x\n");
  });
});

test("the location belongs to the part", async () => {
  const p = part(
    "command = mkdir -p made/deep; touch other\nlocation = made\n  ${buildout:directory}/other",
  );
  await p.run();
  expect(p.read(".installed.cfg")).toContain(
    `__buildout_installed__ = made\n\t${p.path("other")}\n`,
  );
  p.write("buildout.cfg", "[buildout]\nparts =\n");
  expect((await p.run()).text).toBe("Uninstalling x.\n");
  expect([p.has("made"), p.has("other")]).toEqual([false, false]);
});

describe("a command that fails", () => {
  test("is passed over", async () => {
    for (const value of ["", "stop-on-error = no", "stop-on-error = OFF"]) {
      const p = part(`command = exit 3\n${value}`);
      const { error } = await p.run();
      expect(error).toBeUndefined();
      expect(p.read(".installed.cfg")).toContain("parts = x\n");
    }
  });

  test.each([
    ["exit 3", 3],
    ["kill -TERM $$", -15],
    ["no-such-program 2> /dev/null", 127],
  ])("ends the buildout with stop-on-error: %s", async (text, status) => {
    const p = part(`command = ${text}\nstop-on-error = Yes`);
    const { text: said, error } = await p.run();
    const message = `Non zero exit code (${status}) while running command.`;
    expect(said).toBe(
      `Installing x.\nx: Running '${text}'\nx: ${message}\nWhile:\n  Installing x.\nError: ${message}\n  at buildout.cfg:5\n`,
    );
    expect(error).toMatchObject({ code: "command-failed", location: { line: 5 } });
    expect(p.has(".installed.cfg")).toBe(false);
  });

  test("as update-command, too", async () => {
    const p = part("command = true\nupdate-command = false\nstop-on-error = on");
    await p.run();
    expect((await p.run()).error?.message).toBe("Non zero exit code (1) while running command.");
  });
});

describe("mistakes", () => {
  test.each([
    ["", "No command specified", undefined],
    ["command =", "No command specified", undefined],
    [
      "command = true\nstop-on-error = maybe",
      "Invalid value 'maybe' for 'stop_on_error', use 'yes', 'on', 'true', 'no', 'off' or false.",
      6,
    ],
  ])("%j", async (options, message, line) => {
    const { text, error } = await part(options).run();
    expect(text).toContain(`x: ${message}\n`);
    expect(error).toMatchObject({ message });
    if (line !== undefined) expect(error?.location?.line).toBe(line);
  });
});

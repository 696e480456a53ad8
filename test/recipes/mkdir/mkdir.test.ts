import { mkdirSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { expect, test } from "vitest";
import recipe from "../../../recipes/mkdir/index.ts";
import { type Project, project } from "../../support/engine-project.ts";

function buildout(options: string): Project {
  return project(
    { "buildout.cfg": `[buildout]\nparts = data\n[data]\nrecipe = z3c.recipe.mkdir\n${options}` },
    { "z3c.recipe.mkdir": recipe },
  );
}

const mode = (made: Project, name: string) => statSync(made.path(name)).mode & 0o777;

test("creates the part's directory, which is kept when the part is removed", async () => {
  const made = buildout("");
  expect((await made.run()).text).toBe("Installing data.\ndata: created path: /p/parts/data\n");
  expect((await made.run()).text).toBe("Updating data.\ndata: set permissions for /p/parts/data\n");
  await made.run({ assignments: ["buildout:parts="] });
  expect(made.has("parts/data")).toBe(true);
});

test("makes directories with those above them, and sets their modes", async () => {
  const made = buildout("paths =\n    var/log\n    src/../a\nmode = 710\n");
  expect((await made.run()).text).toBe(
    "Installing data.\ndata: created path: /p/a\ndata:   mode 0710\n" +
      "data: created path: /p/var\ndata:   mode 0710\n" +
      "data: created path: /p/var/log\ndata:   mode 0710\n",
  );
  expect([mode(made, "a"), mode(made, "var/log")]).toEqual([0o710, 0o710]);
  const remembered = made.read(".installed.cfg").replaceAll(made.directory, "/p");
  expect(remembered).toContain("paths = /p/a\n\t/p/var/log\n");
  expect(remembered).toContain("create-intermediate = True\nmode = 0o710\n");
  expect(remembered).toContain("remove-on-update = False\n");
});

test("sets the mode of a directory once, even if another one is in it", async () => {
  const made = buildout("paths =\n    a\n    a/b\nmode = 710\n");
  await made.run();
  expect((await made.run()).text).toBe(
    "Updating data.\ndata: set permissions for /p/a\ndata:   mode 0710\n" +
      "data: set permissions for /p/a/b\ndata:   mode 0710\n",
  );
});

test("owns the directories on request", async () => {
  const made = buildout("paths = there/a/b\nremove-on-update = yes\n");
  mkdirSync(made.path("there"));
  await made.run();
  made.write("there/a/b/file", "");
  await made.run({ assignments: ["buildout:parts="] });
  expect([made.has("there"), made.has("there/a")]).toEqual([true, false]);
});

test("gives directories to a user", async () => {
  const { username } = userInfo();
  const made = buildout(`user = ${username}\n`);
  expect((await made.run()).text).toContain(`data:   user '${username}'\n`);
  const unknown = await buildout("group = no-such-group\n").run();
  expect(unknown.error).toMatchObject({ code: "chown-failed" });
  expect(unknown.text).toContain("no-such-group");
});

test("reports what is in the way", async () => {
  const file = buildout("paths = file/a\n");
  file.write("file", "");
  expect((await file.run()).error?.message).toBe(
    `Cannot create directory: ${file.path("file")}. It's a file.`,
  );
  const deep = buildout("paths = a/b\ncreate-intermediate = no\n");
  expect((await deep.run()).error?.message).toBe(
    `Cannot create: ${deep.path("a/b")}\n       Parent does not exist or not a directory.`,
  );
  const { error } = await buildout("mode = rwx\n").run();
  expect(error).toMatchObject({
    message: "'mode' must be an octal number: rwx",
    location: { line: 5 },
  });
});

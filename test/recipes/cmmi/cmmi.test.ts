import { existsSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { writeArchive } from "../../support/archives.ts";
import { CONFIGURE, cmmiProject, sources } from "../../support/cmmi-project.ts";

/** The folders with sources that builds of a part have left. */
const leftOf = (name: string) =>
  readdirSync(tmpdir())
    .filter((entry) => entry.startsWith(`buildout-${name}-`))
    .map((entry) => path.join(tmpdir(), entry));

describe("a build", () => {
  test("is configured, made and installed into the part's directory", async () => {
    const name = `built${process.pid}`;
    const p = cmmiProject("", { name });
    const { text } = await p.run();
    expect(text).toBe(
      `Installing ${name}.\n${name}: Unpacking and configuring\n` +
        `configuring foo --prefix=/p/parts/${name}\nbuilding foo\ninstalling foo\n`,
    );
    const location = p.path(`parts/${name}`);
    expect(p.read(`parts/${name}/bin/foo`)).toBe(`flags: \noptions: --prefix=${location}\n`);
    expect(p.read(".installed.cfg")).toContain(`__buildout_installed__ = ${location}\n`);
    expect(p.read(".installed.cfg")).toContain(`location = ${location}\n`);
    expect(leftOf(name)).toEqual([]);
    expect((await p.run()).text).toBe(`Updating ${name}.\n`);
    p.write("buildout.cfg", "[buildout]\nparts =\n");
    await p.run();
    expect(existsSync(location)).toBe(false);
  });

  test.each([
    ["an archive without top folder", sources(""), "foo.tar"],
    ["a zip archive", sources(), "foo.zip"],
  ])("can come from %s", async (_, members, archive) => {
    const p = cmmiProject("", { members, archive });
    expect((await p.run()).error).toBeUndefined();
    expect(p.has("parts/foo/bin/foo")).toBe(true);
  });

  test("takes options, on one line", async () => {
    const p = cmmiProject(
      "extra_options =\n    -a\n    -b c\nlocation = ${buildout:directory}/there",
    );
    await p.run();
    expect(p.read("there/foo/bin/foo")).toContain(
      `options: --prefix=${p.path("there/foo")} -a -b c\n`,
    );
  });

  test("can have other options and another command", async () => {
    const members = [{ name: "conf.sh", data: CONFIGURE, mode: 0o755 }];
    const p = cmmiProject(
      "source-directory-contains = conf.sh\nconfigure-command = sh conf.sh\nconfigure-options =\n  --prefix=${buildout:directory}/other\n  --x",
      { members },
    );
    await p.run();
    expect(p.read("other/bin/foo")).toContain(`options: --prefix=${p.path("other")} --x\n`);
  });

  test("has the requested environment, which is logged, and no other part has it", async () => {
    const p = cmmiProject("environment =\n    CFLAGS=-I/yyy -I/xxx --x=y 2=1+1\n    A=b");
    expect((await p.run()).text).toContain(
      "Installing foo.\nfoo: Unpacking and configuring\nfoo: Updating environment: A=b\n" +
        "foo: Updating environment: CFLAGS=-I/yyy -I/xxx --x=y 2=1+1\n",
    );
    expect(p.read("parts/foo/bin/foo")).toContain("flags: -I/yyy -I/xxx --x=y 2=1+1\n");
    expect(process.env.A).toBeUndefined();
  });

  test("runs autogen first", async () => {
    const autogen = "#!/bin/sh\nmv configure.in configure\n";
    const members = [
      { name: "d/autogen.sh", data: autogen, mode: 0o755 },
      { name: "d/configure.in", data: CONFIGURE, mode: 0o755 },
    ];
    const p = cmmiProject("autogen = autogen.sh", { members });
    expect((await p.run()).text).toContain("foo: auto generating configure files\n");
    expect(p.has("parts/foo/bin/foo")).toBe(true);
  });

  test("may be of an interpreter, which other parts ask for", async () => {
    const p = cmmiProject("executable = ${buildout:directory}/parts/foo/bin/foo");
    expect((await p.run()).text).toMatch(
      /^Installing foo\.\nfoo: Unpacking and configuring\nconfiguring foo .*\n.*building foo\ninstalling foo\n$/s,
    );
  });

  test("is patched, by a file of the buildout or of the sources", async () => {
    const patch =
      '--- configure\n+++ configure\n@@ -1,2 +1,3 @@\n #!/bin/sh\n+CFLAGS=patched\n echo configuring foo "$@"\n';
    const own = cmmiProject("patch = my patches/x.patch");
    own.write("my patches/x.patch", patch);
    expect((await own.run()).error).toBeUndefined();
    expect(own.read("parts/foo/bin/foo")).toContain("flags: patched\n");
    const theirs = cmmiProject("patch = x.patch\npatch_options = -p1", {
      members: [
        ...sources(),
        { name: "foo-1/x.patch", data: patch.replaceAll(" configure\n", " a/configure\n") },
      ],
    });
    await theirs.run();
    expect(theirs.read("parts/foo/bin/foo")).toContain("flags: patched\n");
  });

  test("is built again if an option changed or its directory is missing", async () => {
    const p = cmmiProject();
    await p.run();
    p.change("extra_options = --more");
    await p.run();
    expect(p.read("parts/foo/bin/foo")).toContain(" --more\n");
    rmSync(p.path("parts/foo"), { recursive: true });
    await p.run();
    expect(p.has("parts/foo/bin/foo")).toBe(true);
  });
});

describe("a build that fails", () => {
  const failing = (text: string) => sources("foo-1/", `#!/bin/sh\necho looking around\n${text}\n`);

  test("keeps the sources, and leaves no directory", async () => {
    const name = `failed${process.pid}`;
    const p = cmmiProject("", { name, members: failing("echo no compiler >&2; exit 4") });
    const { text, error } = await p.run();
    const [left = ""] = leftOf(name);
    onTestFinished(() => rmSync(left, { recursive: true, force: true }));
    expect(existsSync(path.join(left, "foo-1/configure"))).toBe(true);
    expect(text).toContain(`${name}: cmmi failed: ${left}\n`);
    expect(error).toMatchObject({
      code: "build-failed",
      message: `Command './configure --prefix="${p.path(`parts/${name}`)}"' returned non-zero exit status 4.`,
    });
    expect(error?.hint).toContain(`The sources are still in ${left}`);
    expect(p.has(`parts/${name}`)).toBe(false);
    writeArchive(p.path("foo.tgz"), sources());
    expect((await p.run()).error).toBeUndefined();
  });

  test.each([
    ["md5sum = 1234", "checksum-mismatch"],
    ["patch = ${buildout:directory}/nowhere", "missing-file"],
    ["patch = ${buildout:directory}/buildout.cfg\npatch-md5sum = 1234", "checksum-mismatch"],
  ])("before there is anything to see leaves nothing: %s", async (options, code) => {
    const name = `empty${process.pid}`;
    const p = cmmiProject(options, { name });
    const { text, error } = await p.run();
    expect(error?.code).toBe(code);
    expect(text).not.toContain("cmmi failed");
    expect([p.has(`parts/${name}`), leftOf(name)]).toEqual([false, []]);
  });

  test("because there are no sources in the archive", async () => {
    const name = `nothing${process.pid}`;
    const p = cmmiProject("", { name, members: [{ name: "README", data: "x" }] });
    const { error } = await p.run();
    for (const left of leftOf(name)) onTestFinished(() => rmSync(left, { recursive: true }));
    expect(error).toMatchObject({ code: "no-sources", message: "Couldn't find configure" });
  });

  test("because the archive leads outside its directory", async () => {
    const p = cmmiProject("", { members: [...sources(), { name: "foo-1/x", symlink: "/etc" }] });
    expect((await p.run()).error?.code).toBe("unsafe-archive");
  });
});

describe("mistakes in the part", () => {
  test("an environment that begins with no name", async () => {
    const p = cmmiProject("environment = -O2 CFLAGS=1");
    expect((await p.run()).error).toMatchObject({
      message: "Bad environment setting: -O2",
      location: { line: 7 },
    });
  });

  test("a shared build without a directory for it", async () => {
    const p = cmmiProject("shared = true");
    expect((await p.run()).error?.message).toBe(
      "Set the 'shared' option of zc.recipe.cmmi to an existing directory, or set ${buildout:download-cache}",
    );
  });
});

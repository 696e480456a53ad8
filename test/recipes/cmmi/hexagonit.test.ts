import { chmodSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import hexagonit from "../../../recipes/cmmi/hexagonit.ts";
import { type Member, writeArchive } from "../../support/archives.ts";
import { CONFIGURE, sources } from "../../support/cmmi-project.ts";
import { project } from "../../support/engine-project.ts";

const URL_OPTION = "url = ${buildout:directory}/foo.tgz";

function part(options: string, members: Member[] = sources(), other = "") {
  const cfg = `[buildout]\nparts = foo\n[foo]\nrecipe = hexagonit.recipe.cmmi\n${options}\n${other}`;
  const p = project({ "buildout.cfg": cfg }, { "hexagonit.recipe.cmmi": hexagonit });
  writeArchive(p.path("foo.tgz"), members);
  return p;
}

describe("a build", () => {
  test("is configured, made and installed", async () => {
    const p = part(URL_OPTION);
    expect((await p.run()).text).toBe(
      "Installing foo.\nfoo: Extracting package to /p/parts/foo__compile__\n" +
        "configuring foo --prefix=/p/parts/foo\nbuilding foo\ninstalling foo\n",
    );
    expect(p.read("parts/foo/bin/foo")).toContain(`options: --prefix=${p.path("parts/foo")}\n`);
    expect(p.has("parts/foo__compile__")).toBe(false);
    expect((await p.run()).text).toBe("Updating foo.\n");
  });

  test("takes options, targets, patches and an environment", async () => {
    const patch =
      '--- configure\n+++ configure\n@@ -1,2 +1,3 @@\n #!/bin/sh\n+echo patched >&2\n echo configuring foo "$@"\n';
    const p = part(
      `${URL_OPTION}
prefix = \${buildout:directory}/there
configure-options =
    --with-x
    --without-y
make-targets = install install
patches = x.patch
environment-section = env
environment =
    CFLAGS=%(HOME)s 100%%
keep-compile-dir = true`,
      sources(),
      "[env]\nCFLAGS = old\nCC = cc\n",
    );
    p.write("x.patch", patch);
    expect((await p.run()).text).toContain(
      `Installing foo.\nfoo: [ENV] CC = cc\nfoo: [ENV] CFLAGS = ${process.env.HOME} 100%\n` +
        "foo: Extracting package to /p/parts/foo__compile__\nfoo: Applying patches\n",
    );
    expect(p.read("there/bin/foo")).toBe(
      `flags: ${process.env.HOME} 100%\noptions: --prefix=${p.path("there")} --with-x --without-y\n`,
    );
    expect(p.read("parts/foo__compile__/foo-1/configure")).toContain("patched");
    p.write("buildout.cfg", "[buildout]\nparts =\n");
    await p.run();
    expect(p.has("parts/foo__compile__")).toBe(false);
  });

  test("can do without configure", async () => {
    const makefile = "all:\n\ttrue\ninstall:\n\tmkdir -p $(PREFIX) && touch $(PREFIX)/$(WORD)\n";
    const p = part(
      `${URL_OPTION}\nconfigure-command = true\nmake-options =\n    PREFIX=\${buildout:parts-directory}/foo\n    WORD=hello`,
      [{ name: "Makefile", data: makefile }],
    );
    expect((await p.run()).error).toBeUndefined();
    expect(p.has("parts/foo/hello")).toBe(true);
  });

  test("can be built in a directory that is kept", async () => {
    const p = part("path = ${buildout:directory}/src");
    p.write("src/configure", CONFIGURE);
    chmodSync(p.path("src/configure"), 0o755);
    expect((await p.run()).text).toContain(
      "Installing foo.\nfoo: Using local source directory: /p/src\n",
    );
    expect([p.has("parts/foo/bin/foo"), statSync(p.path("src")).isDirectory()]).toEqual([
      true,
      true,
    ]);
  });
});

describe("a build that fails", () => {
  test("leaves the sources, which the next one replaces", async () => {
    const p = part(URL_OPTION, sources("foo-1/", "#!/bin/sh\necho no compiler\nexit 3\n"));
    const { text, error } = await p.run();
    expect(text).toContain(
      'foo: Command failed with exit code 3: ./configure --prefix="/p/parts/foo"\n' +
        "foo: Compilation error. The package is left as is at /p/parts/foo__compile__/foo-1 where you can inspect what went wrong\n",
    );
    expect(error).toMatchObject({ message: "System error" });
    expect([p.has("parts/foo"), p.has("parts/foo__compile__/foo-1")]).toEqual([false, true]);
    writeArchive(p.path("foo.tgz"), sources());
    expect((await p.run()).text).toContain(
      "foo: Removing already existing directory /p/parts/foo__compile__\n",
    );
    expect(p.has("parts/foo/bin/foo")).toBe(true);
  });

  test.each([
    ["", 'You must provide either "url" or "path".'],
    ["url = x\npath = y", 'You must use either "url" or "path", not both!'],
    ["url = x\nenvironment = NOTHING", "Invalid environment variable definition: NOTHING"],
    ["url = x\nenvironment = A=%(NO_SUCH)s", "There is no environment variable NO_SUCH."],
    [
      "url = x\npre-make-hook = h.py:f",
      "pre-make-hook is Python code, which needs the Python recipe.",
    ],
    [`${URL_OPTION}\nmd5sum = 1`, /MD5 checksum mismatch for local resource/],
  ])("because of %j", async (options, message) => {
    const p = part(options);
    expect((await p.run()).error?.message).toMatch(message);
    expect([p.has("parts/foo"), p.has("parts/foo__compile__")]).toEqual([false, false]);
  });
});

import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { execaSync } from "execa";
import { describe, expect, test } from "vitest";
import eggs from "../../../recipes/egg/eggs.ts";
import recipe from "../../../recipes/egg/index.ts";
import { makeEggPart, python } from "../../support/eggs.ts";
import { type Project, project } from "../../support/engine-project.ts";
import { makeDistribution } from "../../support/made-distributions.ts";

const version = execaSync(python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);

/** A buildout whose eggs directory has `Hello.World` and `two`, which it needs. Offline. */
function buildout(
  configuration: string,
): Project & { bin(name: string, ...args: string[]): string } {
  const made = project(
    {
      "buildout.cfg": `[buildout]
executable = ${python}
newest = false
offline = true
parts = demo
[demo]
recipe = zc.recipe.egg
${configuration}`,
    },
    { "zc.recipe.egg": recipe, "zc.recipe.egg:scripts": recipe, "zc.recipe.egg:eggs": eggs },
  );
  const egg = (name: string) => made.path(`eggs/v5/${name}-1.0-py${version.stdout}.egg`);
  makeDistribution(egg("Hello.World"), {
    name: "Hello.World",
    scripts: ["hello = hello:main", "other = hello:main"],
    files: {
      "hello.py": "import sys, two\ndef main(*args): print(two.NAME, args, sys.argv[1:])\n",
    },
    metadata: { "requires.txt": "two\n\n[more]\nthree\n" },
  });
  makeDistribution(egg("two"), {
    name: "two",
    scripts: ["two = two:main"],
    files: { "two.py": "NAME = 'two'\ndef main(): print('main of two')\n" },
  });
  makeDistribution(egg("three"), { name: "three", files: { "three.py": "" } });
  return {
    ...made,
    bin: (name, ...args) => execaSync(made.path(`bin/${name}`), args, { cwd: "/" }).stdout,
  };
}

const scripts = (made: Project) => readdirSync(made.path("bin")).sort();

describe("zc.recipe.egg", () => {
  test("writes the scripts of its eggs, and again only when something changed", async () => {
    const made = buildout("eggs = hello-world\n");
    const first = await made.run();
    expect(first.text).toBe(
      "Installing demo.\nGenerated script '/p/bin/hello'.\nGenerated script '/p/bin/other'.\n",
    );
    expect(made.bin("hello", "x")).toBe("two () ['x']");
    expect(made.read("bin/hello")).toBe(`#!${python}

import sys
sys.path[0:0] = [
  '${made.directory}/eggs/v5/Hello.World-1.0-py${version.stdout}.egg',
  '${made.directory}/eggs/v5/two-1.0-py${version.stdout}.egg',
  ]

import hello

if __name__ == '__main__':
    sys.exit(hello.main())
`);
    rmSync(made.path("bin/other"));
    writeFileSync(made.path("bin/hello"), "broken");
    expect((await made.run()).text).toBe(
      "Uninstalling demo.\nInstalling demo.\nGenerated script '/p/bin/hello'.\nGenerated script '/p/bin/other'.\n",
    );
    writeFileSync(made.path("bin/hello"), "broken");
    expect((await made.run()).text).toBe("Updating demo.\nGenerated script '/p/bin/hello'.\n");
    expect((await made.run()).text).toBe("Updating demo.\n");
  });

  test("records the options that the original publishes; leaves nothing behind", async () => {
    const made = buildout(`eggs =
    Hello.World
    two
scripts = hello=hi two
interpreter = py
extra-paths =
    lib
    /abs
initialization =
    import os
    X = "x"
arguments = X, os.name
entry-points = extra=two:main
relative-paths = true
find-links = a b
`);
    expect((await made.run()).error).toBeUndefined();
    expect(scripts(made)).toEqual(["hi", "py", "two"]);
    expect(made.bin("hi", "y")).toBe("two ('x', 'posix') ['y']");
    expect(made.bin("py", "-c", "import hello, sys; print(X, sys.path[2:4])")).toBe(
      `x ['${made.directory}/lib', '/abs']`,
    );
    const remembered = made
      .read(".installed.cfg")
      .replaceAll(made.directory, "/p")
      .replace(/^[\s\S]*\[demo\]\n/, "")
      .replace(/^__buildout_signature__ = .*\n/m, "");
    expect(remembered).toBe(`__buildout_installed__ = /p/bin/hi
	/p/bin/two
	/p/bin/py
_b = /p/bin
_d = /p/develop-eggs
_e = /p/eggs/v5
arguments = X, os.name
bin-directory = /p/bin
buildout-directory = /p
develop-eggs-directory = /p/develop-eggs
eggs = Hello.World
	two
eggs-directory = /p/eggs/v5
entry-points = extra=two:main
extra-paths = /p/lib
	/abs
find-links = a
	b
initialization = import os
	X = "x"
interpreter = py
recipe = zc.recipe.egg
relative-paths = true
scripts = hello=hi two
`);
    await made.run({ assignments: ["buildout:parts="] });
    expect(scripts(made)).toEqual([]);
    expect(made.has("eggs/v5")).toBe(true);
  });

  test("an empty scripts option writes nothing, not even an interpreter", async () => {
    const made = buildout("eggs = two\nscripts =\ninterpreter = py\n");
    expect((await made.run()).text).toBe("Installing demo.\n");
    expect(scripts(made)).toEqual([]);
  });

  test("entry-points, dependent-scripts, and names that no egg has", async () => {
    const made = buildout(`eggs = Hello.World[more]
entry-points = one=two:main
  deep=os.path:sep.join
dependent-scripts = true
scripts = one hello two lost found=new
`);
    const { text } = await made.run();
    expect(text).toContain(
      "Could not generate script 'lost' as it is not defined in the egg entry points.\n" +
        "Could not generate script 'found' as script 'new' is not defined in the egg entry points.\n",
    );
    expect(scripts(made)).toEqual(["hello", "one", "two"]);
    expect(made.bin("one")).toBe("main of two");
    expect(made.read("bin/one")).toContain("/three-1.0-");
  });

  test("uses its name as its egg; other parts can use its options", async () => {
    const made = buildout(`eggs = \${two:eggs-directory}
[two]
recipe = zc.recipe.egg:scripts
`);
    const { text } = await made.run({ parts: ["two"] });
    expect(text).toBe("Installing two.\nGenerated script '/p/bin/two'.\n");
    const { error } = await made.run();
    expect(error?.message).toContain("/eggs/v5' is not a Python requirement");
  });

  test("python names the section of another interpreter", async () => {
    const made = buildout("eggs = two\npython = other\n[other]\nexecutable = my python\n");
    made.write("my python", `#!/bin/sh\necho mine >&2\nexec ${python} "$@"\n`);
    execaSync("chmod", ["+x", made.path("my python")]);
    await made.run();
    expect(execaSync(made.path("bin/two"))).toMatchObject({
      stdout: "main of two",
      stderr: "mine",
    });
  });

  test("by default, the interpreter is the one that a shim on the PATH starts", async () => {
    const made = buildout("eggs = two\n");
    made.write("buildout.cfg", made.read("buildout.cfg").replace(/^executable.*\n/m, ""));
    made.write("shims/python3", `#!/bin/sh\nexec ${python} "$@"\n`);
    execaSync("chmod", ["+x", made.path("shims/python3")]);
    const { error } = await made.run({ env: { PATH: made.path("shims") } });
    expect(error).toBeUndefined();
    expect(made.read("bin/two")).toMatch(`#!${python}\n`);
  });

  test("a missing interpreter is an error at once", async () => {
    const made = buildout("eggs = two\npython = other\n[other]\nexecutable = /no/python\n");
    const { error } = await made.run();
    expect(error).toMatchObject({
      code: "interpreter-missing",
      message: "There is no Python interpreter at '/no/python'.",
    });
  });

  test("an invalid option is reported with its location", async () => {
    const cases: [string, string, string][] = [
      ["entry-points = x=a-b:c", "invalid-entry-point", "Invalid entry point"],
      ["entry-points = main", "invalid-entry-point", "Invalid entry point"],
      [
        "dependent-scripts = yes",
        "invalid-value",
        "Invalid value for dependent-scripts option: yes",
      ],
      ["relative-paths = 1", "invalid-value", "Invalid value for relative-paths option: 1"],
    ];
    for (const [line, code, message] of cases) {
      const made = buildout(`eggs = two\n${line}\n`);
      const { error, text } = await made.run();
      expect(error).toMatchObject({ code, message, location: { line: 9 } });
      expect(scripts(made)).toEqual([]);
      if (code === "invalid-entry-point") {
        expect(text).toMatch(/^demo: Cannot parse the entry point (x=a-b:c|main)\.$/m);
      }
    }
  });

  test(":eggs installs eggs alone", async () => {
    const made = buildout("eggs = Hello.World\n");
    await made.run({ assignments: ["demo:recipe=zc.recipe.egg:eggs"] });
    expect(scripts(made)).toEqual([]);
    expect(made.read(".installed.cfg")).toContain("_e = ");
    expect(made.read(".installed.cfg")).not.toContain("_b = ");
    const missing = buildout("eggs = Hello.World\n    absent\n");
    const { error } = await missing.run({ assignments: ["demo:recipe=zc.recipe.egg:eggs"] });
    expect(error?.message).toContain("We don't have a distribution for absent");
  });
});

describe("places of distributions", () => {
  const own = { "find-links": "https://joe:secret@host/a b", index: "https://joe:secret@host/" };

  test("are those of [buildout], whose logins are not recorded", async () => {
    const { part, asked } = await makeEggPart(eggs, { sections: { buildout: own } });
    await eggs.install(part as never);
    expect(part.options.get("find-links")).toBe("https://host/a\nb");
    expect(part.options.get("index")).toBe("https://host/");
    expect(asked).toEqual([{ executable: python, asker: "demo" }]); // the rest is the buildout's
  });

  test("are those of the part if it has them", async () => {
    const options = { "find-links": "", index: "https://other/simple" };
    const { part, asked } = await makeEggPart(eggs, { options, sections: { buildout: own } });
    await eggs.install(part as never);
    expect(asked).toMatchObject([{ findLinks: [], index: "https://other/simple" }]);
  });
});

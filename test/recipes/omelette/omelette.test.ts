import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import recipe from "../../../recipes/omelette/index.ts";
import { makeEggPart } from "../../support/eggs.ts";
import { type Made, makeDistribution } from "../../support/made-distributions.ts";
import { scratch } from "../../support/scratch.ts";

/** The content of a directory: path -> target of a link, from `directory`; directories end in a slash. */
function tree(folder: string, directory: string, above = ""): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((item) => {
      const file = path.join(folder, item.name);
      const name = above + item.name;
      if (item.isDirectory()) return [`${name}/`, ...tree(file, directory, `${name}/`)];
      return item.isSymbolicLink()
        ? [`${name} -> ${path.relative(directory, readlinkSync(file))}`]
        : [`${name} (file)`];
    });
}

const empty = (...files: string[]) => Object.fromEntries(files.map((file) => [file, ""]));

const EGGS: Made[] = [
  {
    name: "zope.app",
    files: empty("zope/__init__.py", "zope/app/__init__.py", "zope/app/main.py", "zope/.hidden"),
    metadata: { "namespace_packages.txt": "zope\n", "top_level.txt": "zope\n" },
  },
  {
    name: "zope.app.other",
    files: empty("zope/__init__.py", "zope/app/__init__.py", "zope/app/other/__init__.py"),
    metadata: { "namespace_packages.txt": "zope\nzope.app\n", "top_level.txt": "zope\n" },
  },
  {
    name: "plain",
    files: empty("plain/__init__.py", "single.py", "native.so", "plain/data.txt"),
    metadata: { "top_level.txt": "plain\nsingle\nnative\nabsent\n" },
  },
  {
    name: "ns.one",
    developed: true,
    files: empty("ns/one/__init__.py", "ns/.dot"),
    metadata: { "top_level.txt": "ns\n" },
  },
  {
    name: "modern",
    files: empty("modern/__init__.py", "alone.py"),
    metadata: {
      RECORD:
        "modern/__init__.py,sha256=x,0\nalone.py,,\nEGG-INFO/RECORD,,\n../../bin/modern.py,,\n",
    },
  },
  {
    name: "source",
    developed: true,
    files: empty("source/__init__.py", "setup.py", "docs/conf.py"),
  },
];

async function part(options: Record<string, string>, eggs = EGGS, directory = scratch()) {
  const distributions = eggs.map((made) =>
    makeDistribution(path.join(directory, "eggs", made.name), made),
  );
  const made = await makeEggPart(recipe, { name: "om", directory, distributions, options });
  const location = path.join(directory, "parts/om");
  return {
    ...made,
    location,
    install: () => recipe.install(made.part as never),
    tree: () => tree(location, directory),
  };
}

describe("the tree", () => {
  test("has a link for each package, and directories for namespace packages", async () => {
    const { install, tree, lines, location, created } = await part({ eggs: "all" });
    expect(await install()).toBe(location);
    expect(created).toEqual([location]);
    expect(tree()).toEqual([
      "alone.py -> eggs/modern/alone.py",
      "modern -> eggs/modern/modern",
      "native.so -> eggs/plain/native.so",
      "ns/",
      "ns/one -> eggs/ns.one/ns/one",
      "plain -> eggs/plain/plain",
      "single.py -> eggs/plain/single.py",
      "source -> eggs/source/source",
      "zope/",
      "zope/__init__.py -> eggs/zope.app/zope/__init__.py",
      "zope/app -> eggs/zope.app/zope/app",
    ]);
    expect(lines).toEqual([
      "warning: Warning: (While processing egg plain) Package 'absent' not found.  Skipping. (part)",
    ]);
  });

  test("merges namespaces, the more deeply nested first", async () => {
    const { install, tree } = await part({ eggs: "all" }, [EGGS[1]!, EGGS[0]!]);
    await install();
    expect(tree()).toEqual([
      "zope/",
      "zope/__init__.py -> eggs/zope.app.other/zope/__init__.py",
      "zope/app/",
      "zope/app/__init__.py -> eggs/zope.app.other/zope/app/__init__.py",
      "zope/app/other -> eggs/zope.app.other/zope/app/other",
    ]);
  });

  test("leaves out ignored packages, and develop packages on request", async () => {
    const { install, tree } = await part({
      eggs: "all",
      ignores: "zope.app Plain\nmodern",
      "ignore-develop": "Yes",
    });
    await install();
    expect(tree().filter((line) => !line.startsWith("zope"))).toEqual([]);
    expect(tree()).toContain("zope/app/other -> eggs/zope.app.other/zope/app/other");
  });

  test("uses each name only once", async () => {
    const other: Made = {
      name: "other",
      files: empty("plain/__init__.py"),
      metadata: { "top_level.txt": "plain\n../outside\n" },
    };
    const { install, tree, lines, directory } = await part({ eggs: "all" }, [EGGS[2]!, other]);
    await install();
    expect(tree()).toContain("plain -> eggs/plain/plain");
    expect(lines).toContain(
      `info: (While processing egg other) Link already exists (${directory}/eggs/other/plain -> plain).  Skipping. (part)`,
    );
    expect(lines).toContain(
      "warning: Warning: (While processing egg other) Package '../outside' not found.  Skipping. (part)",
    );
  });

  test("needs no eggs", async () => {
    const { install, tree, required } = await part({});
    await install();
    expect(tree()).toEqual([]);
    expect(required).toEqual([]);
  });
});

describe("packages", () => {
  /** Folders as in an old Zope instance. */
  function folders() {
    const directory = scratch();
    for (const folder of ["p/Products/P1", "p/Products/.svn", "more/Products/P2", "more/two"]) {
      mkdirSync(path.join(directory, folder), { recursive: true });
    }
    writeFileSync(path.join(directory, "p/Products/__init__.py"), "");
    return directory;
  }

  test("are linked into a directory of the tree, one level deeper if that exists", async () => {
    const packages = "p/Products Products\nmore\nmore/Products a/b\ngone x\na b c";
    const { install, tree, lines, directory } = await part({ packages }, [], folders());
    await install();
    expect(tree()).toEqual([
      "Products/",
      "Products/P1 -> p/Products/P1",
      "Products/P2 -> more/Products/P2",
      "a/",
      "a/b/",
      "a/b/P2 -> more/Products/P2",
      "two -> more/two",
    ]);
    expect(lines).toEqual([
      `warning: Warning: Product directory ${directory}/gone not found.  Skipping. (part)`,
      "warning: Warning: Invalid package: om ['a', 'b', 'c'] (part)",
    ]);
  });

  test("that exist already, as links, are warnings", async () => {
    const packages = "p/Products .\np/Products .\nmore P1";
    const { install, tree, lines, directory } = await part({ packages }, [], folders());
    await install();
    expect(tree()).toEqual(["P1 -> p/Products/P1"]);
    expect(lines).toEqual([
      `warning: Warning: (While processing package ${directory}/p/Products/P1) Link already exists.  Skipping. (part)`,
      `warning: Warning: (While processing package directory ${directory}/more) Link already exists at P1.  Skipping. (part)`,
    ]);
  });

  test("cannot leave the tree", async () => {
    for (const target of ["../x", "/x", "a/../../x"]) {
      const { install, location } = await part({ packages: `p/Products ${target}` }, [], folders());
      await expect(install()).rejects.toMatchObject({ code: "invalid-value" });
      expect(existsSync(location)).toBe(false);
    }
  });
});

describe("an update", () => {
  test("follows the eggs and leaves correct links alone", async () => {
    const directory = scratch();
    await (await part({ eggs: "all" }, EGGS, directory)).install();
    const location = path.join(directory, "parts/om");
    const before = lstatSync(path.join(location, "single.py")).ino;
    mkdirSync(path.join(location, "zope/__pycache__"));
    writeFileSync(path.join(location, "zope/__pycache__/x.pyc"), "");
    writeFileSync(path.join(location, "file"), "");
    const { part: second, tree } = await part({ eggs: "all" }, EGGS.slice(1, 3), directory);
    await recipe.update?.(second as never);
    expect(tree()).toEqual([
      "native.so -> eggs/plain/native.so",
      "plain -> eggs/plain/plain",
      "single.py -> eggs/plain/single.py",
      "zope/",
      "zope/__init__.py -> eggs/zope.app.other/zope/__init__.py",
      "zope/app/",
      "zope/app/__init__.py -> eggs/zope.app.other/zope/app/__init__.py",
      "zope/app/other -> eggs/zope.app.other/zope/app/other",
    ]);
    expect(lstatSync(path.join(location, "single.py")).ino).toBe(before);
    expect(readdirSync(path.join(directory, "eggs/zope.app/zope"))).toContain("app");
  });
});

describe("the location", () => {
  test("that is a link is replaced; the target of the link is kept", async () => {
    const { install, location, directory } = await part({ eggs: "all" });
    mkdirSync(path.join(directory, "mine"));
    writeFileSync(path.join(directory, "mine/file"), "");
    symlinkSync(path.join(directory, "mine"), location);
    await install();
    expect(lstatSync(location).isDirectory()).toBe(true);
    expect(readdirSync(path.join(directory, "mine"))).toEqual(["file"]);
  });

  test("may not hold the buildout", async () => {
    for (const place of [".", "..", "/"]) {
      const { install, directory } = await part({ location: place });
      await expect(install()).rejects.toMatchObject({ code: "invalid-value" });
      expect(existsSync(path.join(directory, "parts"))).toBe(true);
    }
  });
});

import { expect, test } from "vitest";
import { pythonProject } from "../../support/bridge-project.ts";
import { writeWheel } from "../../support/wheel.ts";

test("dependency_links and old namespace packages are warned about, other packages are not", async () => {
  const p = pythonProject([], "");
  const links = { "linking-1.0.dist-info/dependency_links.txt": "http://a.example/x\nb.zip\n" };
  writeWheel(p.path("links"), "linking", "1.0", { files: { "linking.py": "", ...links } });
  writeWheel(p.path("links"), "plain", "1.0", {
    files: { "plain.py": "", "plain-1.0.dist-info/dependency_links.txt": "\n" },
  });
  p.write(
    "old/setup.py",
    "from setuptools import setup\n" +
      "setup(name='old.style', version='1.0', packages=['old', 'old.style'],\n" +
      "      namespace_packages=['old'], dependency_links=['http://b.example/y'])\n",
  );
  const init = "__import__('pkg_resources').declare_namespace(__name__)\n";
  p.write("old/old/__init__.py", init);
  p.write("old/old/style/__init__.py", "");
  p.write(
    "buildout.cfg",
    "[buildout]\ndevelop = old\nfind-links = links\nparts = app\n" +
      "[app]\nrecipe = zc.recipe.egg:eggs\neggs =\n  linking\n  plain\n",
  );
  const { status, out, err } = await p.buildout();
  expect([status, err]).toEqual([0, ""]);
  const warnings = out.split("\n").filter((line) => /dependency_links|namespace/.test(line));
  expect(warnings).toEqual([
    "old.style has dependency_links, which are not followed: http://b.example/y. " +
      "Add what is needed of them to find-links.",
    "Package old.style at /p/old is using old style namespace packages: old. " +
      "You should switch to native namespaces (PEP 420).",
    "linking 1.0 has dependency_links, which are not followed: http://a.example/x b.zip. " +
      "Add what is needed of them to find-links.",
  ]);
  expect((await p.buildout("buildout:use-dependency-links=false")).out).not.toContain(
    "has dependency_links",
  );
});

test("eggs = zc.buildout is what an index has, or the error says where was looked", async () => {
  const p = pythonProject([], "");
  writeWheel(p.path("links"), "zc.buildout", "6.0", { files: { "zc/buildout/here.py": "" } });
  const configuration = (links: string) =>
    `[buildout]\nfind-links = ${links}\nparts = app\n[app]\nrecipe = zc.recipe.egg\n` +
    "eggs = zc.buildout\ninterpreter = py\n";
  p.write("empty/README", "");
  p.write("buildout.cfg", configuration("empty"));
  const { status, err } = await p.buildout();
  expect(status).toBe(1);
  expect(err).toContain("Error: Couldn't find a distribution for 'zc.buildout>=");
  expect(err).toContain("app requires it. Looked in /p/empty, ");
  p.write("buildout.cfg", configuration("links"));
  expect((await p.buildout()).out).toContain("Got zc.buildout 6.0.\n");
  expect(p.read("bin/py")).toMatch(/\/eggs\/v5\/zc\.buildout-6\.0-\S+\.egg'/);
});

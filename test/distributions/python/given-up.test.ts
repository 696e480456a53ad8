import { expect, test } from "vitest";
import { pythonProject } from "../../support/bridge-project.ts";
import { writeWheel } from "../../support/wheel.ts";

const OLD_STYLE = {
  "old/setup.py":
    "from setuptools import setup\n" +
    "setup(name='old.style', version='1.0', packages=['old', 'old.style'],\n" +
    "      namespace_packages=['old'], install_requires=['needed'], dependency_links=['LINK'])\n",
  "old/old/__init__.py": "__import__('pkg_resources').declare_namespace(__name__)\n",
  "old/old/style/__init__.py": "",
  "buildout.cfg":
    "[buildout]\ndevelop = old\nfind-links = links\nparts = app\n" +
    "[app]\nrecipe = zc.recipe.egg:eggs\neggs =\n  old.style\n  linking\n  plain\n",
};

/** A develop package whose requirement is at its `dependency_links`. */
function oldStyle(link: (p: ReturnType<typeof pythonProject>) => string) {
  const p = pythonProject([], "");
  for (const [file, text] of Object.entries(OLD_STYLE))
    p.write(file, text.replace("LINK", link(p)));
  const links = { "linking-1.0.dist-info/dependency_links.txt": "http://a.example/x\nb.zip\n" };
  writeWheel(p.path("links"), "linking", "1.0", { files: { "linking.py": "", ...links } });
  writeWheel(p.path("links"), "plain", "1.0", {
    files: { "plain.py": "", "plain-1.0.dist-info/dependency_links.txt": "\n" },
  });
  writeWheel(p.path("elsewhere"), "needed", "1.0");
  return p;
}

test("local dependency_links are followed; others lead to warnings", async () => {
  const p = oldStyle((p) => `file://${p.path("elsewhere")}`);
  const refused = await p.buildout("buildout:use-dependency-links=false");
  expect(refused.status).toBe(1);
  expect(refused.err).toContain("Error: Couldn't find a distribution for 'needed'.");
  expect(refused.out).not.toContain("dependency_links");
  const { status, out, err } = await p.buildout();
  expect([status, err]).toEqual([0, ""]);
  expect(out).toContain("Getting distribution for 'needed'.\nGot needed 1.0.\n");
  const warnings = out.split("\n").filter((line) => line.includes("dependency_links"));
  expect(warnings).toEqual([
    "linking 1.0 has dependency_links, which were ignored: http://a.example/x b.zip. " +
      "Add the ones you need to find-links.",
  ]);
});

test("dependency_links to a host that is not allowed are left out", async () => {
  const p = oldStyle(() => "http://b.example/y");
  const { status, out, err } = await p.buildout("buildout:allow-hosts=127.0.0.1");
  expect([status, err.split("\n")[3]]).toEqual([
    1,
    "Error: Couldn't find a distribution for 'needed'.",
  ]);
  expect(out).toContain(
    "The dependency_links of old.style are ignored: b.example is not in allow-hosts.\n",
  );
});

test("old namespace packages lead to warnings when they are developed, and at the end", async () => {
  const { out } = await oldStyle((p) => `file://${p.path("elsewhere")}`).buildout();
  const lines = out.split("\n");
  expect(lines[0]).toBe(
    "WARNING: Package old.style at /p/old is using old style namespace packages. " +
      "You should switch to native namespaces (PEP 420).",
  );
  expect(lines.at(-2)).toBe("* old.style: old");
});

test("eggs = zc.buildout is taken from an index, or the error lists where it was looked for", async () => {
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
  expect(err).toContain("app requires it. Searched /p/empty, ");
  p.write("buildout.cfg", configuration("links"));
  expect((await p.buildout()).out).toContain("Got zc.buildout 6.0.\n");
  expect(p.read("bin/py")).toMatch(/\/eggs\/v5\/zc\.buildout-6\.0-\S+\.egg'/);
});

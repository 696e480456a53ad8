import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { TestProject } from "./deploy-project.ts";
import type { TestServer } from "./servers.ts";
import { writeWheel } from "./wheel.ts";

/** It may be killed as well, and writes complete files. */
const RECIPE = `import os

class Recipe:
    def __init__(self, buildout, name, options):
        self.options = options

    def install(self):
        path = self.options["output"]
        with open(path + ".new", "w") as output:
            output.write(self.options["text"] + "\\n")
        os.replace(path + ".new", path)
        return [path]

    update = install
`;

/**
 * A project with versions 1, 2, 3, ..., each with other files, links, packages and parts than the one before.
 * Its host has parts in Python and in Node.
 */
export class ChangingProject extends TestProject {
  /**
   * Version 1, with `host1`; its options are added to those that connect to the server. `host2` is the same
   * with the options `others`.
   */
  static async make(
    server: TestServer,
    options: Record<string, string>,
    others: Record<string, string> = {},
  ): Promise<ChangingProject> {
    const project = new ChangingProject({});
    project.become(1);
    const one = project.hostLines(server, { include: "files\nwheels", ...options });
    const two = project.hostLines(server, { include: "files\nwheels", ...options, ...others });
    project.write({
      "buildout.cfg": `[buildout]\nextends = prod.cfg\nparts = host1 host2\n[host1]\n${one}[host2]\n${two}`,
    });
    const { status, stderr } = await project.buildout();
    if (status !== 0) throw new Error(`The buildout failed: ${stderr}`);
    return project;
  }

  /** Replaces the files with those of a version. */
  become(version: number): void {
    for (const name of ["files", "wheels"]) {
      rmSync(join(this.directory, name), { recursive: true, force: true });
    }
    const pins = `demo = ${version}.0\nmaker = 1.0\n`;
    this.write({
      "prod.cfg": `[buildout]
parts = page scripts made${[" tool extra", " extra", ""][version % 3]}
develop = src/tool
find-links = wheels
allow-hosts =
versions = versions
[page]
recipe = collective.recipe.template
input = files/page.in
output = parts/page/index.html
[scripts]
recipe = zc.recipe.egg
eggs = demo
interpreter = py
[made]
recipe = maker
output = \${buildout:parts-directory}/made
text = ${version}
[tool]
recipe = hostout:node
eggs = tool
[extra]
recipe = plone.recipe.command
location = \${buildout:parts-directory}/extra
command = echo ${version} > \${:location}
update-command = \${:command}
[versions]
${pins}`,
      "versions.cfg": `[versions]\n${pins}`,
      "files/page.in": `page ${version}\n`.repeat(2000),
      "files/same": "always the same\n",
      [`files/of-${version}`]: `only in ${version}\n`,
      "src/tool/package.json": JSON.stringify({ name: "tool", version: "1.0.0", bin: "tool.js" }),
      "src/tool/tool.js": `#!/usr/bin/env node\nconsole.log("tool ${Math.ceil(version / 3)}");\n`,
    });
    // A directory in one version is a link or a file in the next.
    if (version % 3 === 1) this.write({ "files/changing/inner/text": "in a directory\n" });
    else if (version % 3 === 2) symlinkSync("same", join(this.directory, "files/changing"));
    else this.write({ "files/changing": "a file\n" });
    symlinkSync(`of-${version}`, join(this.directory, "files/link"));
    symlinkSync("nothing", join(this.directory, "files/broken"));
    const wheels = join(this.directory, "wheels");
    writeWheel(wheels, "demo", `${version}.0`, {
      entryPoints: "[console_scripts]\ndemo = demo:main\n",
      files: { "demo.py": `def main():\n    print("demo ${version}")\n` },
    });
    writeWheel(wheels, "maker", "1.0", {
      entryPoints: "[zc.buildout]\ndefault = maker:Recipe\n",
      files: { "maker.py": RECIPE },
    });
  }
}

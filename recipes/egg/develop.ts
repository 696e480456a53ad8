import { statSync } from "node:fs";
import path from "node:path";
import { defineRecipe, initializeEggs, type Part } from "../../src/index.ts";
import { BUILD_OPTIONS, buildSettings, extensionBuild } from "./extension-build.ts";

async function install(part: Part, settings: ReadonlyMap<string, string>): Promise<string[]> {
  const { options, buildout } = part;
  const setup = options.require("setup");
  const isFile = statSync(setup, { throwIfNoEntry: false })?.isFile() ?? false;
  const build = await extensionBuild(part, settings);
  const executable = await buildout.pythonExecutable(options);
  return buildout.developPackage(isFile ? path.dirname(setup) : setup, build, executable);
}

export default defineRecipe({
  description: "Develops a Python package with its own settings for C extensions.",
  options: {
    setup: { required: true, description: "The package's directory, or its setup.py." },
    python: { description: "The section whose `executable` is the interpreter." },
    ...BUILD_OPTIONS,
  },
  readsOnlyDeclared: true,
  async init(part) {
    const { options, buildout } = part;
    await initializeEggs(part);
    const settings = buildSettings(part);
    options.set("setup", path.resolve(buildout.directory, options.require("setup")));
    return settings;
  },
  install,
  update: install,
});

import { statSync } from "node:fs";
import path from "node:path";
import { defineRecipe, initializeEggs, type Part, type Section } from "../../src/index.ts";
import { BUILD_OPTIONS, buildSettings, extensionBuild } from "./extension-build.ts";

/** The settings of each part, made when it is initialised. */
const settings = new WeakMap<Section, ReadonlyMap<string, string>>();

async function install(part: Part): Promise<string[]> {
  const { options, buildout } = part;
  const setup = options.require("setup");
  const isFile = statSync(setup, { throwIfNoEntry: false })?.isFile() ?? false;
  const build = await extensionBuild(part, settings.get(options)!);
  const executable = await buildout.pythonExecutable(options);
  return buildout.developPackage(isFile ? path.dirname(setup) : setup, build, executable);
}

export default defineRecipe({
  description: "Develops a Python package with settings of its own for its C extensions.",
  options: {
    setup: { required: true, description: "The package's folder, or its setup.py." },
    python: { description: "The section whose `executable` is the interpreter." },
    ...BUILD_OPTIONS,
  },
  readsOnlyDeclared: true,
  async init(part) {
    const { options, buildout } = part;
    await initializeEggs(part);
    settings.set(options, buildSettings(part));
    options.set("setup", path.resolve(buildout.directory, options.require("setup")));
  },
  install,
  update: install,
});

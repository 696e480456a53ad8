import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import {
  type Bin,
  defineRecipe,
  installNodePackages,
  makeDirectory,
  nodeDistributions,
  type OptionValues,
  type Part,
  packageBins,
  partDirectory,
  writeFileAtomically,
} from "../../src/index.ts";
import { commandScript, importHook, interpreterScript, type Runtime } from "./script.ts";

const options = {
  eggs: { type: "lines", description: "Requirements, one per line; default: the part's name." },
  scripts: {
    type: "words",
    description:
      "Commands to write into bin/; `old=new` renames. Default: all of the named packages.",
  },
  "dependent-scripts": {
    type: "boolean",
    default: "false",
    description: "Write the commands of the dependencies, too.",
  },
  interpreter: { description: "Name of a node in bin/ that finds the part's packages." },
  arguments: {
    type: "lines",
    description: "Arguments to put before the caller's own, one per line.",
  },
  node: { type: "path", description: "The node executable; default: the one that runs buildout." },
} as const;

type NodePart = Part<typeof options>;
type Values = OptionValues<typeof options>;

const locationOf = (part: NodePart) => part.options.require("location");

/** Whether a directory is missing, or empty. */
function isVacant(directory: string): boolean {
  try {
    return readdirSync(directory).length === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return true;
  }
}

/** Installs the packages. Returns the names of the requested ones. */
async function installPackages(part: NodePart): Promise<string[]> {
  const { buildout, log, values } = part;
  const packages = values.eggs ?? [part.name];
  const { names } = await installNodePackages({
    folder: locationOf(part),
    packages,
    developPackages: buildout.developPackages,
    versions: buildout.versions,
    links: buildout.downloadCache === undefined ? [] : [path.join(buildout.downloadCache, "dist")],
    directory: buildout.directory,
    offline: buildout.offline,
    allowPicked: (await buildout.section("buildout")).get("allow-picked-versions") !== "false",
    node: nodeOf(values),
    onStart: () => log.info(`Getting npm packages: ${packages.join(", ")}.`),
  });
  return names;
}

function nodeOf(values: Values): string {
  return values.node ?? process.execPath;
}

/** The commands to write: script name -> command. Warns about unknown names. */
async function chooseBins(part: NodePart, names: readonly string[]): Promise<Map<string, Bin>> {
  const location = locationOf(part);
  const packages = part.values["dependent-scripts"]
    ? [...names, ...(await nodeDistributions(location)).map(({ name }) => name)]
    : names;
  const bins = new Map<string, Bin>();
  for (const name of new Set(packages)) {
    for (const bin of await packageBins(location, name)) {
      if (!bins.has(bin.name)) bins.set(bin.name, bin);
    }
  }
  const { scripts } = part.values;
  if (scripts === undefined) return bins;
  const chosen = new Map<string, Bin>();
  for (const word of scripts) {
    const [name = "", rename = name] = word.split("=");
    const bin = bins.get(name);
    if (bin !== undefined) chosen.set(rename, bin);
    else {
      part.log.warning(
        `Could not generate script '${name}' as it is not defined in the egg entry points.`,
      );
    }
  }
  return chosen;
}

/** Writes an executable file unless it is up to date. Returns whether it did. */
function writeScript(file: string, text: string): boolean {
  const there = statSync(file, { throwIfNoEntry: false });
  const isSame = there?.isFile() === true && readFileSync(file, "utf8") === text;
  if (isSame && (there.mode & 0o777) === 0o755) return false;
  makeDirectory(path.dirname(file));
  writeFileAtomically(file, text, 0o755);
  return true;
}

/** Installs missing packages and writes changed files. Returns all paths of the part. */
async function install(part: NodePart, created: (file: string) => void): Promise<string[]> {
  const { buildout, log, values } = part;
  const location = locationOf(part);
  // The directory belongs to the part, unless it contained foreign files before.
  const paths = [...(isVacant(location) ? [location] : []), path.join(location, "node_modules")];
  for (const file of paths) created(file);
  const names = await installPackages(part);
  const runtime: Runtime = {
    node: nodeOf(values),
    location,
    keepLinks: buildout.developPackages.some(({ kind }) => kind === "node"),
  };
  for (const [name, bin] of await chooseBins(part, names)) {
    const file = path.join(buildout.binDirectory, name);
    created(file);
    const text = commandScript(bin, values.arguments ?? [], runtime);
    if (writeScript(file, text)) log.info(`Generated script '${file}'.`);
    paths.push(file);
  }
  if (values.interpreter) {
    const file = path.join(buildout.binDirectory, values.interpreter);
    const hook = path.join(location, "interpreter.mjs");
    created(hook);
    created(file);
    writeScript(hook, importHook(location));
    if (writeScript(file, interpreterScript(hook, runtime))) {
      log.info(`Generated interpreter '${file}'.`);
    }
    paths.push(hook, file);
  }
  return paths;
}

export default defineRecipe({
  description: "Installs npm packages and writes their commands into bin/.",
  options,
  readsOnlyDeclared: true,
  init(part) {
    const location = partDirectory(part);
    part.options.set("location", location);
  },
  install: (part) => install(part, (file) => part.created(file)),
  update: (part) => install(part, () => {}),
  distributions: (part) => nodeDistributions(locationOf(part)),
});

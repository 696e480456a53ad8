import { lstat, rm } from "node:fs/promises";
import path from "node:path";
import {
  BuildoutError,
  defineRecipe,
  eggsWorkingSet,
  initializeScripts,
  normalizeName,
  type Part,
  type PythonDistribution,
  partDirectory,
  repr,
  SCRIPT_OPTIONS,
  words,
} from "../../src/index.ts";
import { addDistribution } from "./distribution.ts";
import { addPackages } from "./packages.ts";
import { makeTree, type Tree } from "./tree.ts";

/** The distributions of the part; none without eggs. */
async function distributionsOf(part: Part): Promise<PythonDistribution[]> {
  return part.options.has("eggs") ? eggsWorkingSet(part) : [];
}

/** Those to include in the tree. */
async function wanted(part: Part): Promise<PythonDistribution[]> {
  const { options } = part;
  const skipDeveloped = ["yes", "true", "on", "1", "sure"].includes(
    (options.get("ignore-develop") ?? "").toLowerCase(),
  );
  const ignored = new Set(words(options.get("ignores") ?? "").map(normalizeName));
  return (await distributionsOf(part)).filter(
    ({ name, developed }) => !ignored.has(normalizeName(name)) && !(skipDeveloped && developed),
  );
}

/** The directory of the tree, absolute. Throws `invalid-value` if its content must not be removed. */
function locationOf({ options, buildout }: Part): string {
  const location = path.resolve(buildout.directory, options.require("location"));
  const outside = path.relative(location, buildout.directory).startsWith("..");
  if (outside) return location;
  const place = options.location("location");
  throw new BuildoutError(
    "invalid-value",
    `location is ${repr(location)}, which contains the buildout; everything in it would be removed.`,
    { ...(place && { location: place }) },
  );
}

async function install(part: Part): Promise<string> {
  const { options, buildout, log } = part;
  const location = locationOf(part);
  const tree: Tree = new Map();
  for (const distribution of await wanted(part)) addDistribution(tree, distribution, log);
  for (const line of (options.get("packages") ?? "").split("\n").map(words)) {
    const [source, target = ".", more] = line;
    if (source === undefined) continue;
    if (more === undefined) {
      addPackages(tree, path.resolve(buildout.directory, source), target, log);
    } else {
      log.warning(`Warning: Invalid package: ${part.name} [${line.map(repr).join(", ")}]`);
    }
  }
  part.created(location);
  const there = await lstat(location).catch(() => undefined);
  if (there?.isDirectory() === false) await rm(location); // A link: its target is not ours.
  await makeTree(location, tree);
  return options.require("location");
}

export default defineRecipe({
  description:
    "Links the packages of Python distributions into one directory for reading and searching.",
  options: {
    ...SCRIPT_OPTIONS,
    eggs: { type: "lines", description: "Requirements, one per line." },
    location: { description: "The directory; default: parts/NAME." },
    "ignore-develop": { description: "`true`: leave develop packages out." },
    ignores: { type: "words", description: "Distributions to leave out." },
    packages: {
      type: "lines",
      description: "`DIRECTORY [TARGET]`, one per line: further packages, linked into TARGET.",
    },
  },
  readsOnlyDeclared: true,
  async init(part) {
    const { options } = part;
    await initializeScripts(part);
    if (!options.has("location")) {
      options.set("location", partDirectory(part));
    }
  },
  install,
  update: install,
  distributions: distributionsOf,
});

import path from "node:path";
import {
  BuildoutError,
  defineRecipe,
  eggsOf,
  eggsWorkingSet,
  initializeScripts,
  makeDirectory,
  normalizeName,
  type Part,
  type PythonDistribution,
  partDirectory,
  pathExpression,
  repr,
  SCRIPT_OPTIONS,
  scriptSettings,
  writeScripts,
} from "../../src/index.ts";

const RUNNER = ["zope.testrunner"];

/** Where the tests are: the directories of the distributions in `eggs`. */
function testPaths(part: Part, distributions: readonly PythonDistribution[]): string[] {
  return eggsOf(part).flatMap((requirement) => {
    const name = /^[\w.-]+/.exec(requirement)?.[0] ?? "";
    const found = distributions.find((item) => normalizeName(item.name) === normalizeName(name));
    if (found !== undefined) return [found.location];
    if (requirement.includes(";")) return []; // Excluded by its marker.
    throw new BuildoutError(
      "missing-distribution",
      `Requirement not found in working set: ${requirement}`,
    );
  });
}

/** Where the tests run, absolute; the part's own directory is created if missing. */
async function workingDirectory({ options, buildout, created }: Part): Promise<string> {
  const named = options.get("working-directory");
  if (named) return path.resolve(buildout.directory, named);
  const location = options.require("location");
  makeDirectory(location);
  created(location);
  return location;
}

/** Python statements that run before the tests. */
async function initialization(part: Part, directory: string): Promise<string> {
  const { options, buildout } = part;
  const section = options.get("environment");
  const variables = section ? (await buildout.section(section)).entries() : [];
  return [
    "import os",
    "sys.argv[0] = os.path.abspath(sys.argv[0])",
    `os.chdir(${directory})`,
    ...variables.map(([name, value]) => `os.environ['${name}'] = ${repr(value)}`),
    options.get("initialization") ?? "",
  ].join("\n");
}

async function install(part: Part): Promise<string[]> {
  const { options } = part;
  const distributions = await eggsWorkingSet(part, RUNNER);
  const settings = scriptSettings(part);
  const expression = (file: string) => pathExpression(file, settings.relativePaths);
  const directory = await workingDirectory(part);
  const defaults = options.get("defaults");
  const paths = testPaths(part, distributions).map(
    (file) => `        '--test-path', ${expression(file)},\n`,
  );
  const scripts = writeScripts({
    ...settings,
    distributions,
    requirements: [],
    entryPoints: [
      {
        name: options.require("script"),
        module: "zope.testrunner",
        attributes: "run",
        extras: [],
      },
    ],
    scripts: undefined,
    dependentScripts: false,
    interpreter: undefined,
    initialization: await initialization(part, expression(directory)),
    arguments: `${defaults ? `(${defaults}) + ` : ""}[\n${paths.join("")}        ]`,
  });
  return options.get("working-directory") ? scripts : [directory, ...scripts];
}

export default defineRecipe({
  description: "Writes a script that runs the tests of Python distributions with zope.testrunner.",
  options: {
    ...SCRIPT_OPTIONS,
    script: { description: "Name of the script; default: the part's name." },
    defaults: { description: "A Python list of arguments that come first." },
    "working-directory": { description: "Where the tests run; default: parts/NAME." },
    environment: { description: "A section with environment variables for the tests." },
    initialization: { description: "Python statements that run before the tests." },
  },
  readsOnlyDeclared: true,
  async init(part) {
    const { name, options, buildout } = part;
    options.set("script", path.join(buildout.binDirectory, options.get("script") ?? name));
    if (!options.get("working-directory")) {
      options.set("location", partDirectory(part));
    }
    await initializeScripts(part);
  },
  install,
  update: install,
  distributions: (part) => eggsWorkingSet(part, RUNNER),
});

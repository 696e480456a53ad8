import { type Part, type PythonDistribution, writeScripts } from "../../src/index.ts";
import { sectionNames } from "./configuration.ts";

interface Script {
  /** Name of supervisor's own script. */
  of: string;
  name: string;
  initialization: string;
  arguments: string;
}

/** The scripts of supervisor itself, in the original's order. */
function ownScripts(part: Part): Script[] {
  const { name, options } = part;
  const conf = options.require("supervisord-conf");
  const sections = sectionNames(options);
  const daemon: Script = {
    of: "supervisord",
    name: `${name}d`,
    initialization: `import sys; sys.argv.extend(["-c","${conf}"])`,
    arguments: "",
  };
  const memmon: Script = { of: "memmon", name: "memmon", initialization: "", arguments: "" };
  const control: Script = {
    of: "supervisorctl",
    name: `${name}ctl`,
    initialization: `import sys; sys.argv[1:1] = ["-c", "${conf}"]`,
    arguments: "sys.argv[1:]",
  };
  return [
    ...(sections.has("global") ? [daemon] : []),
    memmon,
    ...(sections.has("ctl") ? [control] : []),
  ];
}

/** The part's requirements: supervisor, and its plugins with their dependencies, which include supervisor. */
async function workingSets(part: Part, plugins: readonly string[]) {
  const { buildout, name, options } = part;
  const executable = await buildout.pythonExecutable(options);
  const find = (requirements: readonly string[]) =>
    buildout.workingSet(requirements, { executable, asker: name });
  const supervisor = await find(["supervisor"]);
  return { executable, supervisor, plugins: plugins.length === 0 ? [] : await find(plugins) };
}

/** Writes missing or changed scripts. Returns the paths of all. */
export async function writeAllScripts(part: Part, plugins: readonly string[]): Promise<string[]> {
  const { buildout } = part;
  const sets = await workingSets(part, plugins);
  const relative = (await buildout.section("buildout")).get("relative-paths") === "true";
  const common = {
    executable: sets.executable,
    binDirectory: buildout.binDirectory,
    extraPaths: [],
    entryPoints: [],
    dependentScripts: false,
    interpreter: undefined,
    relativePaths: relative ? buildout.directory : undefined,
    log: buildout.log,
  };
  const paths: string[] = [];
  for (const script of ownScripts(part)) {
    const written = writeScripts({
      ...common,
      distributions: sets.supervisor,
      requirements: ["supervisor"],
      scripts: new Map([[script.of, script.name]]),
      initialization: script.initialization,
      arguments: script.arguments,
    });
    paths.push(...written);
  }
  if (plugins.length === 0) return paths;
  const written = writeScripts({
    ...common,
    distributions: sets.plugins,
    requirements: plugins,
    scripts: undefined,
    initialization: "",
    arguments: "",
  });
  return [...paths, ...written];
}

/** Everything that the scripts import from. */
export async function distributionsOf(
  part: Part,
  plugins: readonly string[],
): Promise<PythonDistribution[]> {
  const sets = await workingSets(part, plugins);
  return [...new Map([...sets.supervisor, ...sets.plugins].map((d) => [d.name, d])).values()];
}

import { BuildoutError } from "../../errors/error.ts";
import {
  type HostPython,
  isBuilt,
  parsePythons,
  series,
  showPythons,
  suits,
} from "../host/host-python.ts";
import type { PackageManager } from "../host/operating-system.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { buildPython } from "./build-python.ts";
import { installPackages } from "./packages.ts";

const source = "collective.hostout";

/** Systems that package Python. */
const SYSTEMS = {
  debian: "apt-get",
  ubuntu: "apt-get",
  redhat: "dnf or yum",
  suse: "zypper",
  alpine: "apk",
  arch: "pacman",
};

export const bootstrapPythonCommands: CommandDefinition[] = [
  {
    name: "bootstrap_python",
    description: "Build python from source if the system has no suitable one",
    changes: true,
    arguments: "none",
    source,
    run: buildPython,
  },
  ...Object.entries(SYSTEMS).map(
    ([system, tool]): CommandDefinition => ({
      name: `bootstrap_python_${system}`,
      description: `Install python with ${tool}, or build it from source`,
      changes: true,
      arguments: "none",
      source,
      run: installPython,
    }),
  ),
  {
    name: "bootstrap_python_slackware",
    description: "Install zlib with slackpkg, then build python from source",
    changes: true,
    arguments: "none",
    source,
    async run(context) {
      const { session } = context;
      await session.sudo("slackpkg -batch=on -default_answer=y install zlib", { cwd: null });
      return context.call("bootstrap_python");
    },
  },
];

/** Whether the buildout on the host needs Python at all. */
export async function needsPython({ options, project }: CommandContext): Promise<boolean> {
  if (options.engine === "python" || options.pythonVersion !== undefined) return true;
  const { isPythonPackage } = await import("../../distributions/python/develop/pyproject.ts");
  return project.packages.some((folder) => isPythonPackage(folder));
}

/** Whether the host has a suitable Python, so that none needs to be installed. */
export async function hasPython(context: CommandContext): Promise<boolean> {
  const found = await findPython(context);
  if (found !== undefined) {
    context.session.note(`Python ${found.version} on the host: ${found.executable}`);
  }
  return found !== undefined;
}

/** The host's suitable Python. Throws `no-python`. */
export async function requirePython(context: CommandContext): Promise<HostPython> {
  const found = await findPython(context);
  if (found !== undefined) return found;
  const { host, pythonVersion } = context.options;
  throw new BuildoutError(
    "no-python",
    `There is no Python ${pythonVersion ?? "3"} with venv and ensurepip on ${host}.`,
    { hint: `Run 'bin/hostout ${context.options.name} bootstrap', or install it there.` },
  );
}

async function findPython(context: CommandContext): Promise<HostPython | undefined> {
  const { session, options } = context;
  const { cache } = await session.facts();
  const { pythonPath, pythonVersion, forcePythonCompile } = options;
  const script = showPythons(pythonPath, cache, pythonVersion);
  const { stdout } = await (await session.buildoutConnection()).sh(script);
  return parsePythons(stdout)
    .filter(({ version }) => suits(version, pythonVersion))
    .find((python) => !forcePythonCompile || isBuilt(pythonPath, cache, python));
}

/** Python and a compiler from the system's own packages. */
async function installPython(context: CommandContext): Promise<unknown> {
  const { options, session } = context;
  if (options.forcePythonCompile) return context.call("bootstrap_python");
  const version = options.pythonVersion;
  const packages = ({ python, pythonVersion, extensions }: PackageManager) => [
    ...(version?.includes(".") && pythonVersion !== undefined
      ? pythonVersion.map((name) => name.replace("X.Y", series(version)))
      : python),
    ...extensions,
  ];
  const refusal = await installPackages(context, packages);
  const found = await findPython(context);
  if (found !== undefined) {
    session.note(`Python ${found.version} on the host: ${found.executable}`);
    return found.executable;
  }
  session.note(
    refusal === undefined
      ? `The system has no Python ${version ?? "3"}; building it from source`
      : `The system's packages cannot be used (${refusal}); building Python from source`,
  );
  return context.call("bootstrap_python");
}

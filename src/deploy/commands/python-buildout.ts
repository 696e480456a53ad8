import { join } from "node:path/posix";
import { visibleLogin } from "../../distributions/python/index-logins.ts";
import { BuildoutError } from "../../errors/error.ts";
import { quoteAll } from "../../ssh/commands/quote.ts";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import { PYTHON_ENGINE } from "../host/probe.ts";
import installProgram from "../host/programs/install-zc-buildout.sh?raw";
import { pipPlaces } from "../release/pip-places.ts";
import type { CommandContext } from "../run/chain.ts";
import { requirePython } from "./bootstrap-python.ts";
import { failed } from "./failed.ts";

/** What is installed along with zc.buildout if the buildout pins it. */
const TOOLS = ["setuptools", "wheel", "pip"];

/**
 * Installs zc.buildout, in the version that the buildout pins, in a virtual environment in the buildout
 * directory. Throws `zc-buildout-missing` if pip cannot get it.
 */
export async function installPythonBuildout(context: CommandContext): Promise<void> {
  const { session, deployment, options } = context;
  const python = await requirePython(context);
  const { path, cache } = await session.facts();
  const pins = await deployment.toolPins();
  const pinned = (name: string) => {
    const version = pins.get(name);
    if (version === undefined || version === "") return [];
    return [/^[<>=!~]/.test(version) ? `${name}${version}` : `${name}==${version}`];
  };
  const requirements = [
    pinned("zc.buildout")[0] ?? "zc.buildout",
    ...TOOLS.flatMap((name) => pinned(name)),
  ];
  session.note(`Installing ${requirements.join(", ")} into ${path} with Python ${python.version}`);
  const { lines, netrc, visible } = pipPlaces(
    await deployment.buildSettings(),
    () => python.version,
  );
  for (const one of visible) session.emit({ type: "warning", text: visibleLogin(one) });
  const result = await session.run(
    shellProgram(installProgram, [
      path,
      python.executable,
      PYTHON_ENGINE,
      "--find-links",
      join(cache, "downloads/dist"),
      ...requirements,
    ]),
    {
      cwd: null,
      input: `${lines.join("\n")}\n${netrc}`,
      label: `bin/pip install ${quoteAll(requirements)}`,
      hidden: new Set(["stdout", "stderr"]),
    },
  );
  if (result.code !== 0) {
    const problem = failed(`Installing zc.buildout into ${path}`, result);
    if (problem.code !== "remote-command-failed") throw problem;
    throw new BuildoutError(
      "zc-buildout-missing",
      `pip could not install ${requirements.join(", ")} on ${options.host}.`,
      {
        ...(problem.output !== undefined && { output: problem.output }),
        hint: "Set 'index' in [buildout] to a package index that the host can reach, or set 'tunnel = true'.",
      },
    );
  }
  const facts = await session.facts();
  facts.engine = PYTHON_ENGINE;
  facts.hasBuildout = true;
}

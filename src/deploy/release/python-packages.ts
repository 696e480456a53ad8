import type { Pips } from "../../distributions/python/installers/pip-command.ts";
import { searchPlaces } from "../../distributions/python/search.ts";
import type { PythonBuild } from "../../distributions/release/python-build.ts";
import type { BuildSettings } from "../part/project.ts";

/** How the Python packages of the project in `directory` are built; `note` says what takes long. */
export function pythonBuild(
  python: BuildSettings,
  directory: string,
  pips: Pips,
  note: (text: string) => void,
): PythonBuild {
  const report: PythonBuild["report"] = (event) => {
    if (event.type === "pip-preparing") note(`Making a pip for ${event.executable}.`);
  };
  const search = searchPlaces({ ...python, directory });
  return { executable: python.executable, search, pips, report };
}

import { resolve } from "node:path";
import { resolve as posixResolve } from "node:path/posix";
import type { Configuration } from "../../config/merge/configuration.ts";
import { load } from "../../config/merge/load.ts";
import type { DeployedRelease } from "./release.ts";

/** Options that are directories inside the buildout. */
const DIRECTORIES = ["bin-directory", "parts-directory", "develop-eggs-directory"];

/** The configuration of a release, as read on the host in the directory `path`; `local` is its source. */
export async function releasedConfiguration(
  local: string,
  { configuration: file, files }: DeployedRelease,
  path: string,
  env: Record<string, string | undefined>,
): Promise<Configuration> {
  const made = files.flatMap(({ path: name, content }): [string, string][] =>
    content === undefined ? [] : [[resolve(local, name), content.toString()]],
  );
  const set = (option: string, value: string) => ({ section: "buildout", option, value });
  const configuration = await load({
    directory: local,
    file: resolve(local, file),
    // The cache is on the host.
    assignments: [set("directory", path), set("extends-cache", "")],
    userDefaults: false,
    env,
    overlay: new Map(made),
  });
  const options = configuration.sections.get("buildout");
  for (const option of DIRECTORIES) {
    const value = options?.get(option);
    if (value?.includes("${") === false) options!.set(option, posixResolve(path, value));
  }
  return configuration;
}

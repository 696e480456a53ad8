import { install } from "../../src/buildout/run/install.ts";
import { load } from "../../src/config/merge/load.ts";
import { BuildoutError } from "../../src/errors/error.ts";
import { publicApi } from "../../src/program/public-api.ts";
import { painter } from "../../src/report/color.ts";
import { formatError } from "../../src/report/error.ts";
import { logReporter } from "../../src/report/log.ts";

type InstallRequest = Parameters<typeof install>[0];

interface InProcess
  extends Pick<InstallRequest, "recipes">,
    Partial<Pick<InstallRequest, "extensions" | "signal" | "onSettled">> {
  /** `section:option=value`; without a section that of `[buildout]`. */
  assignments?: readonly string[];
  parts?: string[];
  env: NodeJS.ProcessEnv;
}

/**
 * Runs the install command for a directory in this process, and changes its working directory to that. Output
 * goes to `print`; an error is printed before the end of the output.
 */
export async function installInProcess(
  directory: string,
  { assignments = [], parts = [], env, ...settings }: InProcess,
  print: (text: string) => void,
): Promise<BuildoutError | undefined> {
  try {
    process.chdir(directory);
    const configuration = await load({
      directory,
      file: "buildout.cfg",
      assignments: assignments.map((text) => {
        const [name = "", value = ""] = text.split(/=(.*)/s);
        const [section, option] = name.includes(":") ? name.split(":") : ["buildout", name];
        return { section: section!, option: option!, value };
      }),
      userDefaults: false,
      env,
    });
    const report = logReporter(print, painter(false));
    await install({ configuration, report, api: publicApi, ...settings }, parts);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof BuildoutError)) throw thrown;
    print(formatError(thrown, { directory }));
    return thrown;
  }
}

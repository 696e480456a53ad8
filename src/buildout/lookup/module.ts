import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { PublicApi } from "../../contract/engine.ts";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import { unusual } from "../../system/file-kind.ts";

/**
 * Loads a JavaScript or TypeScript module from a file outside this package: a
 * local recipe, an extension, a plugin. Throws `module-error` with the file
 * when it cannot be read or run.
 */
export async function loadModule(
  file: string,
  api: PublicApi,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const kind = unusual(statSync(file));
    if (kind !== undefined) throw new Error(`it is ${kind}, not a regular file`);
    const { createJiti } = await import("jiti");
    const modules = Object.entries(await api()).map(([name, module]) => [name, { ...module }]);
    const jiti = createJiti(pathToFileURL(file).href, {
      virtualModules: Object.fromEntries(modules),
      interopDefault: false,
    });
    return await jiti.import(file);
  } catch (error) {
    if (error instanceof BuildoutError) throw error;
    throw new BuildoutError("module-error", `Couldn't load ${file}: ${messageOf(error)}`, {
      location: { file },
      cause: error,
    });
  }
}

import { pathToFileURL } from "node:url";
import { BuildoutError, messageOf } from "../../errors/error.ts";

/** What `import "hostout"` gives to loaded code, wherever that code lies. */
export type PublicApi = () => Promise<object>;

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
    const { createJiti } = await import("jiti");
    const jiti = createJiti(pathToFileURL(file).href, {
      virtualModules: { hostout: { ...(await api()) } },
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

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import type { Installer } from "../installers/installer.ts";
import { pip } from "../installers/pip.ts";
import type { Situation } from "./request.ts";

/** The uv on the PATH. */
function findUv(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, "uv")).find((file) => existsSync(file));
}

/**
 * The installer selected by `[buildout] installer`; `forgiving`: prefer one that tolerates an unreadable
 * page of links. Throws `uv-missing`.
 */
export async function findInstaller(
  { request }: Situation,
  forgiving: boolean,
): Promise<Installer> {
  if (request.installer === "pip" || (request.installer === "auto" && forgiving)) return pip;
  const program = findUv();
  if (program !== undefined) {
    const { uv } = await import("../installers/uv.ts");
    return uv(program);
  }
  if (request.installer === "auto") return pip;
  throw new BuildoutError("uv-missing", "There is no uv on the PATH.", {
    hint: "Install it, or remove 'installer = uv' from [buildout].",
  });
}

import { BuildoutError } from "../../error/index.ts";
import type { CommandContext } from "../chain.ts";

/** Puts zc.buildout in a virtual environment into the buildout folder. */
export async function installPythonBuildout({ options }: CommandContext): Promise<void> {
  throw new BuildoutError("not-yet", `engine = python of [${options.name}] is not there yet.`);
}

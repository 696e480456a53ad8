import { BuildoutError } from "../errors/error.ts";

/** Empty if it has been removed since the shell went there. */
export function directoryIfAny(): string {
  try {
    return process.cwd();
  } catch {
    return "";
  }
}

/** Throws `missing-directory`. */
export function workingDirectory(): string {
  const directory = directoryIfAny();
  if (directory !== "") return directory;
  throw new BuildoutError("missing-directory", "The working directory is gone.", {
    hint: "Change to another one, with cd.",
  });
}

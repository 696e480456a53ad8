import { BuildoutError } from "../errors/error.ts";

/** Empty if it was removed after the shell entered it. */
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
  throw new BuildoutError("missing-directory", "The working directory no longer exists.", {
    hint: "Change to another one with cd.",
  });
}

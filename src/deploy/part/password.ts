import { BuildoutError, messageOf } from "../../errors/error.ts";
import { readRegularFile } from "../../system/regular-file.ts";
import type { HostOptions } from "./options.ts";

const FILE_OPTIONS = {
  password: "password-file",
  buildoutPassword: "buildout-password-file",
} as const;

/**
 * The password that the options give, in themselves or in a file.
 * Throws `password-file-unreadable`.
 */
export async function configuredPassword(
  options: HostOptions,
  which: keyof typeof FILE_OPTIONS,
): Promise<string | undefined> {
  const file = options[`${which}File`];
  if (options[which] !== undefined || file === undefined) return options[which];
  try {
    return (await readRegularFile(file, 64 * 1024)).toString().replace(/\r?\n$/, "");
  } catch (error) {
    throw new BuildoutError(
      "password-file-unreadable",
      `Cannot read the password of ${options.name}: ${messageOf(error)}`,
      {
        hint: `Run bin/buildout again, or correct the '${FILE_OPTIONS[which]}' option.`,
        cause: error,
      },
    );
  }
}

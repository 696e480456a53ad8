import { BuildoutError, messageOf } from "../../errors/error.ts";
import { readRegularFile } from "../../system/regular-file.ts";
import type { HostOptions } from "./options.ts";
import type { Reveal } from "./revealed.ts";

const FILE_OPTIONS = {
  password: "password-file",
  buildoutPassword: "buildout-password-file",
} as const;

/** The password from the options, given directly or in a file. Throws `password-file-unreadable`, `secret-missing`. */
export async function configuredPassword(
  options: HostOptions,
  which: keyof typeof FILE_OPTIONS,
  reveal: Reveal,
): Promise<string | undefined> {
  const file = options[`${which}File`];
  const own = options[which];
  if (own !== undefined) return reveal(own);
  if (file === undefined) return undefined;
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

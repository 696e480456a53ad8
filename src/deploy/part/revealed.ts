import { BuildoutError } from "../../errors/error.ts";
import { type HostOptions, hostOptions } from "./options.ts";
import type { Project } from "./project.ts";
import type { SecretReader } from "./secret-reader.ts";

const REFERENCE = /(?<!\$)\$\{secrets:([^}]*)\}/g;
/** Read only for a login. */
const PASSWORDS = new Set(["password", "buildout-password"]);

/** Replaces references to secrets in a string. */
export type Reveal = (text: string) => Promise<string>;

/** Replaces references with the project's secrets. Throws `secret-missing`. */
export function revealer({ secrets }: Pick<Project, "secrets">, reader: SecretReader): Reveal {
  return async (text) => {
    const values = new Map<string, string>();
    for (const [, option = ""] of text.matchAll(REFERENCE)) {
      const place = secrets.get(option);
      if (place === undefined) throw unknown(option);
      values.set(option, await reader.read({ option, text: place, location: undefined }));
    }
    return text.replace(REFERENCE, (_, option: string) => values.get(option)!);
  };
}

/** The options of a host with secrets resolved, except those for logins. */
export async function revealedOptions(
  options: HostOptions,
  directory: string,
  reveal: Reveal,
): Promise<HostOptions> {
  const all = new Map(options.all);
  for (const [option, text] of all) {
    if (!PASSWORDS.has(option)) all.set(option, await reveal(text));
  }
  const isSame = [...all].every(([option, text]) => options.all.get(option) === text);
  return isSame ? options : hostOptions(options.name, all, directory);
}

function unknown(option: string): BuildoutError {
  return new BuildoutError("secret-missing", `There is no option '${option}' in [secrets].`, {
    hint: "Run bin/buildout again.",
  });
}

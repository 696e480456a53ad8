import { resolve } from "node:path";
import type { SecretRequest } from "../../config/resolve/secret-request.ts";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import { readRegularFile } from "../../system/regular-file.ts";

/** Bytes. A key with its certificates is far smaller. */
const LIMIT = 64 * 1024;

/** Minimum length: hiding shorter values would garble the output. */
const SHORTEST = 4;

/** The source of a secret. */
interface Place {
  kind: "env" | "file" | "cmd" | "age" | "deployment";
  name: string;
}

function place(text: string): Place {
  const [, kind, name = ""] = /^(env|file|cmd|age|deployment):\s*(.*)$/s.exec(text)!;
  return { kind: kind as Place["kind"], name };
}

/**
 * The value of an option of [secrets]: from an environment variable, a file relative to `directory`,
 * secrets.age there, or the output of a shell command run there. A trailing line break is removed. On a
 * host, it is the value `sent` by the deployment. Throws `secret-missing`.
 */
export async function readSecret(
  { option, text, location }: SecretRequest,
  { directory, env, signal }: Surroundings,
  sent: () => ReadonlyMap<string, string>,
): Promise<string> {
  const { kind, name } = place(text);
  const missing = (why: string, hint: string, cause?: unknown) =>
    new BuildoutError("secret-missing", `secrets:${option} has no value: ${why}`, {
      ...(location && { location }),
      ...{ hint, cause },
    });
  const read = {
    env: () => {
      const value = env[name];
      if (value !== undefined) return value;
      throw missing(`there is no environment variable ${name}.`, `Set ${name}.`);
    },
    file: async () => {
      const path = resolve(directory, name);
      try {
        return (await readRegularFile(path, LIMIT)).toString();
      } catch (error) {
        throw missing(`cannot read ${path}: ${messageOf(error)}`, "Correct the path.", error);
      }
    },
    cmd: async () => {
      const { execa } = await import("execa");
      const result = await execa("/bin/sh", ["-c", name], {
        ...{ cwd: directory, env, extendEnv: false, reject: false, maxBuffer: LIMIT },
        ...(signal && { cancelSignal: signal }),
        ...{ stdin: "inherit", stderr: "inherit", stripFinalNewline: false },
      });
      if (!result.failed) return result.stdout;
      const how = result.exitCode === undefined ? "failed" : `ended with status ${result.exitCode}`;
      throw missing(`'${name}' ${how}.`, "Run the command by hand to see what is wrong.");
    },
    age: async () => {
      const { readAgeSecret } = await import("./age/age-file.ts");
      const value = await readAgeSecret(directory, env, name);
      if (value !== undefined) return value;
      throw missing(`secrets.age has no '${name}'.`, `Add it with 'hostout secrets add ${name}'.`);
    },
    deployment: () => {
      const value = sent().get(name);
      if (value !== undefined) return value;
      throw missing(
        "the deploying machine must send it, and has not.",
        "Run 'bin/hostout HOST buildout' there. It sends the secrets that the host's parts refer to.",
      );
    },
  };
  const value = (await read[kind]()).replace(/\r?\n$/, "");
  if (value.length >= SHORTEST) return value;
  throw missing(
    value === "" ? "it is empty." : `it has fewer than ${SHORTEST} characters.`,
    "A value this short cannot be kept secret or hidden in output.",
  );
}

/** Where to look for secrets. */
export interface Surroundings {
  directory: string;
  env: NodeJS.ProcessEnv;
  /** Aborted when the user interrupts. */
  signal: AbortSignal | undefined;
}

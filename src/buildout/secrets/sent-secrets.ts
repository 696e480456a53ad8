import { readFileSync } from "node:fs";
import { BuildoutError } from "../../errors/error.ts";

/** Names the descriptor through which a deployment sends the values, which are never in variables. */
const DESCRIPTOR = "HOSTOUT_SECRETS_FD";

/** Values by option of [secrets], for `readSentSecrets`. */
export function secretsInput(values: ReadonlyMap<string, string>): string {
  return values.size === 0 ? "" : `${JSON.stringify(Object.fromEntries(values))}\n`;
}

/** The values that a deployment has sent to this run; none if it was started by hand. */
export function readSentSecrets(env: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const descriptor = env[DESCRIPTOR];
  if (descriptor === undefined) return new Map();
  // A descriptor can be read once; it is closed for child processes.
  delete env[DESCRIPTOR];
  try {
    const text = readFileSync(Number(descriptor), "utf8");
    return new Map(Object.entries(text === "" ? {} : (JSON.parse(text) as object)));
  } catch (cause) {
    // The parser's message would quote invalid input.
    const why = cause instanceof SyntaxError ? "they are incomplete." : "they cannot be read.";
    throw new BuildoutError("secret-missing", `The secrets of the deployment: ${why}`, {
      hint: "Run the deployment again.",
    });
  }
}

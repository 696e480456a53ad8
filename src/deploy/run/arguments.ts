import { BuildoutError } from "../../errors/error.ts";
import type { CommandDefinition } from "./chain.ts";

/** How many arguments a command takes, read from its usage: `FILE [TARGET]`, `COMMAND...`. */
export function argumentRange({ arguments: usage }: Pick<CommandDefinition, "arguments">): {
  least: number;
  most: number;
} {
  if (usage === "none") return { least: 0, most: 0 };
  const words = usage.split(" ");
  const least = words.filter((word) => !word.startsWith("[")).length;
  return { least, most: usage.includes("...") ? Number.POSITIVE_INFINITY : words.length };
}

/**
 * Throws `usage` where a command does not take these arguments. `hintFor` says what a word that is
 * too much may be a misspelling of.
 */
export function checkArguments(
  command: Pick<CommandDefinition, "name" | "arguments">,
  args: readonly string[],
  hintFor: (word: string) => string | undefined = () => undefined,
): void {
  const { least, most } = argumentRange(command);
  const { name } = command;
  const form = `Usage: bin/hostout HOST ${name} ${command.arguments}`;
  if (args.length < least) {
    throw new BuildoutError("usage", `'${name}' needs ${command.arguments}.`, { hint: form });
  }
  const extra = args[most];
  if (extra === undefined) return;
  const count = most === 1 ? "one argument" : `${most} arguments`;
  const message =
    most === 0
      ? `'${name}' takes no arguments: '${extra}'.`
      : `'${name}' takes ${count} at most: '${extra}'.`;
  const help = `'bin/hostout help ${name}' describes the command.`;
  throw new BuildoutError("usage", message, {
    hint: hintFor(extra) ?? (most === 0 ? help : form),
  });
}

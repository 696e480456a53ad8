import { BuildoutError } from "../errors/error.ts";

/** How many arguments a command takes, read from its usage: `FILE [TARGET]`, `COMMAND...`. */
export function argumentRange(usage: string): { least: number; most: number } {
  if (usage === "none") return { least: 0, most: 0 };
  const words = usage.split(" ");
  const least = words.filter((word) => !/^\[.*\]$/.test(word)).length;
  return { least, most: usage.includes("...") ? Number.POSITIVE_INFINITY : words.length };
}

/** What checking the arguments needs to know about a command. */
export interface Declared {
  name: string;
  /** `none`, or the usage. */
  arguments: string;
  /** What goes before its name: `bin/hostout HOST`. */
  program: string;
  /** The usage with its options, if any. */
  shown?: string;
  /** Message to use instead of the number of arguments. */
  wrongArguments?: string | undefined;
  /** What a surplus word may be a misspelling of. */
  hintFor?(word: string): string | undefined;
}

/** Throws `usage` for an empty argument, which as a path would mean everything in a directory. */
export function refuseEmpty(
  { name, arguments: usage, program }: Declared,
  args: readonly string[],
) {
  if (!args.includes("")) return;
  throw new BuildoutError("usage", `'${name}' takes no empty argument.`, {
    hint: `Usage: ${program} ${name} ${usage}`,
  });
}

/** Throws `usage` if a command does not take this number of arguments. */
export function checkArguments(command: Declared, args: readonly string[]): void {
  const { name, arguments: usage, program } = command;
  const { least, most } = argumentRange(usage);
  const { shown = usage } = command;
  const form = `Usage: ${program} ${name}${shown === "none" ? "" : ` ${shown}`}`;
  if (args.length < least) {
    const message = command.wrongArguments ?? `'${name}' needs more arguments: ${usage}`;
    throw new BuildoutError("usage", message, { hint: form });
  }
  const extra = args[most];
  if (extra === undefined) return;
  const takes = most === 0 ? "no arguments" : most === 1 ? "one argument" : `${most} arguments`;
  throw new BuildoutError(
    "usage",
    command.wrongArguments ?? `'${name}' takes ${takes}: '${extra}'.`,
    {
      hint: command.hintFor?.(extra) ?? form,
    },
  );
}

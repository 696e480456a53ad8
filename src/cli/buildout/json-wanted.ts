import type { BuildoutCommand } from "./command.ts";

interface Line {
  parsed: { json: boolean };
  command: BuildoutCommand;
  given: ReadonlyMap<string, unknown>;
}

/** Whether the command line asks for JSON, and for JSON events, even if it is otherwise wrong. */
export function asksFor(
  argv: readonly string[],
  commands: readonly BuildoutCommand[],
  read: (argv: readonly string[]) => Line,
): { json: boolean; events: boolean } {
  try {
    const { parsed, command, given } = read(argv);
    const json = parsed.json || given.has("json");
    return { json, events: json && command.events === true };
  } catch {
    // An unreadable command line is answered in the form of its command.
    const named = commands.find(({ name }) => argv.includes(name));
    const end = named?.options === "untouched" ? argv.indexOf(named.name) : argv.indexOf("--");
    const json = argv.slice(0, end < 0 ? undefined : end).includes("--json");
    return { json, events: json && (named === undefined || named.events === true) };
  }
}

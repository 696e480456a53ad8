import { BuildoutError } from "../../errors/error.ts";
import { parseArguments } from "./arguments.ts";
import { readCommandWords } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { findCommand } from "./help.ts";

/** Whether the command line asks for JSON, and for that of events, also where it is wrong otherwise. */
export function asksForJson(argv: readonly string[]): { json: boolean; events: boolean } {
  try {
    const parsed = parseArguments(argv);
    const command = findCommand(COMMANDS, parsed.command);
    const { given } = readCommandWords(command, parsed.commandArguments);
    const json = given.has("json") || parsed.json;
    return { json, events: json && command.events === true };
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    // What cannot be read is answered in the form that its command has.
    const named = COMMANDS.find(({ name }) => argv.includes(name));
    const end = named?.options === "untouched" ? argv.indexOf(named.name) : argv.indexOf("--");
    const own = argv.slice(0, end < 0 ? undefined : end);
    const json = own.includes("--json");
    return { json, events: json && (named === undefined || named.events === true) };
  }
}

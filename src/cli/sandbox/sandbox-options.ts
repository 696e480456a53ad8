import {
  isOptionWord,
  type OptionDefinition,
  optionLines,
  takeOption,
} from "../../arguments/grammar.ts";
import { BuildoutError } from "../../errors/error.ts";

/** A parsed command line of `hostout-sandbox`. */
export interface SandboxOptions {
  root?: string;
  port?: number;
  user?: string;
  password?: string;
  key?: string;
  json?: true;
  help?: true;
  version?: true;
}

const value = (placeholder: string, called: string) => ({ placeholder, called });

const OPTIONS: readonly OptionDefinition[] = [
  {
    name: "root",
    long: "root",
    value: value("DIRECTORY", "directory"),
    help: "Directory to serve (default: a temporary one)",
  },
  {
    name: "port",
    long: "port",
    value: value("PORT", "port"),
    help: "Port to listen on (default: a free one)",
  },
  {
    name: "user",
    long: "user",
    value: value("NAME", "name"),
    help: "User who may log in (default: you)",
  },
  {
    name: "password",
    long: "password",
    value: value("PASSWORD", "password"),
    help: "Password (default: random, unless --key is given)",
  },
  {
    name: "key",
    long: "key",
    value: value("FILE", "file name"),
    help: "Private or public key that may log in",
  },
  { name: "json", long: "json", help: "Print one line of JSON" },
  { name: "help", letter: "h", long: "help", help: "Show this help" },
  { name: "version", long: "version", help: "Show the version" },
];

export const HELP = `Usage: hostout-sandbox [options]

An SSH server on this machine for trying out hostout. Ctrl-C stops it.

Options:
${optionLines(OPTIONS)}

Commands run as you, with DIRECTORY as home. Keys in its .ssh/authorized_keys can log in, too.
Its .ssh/host_key is the host key, and stays the same from one start to the next.
npm, pip and uv use your settings, unless DIRECTORY has its own.

Example:
  hostout-sandbox --root /tmp/sandbox

Exit status: 0 ended by a signal, 1 failed, 2 wrong usage.`;

/** Throws `usage`. */
export function readSandboxOptions(argv: readonly string[]): SandboxOptions {
  const options: Record<string, string | number | true> = {};
  const words = [...argv];
  while (words.length > 0) {
    if (!isOptionWord(words[0])) {
      throw new BuildoutError("usage", `'hostout-sandbox' takes no arguments: '${words[0]}'.`);
    }
    for (const { option, value: given } of takeOption(words, OPTIONS)) {
      options[option.name] = option.name === "port" ? portOf(given!) : (given ?? true);
    }
  }
  if (options.json && (options.help || options.version)) {
    throw new BuildoutError(
      "usage",
      `'${options.help ? "help" : "--version"}' has no JSON output.`,
    );
  }
  return options;
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new BuildoutError("usage", `'${text}' is not a port (0 to 65535).`);
}

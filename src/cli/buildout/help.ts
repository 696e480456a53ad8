import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";

interface CommandHelp {
  usage: string;
  summary: string;
  details: string;
}

/** The commands of `buildout` in the order in which the help lists them. */
export const COMMANDS: ReadonlyMap<string, CommandHelp> = new Map([
  [
    "install",
    {
      usage: "install [PART...]",
      summary: "Install or update the parts (the default command)",
      details: `Installs the parts of the configuration, updates those that did not change and
removes what is no longer part of it. With PARTs only these are installed or
updated, and nothing is removed.`,
    },
  ],
  [
    "bootstrap",
    {
      usage: "bootstrap",
      summary: "Make the folders of a buildout and its bin/buildout",
      details: `Needs a configuration file. The develop-eggs folder is emptied.`,
    },
  ],
  [
    "init",
    {
      usage: "init [PACKAGE | FOLDER...]",
      summary: "Write a first buildout.cfg, then bootstrap",
      details: `Without arguments the new configuration has no parts. With npm packages it has a
part that installs them with their scripts and an interpreter; FOLDERs (they
hold a slash) are developed in place. The parts are then installed.`,
    },
  ],
  [
    "annotate",
    {
      usage: "annotate [SECTION...] [--json]",
      summary: "Show every option with the files it comes from",
      details: `With -v (before the command) each step of a value is shown.
--json prints {section: {option: {value, source, history}}}; without -v histories
are cut down to their last 100 steps ("truncated": true).`,
    },
  ],
  [
    "query",
    {
      usage: "query [SECTION:]OPTION",
      summary: "Print one option as it is written, before substitution",
      details: `Without SECTION the option is one of [buildout].`,
    },
  ],
  [
    "config",
    {
      usage: "config [SECTION[:OPTION]...] [--json]",
      summary: "Print the substituted configuration; no recipe is loaded",
      details: `A section that cannot be resolved is shown with its error, and the others still
come. One SECTION:OPTION alone prints the bare value. The exit status is 1 when
something that was named cannot be resolved.`,
    },
  ],
  [
    "lint",
    {
      usage: "lint [--json]",
      summary: "Tell everything that is wrong with the configuration",
      details: `Lines that cannot be read, references that lead nowhere and recipes that are
in no place are errors. Sections, options and pins that nothing uses and options
that are set twice are warnings. Only native recipes are loaded. The exit status
is 1 when there are errors.`,
    },
  ],
  [
    "setup",
    {
      usage: "setup SCRIPT [ARGUMENT...]",
      summary: "Run a Python setup script, or the setup.py of a folder",
      details: `It is run by the interpreter that 'executable' in [buildout] names, with
setuptools loaded. runsetup is the same.`,
    },
  ],
  [
    "new-recipe",
    {
      usage: "new-recipe NAME",
      summary: "Write the package of a new recipe in TypeScript, with a test",
      details: `NAME is that of an npm package. Its folder must not be there yet.`,
    },
  ],
  [
    "develop",
    {
      usage: "develop [COMMAND [ARGUMENT...]]",
      summary: "Work on the packages of mr.developer: what bin/develop does",
      details: "`buildout develop help` lists its commands.",
    },
  ],
  [
    "completion",
    {
      usage: "completion bash | zsh | fish",
      summary: "Print a completion script for the shell",
      details: `For example, in ~/.bashrc:  eval "$(buildout completion bash)"`,
    },
  ],
  [
    "help",
    {
      usage: "help [COMMAND]",
      summary: "Show this text, or the help of one command",
      details: "",
    },
  ],
]);

const OPTIONS = `Options:
  -c FILE     Configuration file or URL (default: buildout.cfg)
  -N, -n      Do not look for newer distributions, or do (newest = false, true)
  -o, -O      Offline, or not (offline = true, false)
  -U          Ignore the user's defaults (~/.buildout/default.cfg)
  -v, -q      More output, less output; several times: still more, still less
  -t SECONDS  Time-out of network connections
  -D          Show the stack of every error
  -h, --help  Show this text
  --version   Show the version`;

const ASSIGNMENTS = `Assignments go before the command and win over the configuration files:
  SECTION:OPTION=VALUE, SECTION:OPTION+=VALUE, SECTION:OPTION-=VALUE
  Without SECTION the option is one of [buildout].`;

const EXAMPLES = `Examples:
  buildout                            install what buildout.cfg says
  buildout -c production.cfg          the same for another configuration
  buildout -o install web             only the part 'web', without network
  buildout web:port=8080 config web   what [web] becomes with another port
  buildout -v annotate versions       where each pin comes from`;

const EXIT = `Exit status:
  0    success
  1    an error, told on stderr
  130  interrupted by Ctrl-C; the part in progress was rolled back`;

/** The text of `buildout --help`. */
export function helpText(): string {
  const commands = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(10)}  ${summary}`);
  return [
    "Usage: buildout [options] [assignments] [command [arguments]]",
    `Commands (buildout help COMMAND tells more):\n${commands.join("\n")}`,
    OPTIONS,
    ASSIGNMENTS,
    EXAMPLES,
    EXIT,
  ].join("\n\n");
}

/** The help of one command. Throws `usage` for an unknown one. */
export function commandHelp(name: string): string {
  const command = COMMANDS.get(name === "runsetup" ? "setup" : name);
  if (!command) {
    const hint = didYouMean(name, COMMANDS.keys()) ?? "`buildout --help` lists the commands.";
    throw new BuildoutError("usage", `invalid command: ${name}`, { hint });
  }
  const { usage, summary, details } = command;
  const head = `Usage: buildout [options] [assignments] ${usage}\n\n${summary}.`;
  return details === "" ? head : `${head}\n\n${details}`;
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { workingCopyOf } from "../kinds.ts";
import { redact } from "../redact.ts";
import type { Source } from "../sources.ts";
import {
  AUTO_CHECKOUT,
  CHECKED_OUT,
  type Command,
  type CommandContext,
  DEVELOP,
  isCheckedOut,
  selectPackages,
  VERBOSE,
} from "./command.ts";

const FACTS: Record<string, (source: Source) => string> = {
  name: ({ name }) => name,
  path: ({ path }) => path,
  type: ({ kind }) => kind,
  url: ({ url }) => redact(url),
};

export const info: Command = {
  name: "info",
  aliases: [],
  description:
    "Lists informations about packages. With --name, --path, --type and --url just these are printed, in the order in which they are given.",
  flags: [
    AUTO_CHECKOUT,
    CHECKED_OUT,
    DEVELOP,
    { long: "name", help: "Prints the name of the package." },
    { short: "p", long: "path", help: "Prints the absolute path of the package." },
    { long: "type", help: "Prints the repository type of the package." },
    { long: "url", help: "Prints the URL of the package." },
  ],
  words: "regexps",
  async run(context, args) {
    const wanted = args.flags.flatMap((flag) => FACTS[flag] ?? []);
    for (const name of selectPackages(context, args)) {
      const source = context.project.sources.get(name)!;
      if (wanted.length > 0) context.print(wanted.map((fact) => fact(source)).join(" "));
      else {
        context.print(`Name: ${name}`);
        context.print(`Path: ${source.path}`);
        context.print(`Type: ${source.kind}`);
        context.print(`URL: ${redact(source.url)}`);
        context.print("");
      }
    }
  },
};

function workingCopy({ project, log }: CommandContext, source: Source) {
  return workingCopyOf({ source, directory: project.directory, log });
}

/** The first column: the state of the working copy. */
async function checkoutMark(context: CommandContext, source: Source): Promise<string> {
  const { project } = context;
  const automatic = project.autoCheckout.has(source.name);
  if (!isCheckedOut(project, source.name)) return automatic ? "!" : "#";
  if (!(await workingCopy(context, source).matches())) return "C";
  return automatic ? " " : "~";
}

export const list: Command = {
  name: "list",
  aliases: ["ls"],
  description: "Lists tracked packages.",
  flags: [
    { ...AUTO_CHECKOUT, help: "Only show packages in auto-checkout list." },
    CHECKED_OUT,
    DEVELOP,
    { short: "l", long: "long", help: "Show URL and kind of package." },
    {
      short: "s",
      long: "status",
      help: `Show checkout status.
The first column in the output shows the checkout status:
    '#' available for checkout
    ' ' in auto-checkout list and checked out
    '~' not in auto-checkout list, but checked out
    '!' in auto-checkout list, but not checked out
    'C' the repository URL doesn't match`,
    },
  ],
  words: "regexps",
  async run(context, args) {
    for (const name of selectPackages(context, args)) {
      const source = context.project.sources.get(name)!;
      const columns: string[] = [];
      if (args.flags.includes("status")) columns.push(await checkoutMark(context, source));
      const long = `(${source.kind}) ${name} ${redact(source.url)}`;
      columns.push(args.flags.includes("long") ? long : name);
      context.print(columns.join(" "));
    }
  },
};

/** The third column: whether it is developed, and whether it should be. */
function developMark({ project, developed }: CommandContext, { name, egg }: Source): string {
  if (!egg) return " ";
  const automatic = project.autoCheckout.has(name);
  const active = (project.state.activations.get(name) ?? automatic) !== false;
  if (active) return developed.has(name) ? " " : "A";
  if (developed.has(name)) return "D";
  return automatic ? "!" : "-";
}

export const status: Command = {
  name: "status",
  aliases: ["stat", "st"],
  description: `Shows the status of tracked packages, filtered if <package-regexps> is given.
The first column in the output shows the checkout status:
    ' ' in auto-checkout list
    '~' not in auto-checkout list
    '!' in auto-checkout list, but not checked out
    'C' the repository URL doesn't match
    '?' unknown package (only reported when package-regexp is not specified)
The second column shows the working copy status:
    ' ' no changes
    'M' local modifications or untracked files
    '>' your local branch is ahead of the remote one
The third column shows the development status:
    ' ' activated
    '-' deactivated
    '!' deactivated, but the package is in the auto-checkout list
    'A' activated, but not in list of development packages (run buildout)
    'D' deactivated, but still in list of development packages (run buildout)`,
  flags: [AUTO_CHECKOUT, CHECKED_OUT, DEVELOP, VERBOSE],
  words: "regexps",
  async run(context, args) {
    const { project, print } = context;
    const { sources, settings } = project;
    for (const name of selectPackages(context, args)) {
      const source = sources.get(name)!;
      const mark = await checkoutMark(context, source);
      if (!isCheckedOut(project, name)) {
        if (mark === "!") print(`!     ${name}`);
        continue;
      }
      const state = await workingCopy(context, source).status();
      const changes = { clean: " ", ahead: ">", dirty: "M" }[state.status];
      print([mark, changes, developMark(context, source), name].join(" "));
      if (!args.flags.includes("verbose") || state.output.trim() === "") continue;
      for (const line of redact(state.output).trimEnd().split("\n")) print(`      ${line}`);
      print("");
    }
    if (args.words.length > 0) return;
    const known = [...sources.values()].map(({ path }) => path);
    for (const entry of readdirSync(settings.sourcesDirectory).sort()) {
      const path = join(settings.sourcesDirectory, entry);
      if (!known.some((one) => one === path || one.startsWith(`${path}/`))) print(`?     ${entry}`);
    }
  },
};

// The man pages: those of the commands from the tables of their help, those of the files from the
// documents about them.
import { readFileSync } from "node:fs";
import type { RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { toString as plainText } from "mdast-util-to-string";
import { gfmTable } from "micromark-extension-gfm-table";
import { type OptionDefinition, optionRows, type Row } from "../../src/arguments/grammar.ts";
import { OPTIONS as BUILDOUT_OPTIONS } from "../../src/cli/buildout/arguments.ts";
import type { BuildoutCommand } from "../../src/cli/buildout/command.ts";
import { COMMANDS } from "../../src/cli/buildout/commands.ts";
import * as buildoutHelp from "../../src/cli/buildout/help.ts";
import * as hostoutHelp from "../../src/cli/hostout/hostout-help.ts";
import { OPTIONS as HOSTOUT_OPTIONS } from "../../src/cli/hostout/hostout-options.ts";
import { OWN_WORDS } from "../../src/cli/hostout/own-words.ts";
import { builtinChains } from "../../src/program/host-commands.ts";
import { VERSION } from "../../src/program/version.ts";
import {
  blocks,
  helpText,
  page,
  section,
  shortCode,
  subsection,
  synopsis,
  tagged,
  usage,
  verbatim,
} from "./roff.ts";

/** Also from the bundle that docs/write.mjs makes, which lies as deep. */
const ROOT = new URL("../../", import.meta.url);
const HOMEPAGE = "https://github.com/hostout/hostout";

function markdown(file: string): RootContent[] {
  const text = readFileSync(new URL(file, ROOT), "utf8");
  return fromMarkdown(text, {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  }).children;
}

/** What stands below a heading of the second level, without the heading. */
function chapter(nodes: readonly RootContent[], title: string): RootContent[] {
  const isEnd = (node: RootContent) => node.type === "heading" && node.depth <= 2;
  const start = nodes.findIndex((node) => isEnd(node) && plainText(node) === title);
  if (start < 0) throw new Error(`There is no chapter '${title}'.`);
  const end = nodes.findIndex((node, at) => at > start && isEnd(node));
  return nodes.slice(start + 1, end < 0 ? undefined : end);
}

const options = (table: readonly OptionDefinition[]) =>
  optionRows(table).flatMap(([forms, help]) => tagged(usage(forms), shortCode(help)));

const rows = (table: readonly Row[]) =>
  table.flatMap(([first, text]) => tagged(`\\fB${first}\\fR`, shortCode(text)));

const examples = (table: readonly Row[]) =>
  table.flatMap(([command, text]) => [...verbatim(command), ".RS 4", shortCode(text), ".RE"]);

function example(command: string | undefined): string[] {
  return command === undefined ? [] : verbatim(command);
}

const sentence = (text: string) => shortCode(text.replace(/(?<=[^.!?])$/, "."));

function buildoutCommand(command: BuildoutCommand): string[] {
  const own = command.options === "untouched" ? [] : (command.options ?? []);
  return [
    subsection(buildoutHelp.commandForm(command)),
    sentence(command.summary),
    ...(command.details === undefined ? [] : helpText(command.details)),
    ...options(own),
    ...example(`buildout ${command.example}`),
  ];
}

function buildout(): string {
  const [before, without] = buildoutHelp.ABOUT_ASSIGNMENTS;
  return page(
    "buildout",
    1,
    `hostout ${VERSION}`,
    "install the parts that a configuration describes",
    [
      section("Synopsis"),
      synopsis("buildout [options] [assignments] [command [arguments]]"),
      section("Description"),
      ...helpText(`buildout reads a configuration (buildout.cfg(5)) and installs, updates and removes its parts.
Without a command it does what 'install' does.`),
      section("Options"),
      ...options(BUILDOUT_OPTIONS),
      section("Assignments"),
      ...helpText(before),
      ...verbatim(buildoutHelp.ASSIGNMENTS.join("\n")),
      ...helpText(without),
      section("Commands"),
      ...COMMANDS.flatMap(buildoutCommand),
      section("Exit status"),
      ...rows(buildoutHelp.EXIT_STATUS),
      section("Examples"),
      ...examples(buildoutHelp.EXAMPLES),
      ...seeAlso(["buildout.cfg(5)", "hostout(1)"]),
    ],
  );
}

function hostoutCommand(name: string): string[] {
  const chain = builtinChains.chains.get(name)!;
  const about = hostoutHelp.aboutCommand(chain);
  return [
    subsection(about.form),
    sentence(about.description),
    ...(about.help === undefined ? [] : helpText(about.help)),
    ...options(about.options),
    ...example(about.example && `bin/hostout host1 ${about.example}`),
  ];
}

function hostout(): string {
  const words = OWN_WORDS.flatMap(({ name, arguments: own, description, example: shown }) => [
    subsection(`${name} ${own}`),
    sentence(description),
    ...example(shown),
  ]);
  return page("hostout", 1, `hostout ${VERSION}`, "deploy a buildout to hosts over SSH", [
    section("Synopsis"),
    ...hostoutHelp.SYNOPSIS.flatMap((line, at) => [...(at === 0 ? [] : [".br"]), synopsis(line)]),
    section("Description"),
    ...helpText(hostoutHelp.ABOUT),
    section("Options"),
    ...helpText(hostoutHelp.ABOUT_OPTIONS),
    ...options(HOSTOUT_OPTIONS),
    section("Words in place of a host"),
    ...words,
    section("Commands"),
    ...helpText("Every host has these commands. Plugins and fabfiles add more."),
    ...[...builtinChains.chains.keys()].sort().flatMap(hostoutCommand),
    section("Exit status"),
    ...rows(hostoutHelp.EXIT_STATUS),
    ...helpText(hostoutHelp.ABOUT_STATUS),
    section("Examples"),
    ...examples(hostoutHelp.EXAMPLES),
    ...seeAlso(["hostout.cfg(5)", "buildout(1)", "ssh_config(5)"]),
  ]);
}

function buildoutConfiguration(): string {
  const [, ...text] = markdown("docs/language.md");
  return page("buildout.cfg", 5, `hostout ${VERSION}`, "the configuration of a buildout", [
    section("Description"),
    ...blocks(text, 2),
    ...seeAlso(["buildout(1)", "hostout.cfg(5)"]),
  ]);
}

function hostoutConfiguration(): string {
  return page("hostout.cfg", 5, `hostout ${VERSION}`, "options of the hosts in a buildout", [
    section("Description"),
    ...blocks(chapter(markdown("docs/hostout.md"), "Options"), 2),
    ...seeAlso(["hostout(1)", "buildout.cfg(5)"]),
  ]);
}

const seeAlso = (names: readonly string[]) => [
  section("See also"),
  ...names.map((name, at) => {
    const [, title, volume] = /^(.*)\((\d)\)$/.exec(name)!;
    return `.BR ${title} (${volume})${at < names.length - 1 ? " ," : ""}`;
  }),
  ".PP",
  HOMEPAGE,
];

/** Path from the project's directory -> content. */
export const MAN_PAGES: ReadonlyMap<string, () => string> = new Map([
  ["man/buildout.1", buildout],
  ["man/hostout.1", hostout],
  ["man/buildout.cfg.5", buildoutConfiguration],
  ["man/hostout.cfg.5", hostoutConfiguration],
]);

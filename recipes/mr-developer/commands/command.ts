import { existsSync } from "node:fs";
import { BuildoutError, type Log } from "../../../src/index.ts";
import type { Ask, CheckoutContext } from "../checkout.ts";
import type { Project } from "../project.ts";
import { pythonRegExp } from "../rewrite.ts";
import type { CheckoutOptions } from "../working-copy.ts";

/** The context of a command of `bin/develop`. */
export interface CommandContext {
  project: Project;
  /** Names of the packages that buildout would develop now, including its own `develop`. */
  developed: ReadonlySet<string>;
  log: Log;
  ask: Ask;
  /** Prints a line on standard output. */
  print(line: string): void;
}

/** The options that a command was given, in their order. */
export interface CommandArguments {
  flags: readonly string[];
  /** Arguments: expressions for names of packages, or one name. */
  words: readonly string[];
}

export interface Flag {
  short?: string;
  long: string;
  help: string;
}

export interface Command {
  name: string;
  aliases: readonly string[];
  description: string;
  flags: readonly Flag[];
  /** The kind of arguments: any number of `package-regexp`, at least one, one `command`, or none. */
  words: "regexps" | "regexps-required" | "command" | "none";
  /** Returns the exit status, default 0. */
  run(
    context: CommandContext,
    args: CommandArguments,
    // biome-ignore lint/suspicious/noConfusingVoidType: most commands return nothing
  ): Promise<number | void>;
}

const PROCESSED = "If you don't specify a <package-regexps> then all";

/** The flags that limit a command to some packages. */
export const AUTO_CHECKOUT: Flag = {
  short: "a",
  long: "auto-checkout",
  help: `Only considers packages declared by auto-checkout. ${PROCESSED} declared packages are processed.`,
};
export const CHECKED_OUT: Flag = {
  short: "c",
  long: "checked-out",
  help: `Only considers packages currently checked out. ${PROCESSED} checked out packages are processed.`,
};
export const DEVELOP: Flag = {
  short: "d",
  long: "develop",
  help: `Only considers packages currently in development mode. ${PROCESSED} develop packages are processed.`,
};
export const VERBOSE: Flag = {
  short: "v",
  long: "verbose",
  help: "Show output of VCS command.",
};

/** The context for checking out from the command line. */
export function checkoutContext(
  { project, log, print, ask }: CommandContext,
  verbose: boolean,
): CheckoutContext {
  const { sources, directory, settings } = project;
  return { sources, directory, threads: settings.threads, log, print, ask, verbose };
}

/** How the commands check out: updates only if a source asks for it. */
export function checkoutOptions({ project }: CommandContext): CheckoutOptions {
  const { submodules, acceptCertificates } = project.settings;
  return { update: false, force: false, submodules, acceptCertificates, offline: false };
}

/** Whether the working copy of a package exists. */
export function isCheckedOut({ sources }: Project, name: string): boolean {
  return existsSync(sources.get(name)!.path);
}

/** The packages selected by flags and expressions, sorted. Throws `no-package` if expressions match none. */
export function selectPackages(
  { project, developed }: CommandContext,
  { flags, words }: CommandArguments,
): string[] {
  const all = flags.includes("auto-checkout")
    ? [...project.autoCheckout]
    : [...project.sources.keys()];
  const names = all
    .filter((name) => !flags.includes("develop") || developed.has(name))
    .filter((name) => !flags.includes("checked-out") || isCheckedOut(project, name))
    .sort();
  if (words.length === 0) return names;
  const expressions = words.map((word) => pythonRegExp(word));
  const found = names.filter((name) => expressions.some((expression) => expression.test(name)));
  if (found.length > 0) return found;
  const quoted = words.map((word) => `'${word}'`);
  const last = quoted.pop()!;
  const shown = quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
  throw new BuildoutError("no-package", `No package matched ${shown}.`);
}

/** What Fabric 1 has in `fabric.contrib.files`: looks at and changes text files on the host. */
import { readFile } from "node:fs/promises";
import { BuildoutError } from "../../errors/error.ts";
import { quotePath as quoted } from "../../ssh/commands/quote.ts";
import { localPath, type RunOptions, remotePath, run, sudo } from "./commands.ts";
import type { CommandResult } from "./result.ts";
import type { FabfileState } from "./state.ts";
import { put } from "./transfer.ts";

export interface FileOptions {
  useSudo?: boolean;
}

const SILENT: RunOptions = { quiet: true, warnOnly: true };

function execute(
  state: FabfileState,
  command: string,
  { useSudo }: FileOptions,
  options: RunOptions,
): Promise<CommandResult> {
  return (useSudo ? sudo : run)(state, command, options);
}

/** Whether there is something of this name; where a link leads to counts. */
export async function exists(
  state: FabfileState,
  path: string,
  options: FileOptions = {},
): Promise<boolean> {
  const result = await execute(state, `test -e ${quoted(path)}`, options, SILENT);
  return result.succeeded;
}

export interface ContainsOptions extends FileOptions {
  /** The whole line must be it. */
  exact?: boolean;
}

/** Whether a line of the file holds the text, or matches the extended regular expression. */
export async function contains(
  state: FabfileState,
  path: string,
  text: string | RegExp,
  { exact = false, ...options }: ContainsOptions = {},
): Promise<boolean> {
  const [kind, pattern] = typeof text === "string" ? ["-F", text] : ["-E", text.source];
  const command = `grep -q ${kind}${exact ? " -x" : ""} -e ${quoted(`${pattern}`)} -- ${quoted(path)}`;
  return (await execute(state, command, options, SILENT)).succeeded;
}

export interface AppendOptions extends FileOptions {
  /** A line that only begins like it, or holds it, counts as there. */
  partial?: boolean;
}

/** Adds the lines that the file does not have yet at its end; makes the file if need be. */
export async function append(
  state: FabfileState,
  path: string,
  text: string | readonly string[],
  { partial = false, ...options }: AppendOptions = {},
): Promise<void> {
  for (const line of typeof text === "string" ? [text] : text) {
    if (line !== "" && (await contains(state, path, line, { ...options, exact: !partial })))
      continue;
    await execute(state, `printf '%s\\n' ${quoted(line)} >> ${quoted(path)}`, options, {});
  }
}

export interface SedOptions extends FileOptions {
  /** Only lines that match this are touched. */
  limit?: string;
  /** Ending of the copy that is kept; empty: none. Default `.bak`. */
  backup?: string;
  /** Default `g`. */
  flags?: string;
}

/** Replaces what matches the extended regular expression `before` in the file's lines. */
export function sed(
  state: FabfileState,
  path: string,
  before: string,
  after: string,
  { limit = "", backup = ".bak", flags = "g", ...options }: SedOptions = {},
): Promise<CommandResult> {
  // A slash inside would end the expression.
  const slashed = (text: string) => text.replace(/(?<!\\)((?:\\\\)*)\//g, "$1\\/");
  const where = limit === "" ? "" : `/${slashed(limit)}/`;
  const script = `${where}s/${slashed(before)}/${slashed(after)}/${flags}`;
  const command = `sed -i${quoted(backup).replace(/^''$/, "")} -E -e ${quoted(script)} ${quoted(path)}`;
  return execute(state, command, options, {});
}

export interface TemplateOptions extends FileOptions {
  mode?: number;
  /** Keep a former file as `FILE.bak`; default true. */
  backup?: boolean;
}

/**
 * Uploads a local text file in which `%(name)s` stands for `context.name`, `%%` for `%`.
 * Throws `unknown-template-name` for a name that the context has not.
 */
export async function uploadTemplate(
  state: FabfileState,
  file: string,
  destination: string,
  context: Readonly<Record<string, unknown>> = state.env,
  { backup = true, mode, useSudo = false }: TemplateOptions = {},
): Promise<string> {
  const source = localPath(state, file);
  const template = await readFile(source, "utf8");
  const text = template.replace(/%(?:\((\w[\w.-]*)\)s|%)/g, (whole, name?: string) => {
    if (name === undefined) return "%";
    if (Object.hasOwn(context, name)) return String(context[name]);
    throw new BuildoutError("unknown-template-name", `${whole} in ${source} has no value.`, {
      location: { file: source },
    });
  });
  const target = await remotePath(state, destination);
  if (backup && (await exists(state, target, { useSudo }))) {
    await execute(state, `cp -p ${quoted(target)} ${quoted(`${target}.bak`)}`, { useSudo }, {});
  }
  return put(state, Buffer.from(text), target, { useSudo, ...(mode !== undefined && { mode }) });
}

/** `fabric.contrib.files` of Fabric 1: inspects and changes text files on the host. */
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

/** Whether the path exists; links are followed. */
export async function exists(
  state: FabfileState,
  path: string,
  options: FileOptions = {},
): Promise<boolean> {
  const result = await execute(state, `test -e ${quoted(path)}`, options, SILENT);
  return result.succeeded;
}

export interface ContainsOptions extends FileOptions {
  /** Match whole lines. */
  exact?: boolean;
}

/** Whether a line of the file contains the text or matches the extended regular expression. */
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
  /** A line that starts with it or contains it counts as present. */
  partial?: boolean;
}

/** Appends missing lines to the file, creating it if needed. */
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
  /** Change only lines that match this. */
  limit?: string;
  /** Suffix of the backup copy; empty: none. Default `.bak`. */
  backup?: string;
  /** Default `g`. */
  flags?: string;
}

/** Replaces matches of the extended regular expression `before` in the file. */
export function sed(
  state: FabfileState,
  path: string,
  before: string,
  after: string,
  { limit = "", backup = ".bak", flags = "g", ...options }: SedOptions = {},
): Promise<CommandResult> {
  // An unescaped slash would end the expression.
  const slashed = (text: string) => text.replace(/(?<!\\)((?:\\\\)*)\//g, "$1\\/");
  const where = limit === "" ? "" : `/${slashed(limit)}/`;
  const script = `${where}s/${slashed(before)}/${slashed(after)}/${flags}`;
  const command = `sed -i${quoted(backup).replace(/^''$/, "")} -E -e ${quoted(script)} ${quoted(path)}`;
  return execute(state, command, options, {});
}

export interface TemplateOptions extends FileOptions {
  mode?: number;
  /** Keep an existing file as `FILE.bak`; default true. */
  backup?: boolean;
}

/**
 * Uploads a local text file in which `%(name)s` stands for `context.name`, `%%` for `%`. Throws
 * `unknown-template-name` for a name that is not in the context.
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

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readDistributionFile } from "./egg-archive.ts";
import { normalizeName, type Requirement, readRequirement } from "./requirement.ts";

/** The metadata of a distribution that resolution needs (PEP 566, PEP 643). */
export interface Metadata {
  /** Display name: see `shownName`. */
  name: string;
  version: string;
  requires: Requirement[];
  /** As written. */
  extras: string[];
  requiresPython: string | undefined;
}

/** The header fields before the first empty line, in order. */
function headers(text: string): [string, string][] {
  const end = text.search(/\r?\n\r?\n/);
  const lines = (end < 0 ? text : text.slice(0, end)).split(/\r?\n/);
  const fields: [string, string][] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    if (/^\s/.test(line) && last) last[1] += `\n${line.trim()}`;
    else {
      const [name = "", value = ""] = line.split(/:(.*)/s);
      fields.push([name.toLowerCase(), value.trim()]);
    }
  }
  return fields;
}

/** The display name in zc.buildout, by pkg_resources' rule: `my_app` is `my-app`. */
function shownName(name: string): string {
  return name.replace(/[^A-Za-z0-9.]+/g, "-");
}

/** Reads the text of METADATA or PKG-INFO. Skips requirements that PEP 508 does not allow. */
export function parseMetadata(text: string): Metadata {
  const fields = headers(text);
  const all = (name: string) =>
    fields.filter((field) => field[0] === name).map(([, value]) => value);
  return {
    name: shownName(all("name")[0] ?? ""),
    version: all("version")[0] ?? "",
    requires: all("requires-dist")
      .map(readRequirement)
      .filter((one) => one !== undefined),
    extras: all("provides-extra"),
    requiresPython: all("requires-python")[0],
  };
}

/** Requirements in setuptools' requires.txt: sections are `[extra:marker]`. */
function parseRequiresTxt(text: string): Pick<Metadata, "requires" | "extras"> {
  const requires: Requirement[] = [];
  const extras: string[] = [];
  let condition = "";
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const section = /^\[([^\]:]*):?([^\]]*)\]$/.exec(line);
    if (section) {
      const [, extra = "", marker = ""] = section;
      if (extra && !extras.includes(extra)) extras.push(extra);
      const parts = [marker && `(${marker})`, extra && `extra == "${extra}"`];
      condition = parts.filter(Boolean).join(" and ");
      continue;
    }
    const separator = line.includes(";") ? " and " : "; ";
    const found = readRequirement(condition ? `${line}${separator}${condition}` : line);
    if (found) requires.push(found);
  }
  return { requires, extras };
}

/** Reads a `.dist-info`, `.egg-info` or `EGG-INFO`, which distutils writes as one file; undefined if it is not one. */
export function readMetadata(folder: string): Metadata | undefined {
  const text = readDistributionFile(join(folder, "METADATA"));
  if (text !== undefined) return parseMetadata(text);
  const old = readDistributionFile(join(folder, "PKG-INFO")) ?? readDistributionFile(folder);
  if (old === undefined) return undefined;
  const requires = readDistributionFile(join(folder, "requires.txt"));
  const metadata = parseMetadata(old);
  return requires === undefined ? metadata : { ...metadata, ...parseRequiresTxt(requires) };
}

/** The metadata directory in `folder`, for the project `name` if given. */
export function findMetadata(folder: string, name?: string): string | undefined {
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch {
    return undefined;
  }
  const found = entries.find((entry) => {
    if (entry === "EGG-INFO") return true;
    const project = /^([^-]+)(?:-.*)?\.(?:dist|egg)-info$/.exec(entry)?.[1];
    if (project === undefined) return false;
    return name === undefined || normalizeName(project) === normalizeName(name);
  });
  return found && join(folder, found);
}

/** The result of a step: lines to compare. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { recordSections } from "../record.ts";
import { shown } from "../shown.ts";

export interface Outcome {
  readonly status: "ends well" | "fails";
  /** The message of an error that is meant for the user. */
  readonly error?: string;
  readonly said: readonly string[];
  readonly left: readonly string[];
}

/** Files private to each engine, and files that are the same by nature. */
const OWN = /^(buildout\.cfg|bin\/buildout|eggs|develop-eggs|\.cache|\.npm|\.rustup)$/;

/** The parts in the effective content of a record: later lines win. */
function record(text: string): string[] {
  const sections = recordSections(text);
  // For some recipes, in the order in which they were found in the directory.
  for (const its of sections.values()) {
    const paths = its.get("__buildout_installed__");
    if (paths !== undefined) {
      its.set("__buildout_installed__", paths.split(/\n\t?/).sort().join("\n"));
    }
  }
  const parts = sections.get("buildout")?.get("parts")?.split(/\s+/) ?? [];
  // An empty record means the same as none.
  const names = parts.join("") === "" ? [] : ["buildout", ...parts];
  return names.flatMap((section) =>
    [...(sections.get(section) ?? [])]
      .filter(([name]) => name !== "__buildout_signature__")
      .map(([name, value]) => `[${section}] ${name} = ${value}`)
      .sort(),
  );
}

function contentOf(file: string, name: string): string[] {
  const bytes = readFileSync(file);
  if (name === ".installed.cfg") return record(bytes.toString());
  if (bytes.includes(0)) return [createHash("md5").update(bytes).digest("hex")];
  const lines = bytes.toString("latin1").split("\n");
  return lines.map((line, at) =>
    at === 0 ? line.replace(/^#!.*python[\d.]*$/, "#!PYTHON") : line,
  );
}

/** Every file and directory below `directory`. */
export function tree(directory: string, folder = ""): string[] {
  return readdirSync(join(directory, folder))
    .sort()
    .flatMap((entry) => {
      const name = join(folder, entry);
      if (OWN.test(name) || [".git", "__pycache__"].includes(entry)) return [];
      const path = join(directory, name);
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return [`${name} -> ${readlinkSync(path)}`];
      const content = stat.isFile() ? contentOf(path, name) : [];
      if (name === ".installed.cfg" && content.length === 0) return [];
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isDirectory()) return [`${name}/ ${mode}`, ...tree(directory, name)];
      if (!stat.isFile()) return [`${name} ${mode} is no regular file`];
      return [`${name} ${mode}`, ...content.map((line) => `${name}: ${line}`)];
    });
}

/** Printed by only one of the engines: docs/differences.md has the reasons. */
const NOISE =
  /^(Section `.*` contains unused option|This may be an indication for either a typo|Running uninstall recipe\.$)/;

const INTERNAL = "An internal error occurred due to a bug in either zc.buildout or in a";

/** The output of a run, without the form in which each engine prints errors. */
export function heard(output: string): { error: string | undefined; said: string[] } {
  // Output of a program without a line end comes before it.
  const lines = output.split(/\n|(?=Section `)/).map((line) => line.trimEnd());
  const end = lines.findIndex(
    (line) => /^(While:|Error: |Traceback )/.test(line) || line.startsWith(INTERNAL),
  );
  const said = (end === -1 ? lines : lines.slice(0, end)).filter(
    (line) => line !== "" && !NOISE.test(line),
  );
  const first = lines.find((line) => line.startsWith("Error: "));
  const error = first && shown(first);
  return { said, error: lines.some((line) => line.startsWith(INTERNAL)) ? undefined : error };
}

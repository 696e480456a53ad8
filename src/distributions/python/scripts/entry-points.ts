import { join } from "node:path";
import { readDistributionFile } from "../egg-archive.ts";
import type { EntryPoint, PythonDistribution } from "../python-distribution.ts";

const ENTRY = /^(.+?)\s*=\s*([\w.]+)\s*(?::\s*([\w.]+))?\s*(?:\[([^\]]*)\])?\s*$/;

/** Parses the entry point `name = module:attributes [extras]`; undefined if it is invalid. */
export function parseEntryPoint(text: string): EntryPoint | undefined {
  const match = ENTRY.exec(text.trim());
  if (match === null) return undefined;
  const [, name = "", module = "", attributes = "", extras = ""] = match;
  const words = extras.split(",").map((extra) => extra.trim());
  return { name, module, attributes, extras: words.filter((extra) => extra !== "") };
}

/** Reads the text of an entry_points.txt: group -> name -> entry point. */
export function parseEntryPoints(text: string): Map<string, Map<string, EntryPoint>> {
  const groups = new Map<string, Map<string, EntryPoint>>();
  let group: Map<string, EntryPoint> | undefined;
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    const header = /^\[(.+)\]$/.exec(line)?.[1]?.trim();
    if (header !== undefined) {
      group = groups.get(header) ?? new Map();
      groups.set(header, group);
      continue;
    }
    if (line === "" || /^[#;]/.test(line)) continue;
    const entry = parseEntryPoint(line);
    if (entry !== undefined) group?.set(entry.name, entry);
  }
  return groups;
}

/** The entry points that a distribution declares: group -> name -> entry point. */
export function readEntryPoints(
  distribution: Pick<PythonDistribution, "metadata">,
): Map<string, Map<string, EntryPoint>> {
  const file = join(distribution.metadata, "entry_points.txt");
  return parseEntryPoints(readDistributionFile(file) ?? "");
}

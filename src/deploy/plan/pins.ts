import { parse } from "../../config/syntax/parse.ts";
import type { Location } from "../../errors/error.ts";
import type { PlannedPackage, PlannedVersion } from "../../events/deployment-plan.ts";
import type { PackageFile } from "./steps.ts";

/** The pins of a configuration created by a deployment; none if it is unreadable. */
export function pinsOf(text: string): Map<string, string> {
  try {
    const { sections } = parse(text, "", () => true);
    const named = sections.get("buildout")?.get("versions")?.value ?? "versions";
    const section =
      sections.get(named) ?? sections.get("versions") ?? [...sections.values()].at(-1);
    return new Map([...(section ?? [])].map(([name, { value }]) => [name, value]));
  } catch {
    // It is on a host, where others may have written to it.
    return new Map();
  }
}

/** The options of each section of a configuration file; none if it is unreadable. */
export function optionsOf(text: string): Map<string, string[]> {
  try {
    const { sections } = parse(text, "", () => true);
    return new Map([...sections].map(([name, options]) => [name, [...options.keys()]]));
  } catch {
    return new Map();
  }
}

/** A configuration without its pins. */
export function withoutPins(text: string): string {
  return text.replace(/\n\[(?!buildout\]|secrets\])[^\]\n]*\]\n(?:[^[\n].*\n)*/g, "\n");
}

/** The lines `# Required by:` of a versions file, by required name. */
export function requirers(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let names: string[] | undefined;
  for (const line of text.split("\n")) {
    const [, option] = /^([^#\s=]+)\s*=/.exec(line) ?? [];
    if (line === "# Required by:") names = [];
    else if (option !== undefined) {
      if (names !== undefined) found.set(option, names);
      names = undefined;
    } else names?.push(line.replace(/^#\s*/, "").replace(/==.*$/, ""));
  }
  return found;
}

/** The pins that differ, sorted by name. */
export function versionChanges(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, Location>,
  requiredBy: ReadonlyMap<string, string[]>,
): PlannedVersion[] {
  const names = [...new Set([...before.keys(), ...now.keys()])].sort();
  return names
    .filter((name) => before.get(name) !== now.get(name))
    .map((name) => {
      const place = now.has(name) ? places.get(name) : undefined;
      const askers = requiredBy.get(name);
      return {
        name,
        ...(before.has(name) && { before: before.get(name)! }),
        ...(now.has(name) && { now: now.get(name)! }),
        ...(place !== undefined && { file: place.file, line: place.line! }),
        ...(askers !== undefined && { requiredBy: askers }),
      };
    });
}

/** The develop packages that are new or differ from those of the release on the host. */
export function packageChanges(
  before: ReadonlyMap<string, string>,
  packages: readonly PackageFile[],
  toSend: ReadonlySet<string>,
): PlannedPackage[] {
  const now = new Map(packages.map(({ name, version }) => [name, version]));
  const changed = packages.flatMap(({ name, version, file, bytes }): PlannedPackage[] => {
    const former = before.get(name);
    const sent = toSend.has(file);
    if (former === version && !sent) return [];
    return [
      {
        change: former === undefined ? "added" : "changed",
        name,
        ...(former !== undefined && { before: former }),
        now: version,
        ...(sent && { bytes }),
      },
    ];
  });
  const removed = [...before].flatMap(([name, version]): PlannedPackage[] =>
    now.has(name) ? [] : [{ change: "removed", name, before: version }],
  );
  return [...changed, ...removed];
}

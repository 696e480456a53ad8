import { readFileSync, realpathSync, statSync } from "node:fs";
import { fromDirectory } from "../../contract/paths.ts";
import type { Distribution } from "../../distributions/distribution.ts";
import { versionsOf } from "../../distributions/versions.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import type { Buildout } from "./buildout.ts";

/** A version that was chosen because no pin says which. */
interface Picked {
  /** Its line's name in the section of the pins: the package, or `package@version`. */
  option: string;
  version: string;
  requiredBy: string[];
}

async function findPicked(buildout: Buildout): Promise<Picked[]> {
  const { versions, developPackages } = buildout;
  const developed = new Set(developPackages.map(({ name }) => name));
  const installed = (await buildout.distributions()).filter(({ name }) => !developed.has(name));
  const askers = new Map<string, Set<string>>();
  const key = ({ name, version }: Pick<Distribution, "name" | "version">) => `${name} ${version}`;
  for (const distribution of installed) {
    const known = askers.get(key(distribution)) ?? new Set();
    for (const asker of distribution.requiredBy ?? []) known.add(asker.replace(" ", "=="));
    askers.set(key(distribution), known);
  }
  const known = new Map(installed.map((one) => [key(one), one.picked]));
  return [...versionsOf(installed)].flatMap(([option, version]) => {
    const name = option.replace(/(?!^)@.*$/, "");
    const isPinned = versions.has(option) || versions.get(name) === version;
    if (!(known.get(key({ name, version })) ?? !isPinned)) return [];
    return [{ option, version, requiredBy: [...(askers.get(key({ name, version })) ?? [])] }];
  });
}

/** A section of pins as zc.buildout prints it: what was asked for directly comes first. */
function formatPicked(picked: readonly Picked[]): string[] {
  const line = ({ option, version }: Picked) => `${option} = ${version}`;
  const direct = picked.filter(({ requiredBy }) => requiredBy.length === 0);
  const required = picked.filter(({ requiredBy }) => requiredBy.length > 0);
  return [
    "[versions]",
    ...direct.map(line),
    ...required.flatMap((one) => [
      "",
      "# Required by:",
      ...one.requiredBy.sort().map((asker) => `# ${asker}`),
      line(one),
    ]),
  ];
}

/** `2026-08-20 14:11:55.123000` in local time: Python's `str(datetime.now())`. */
function timestamp(now: Date): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return `${local.toISOString().slice(0, -1).replace("T", " ")}000`;
}

/** Adds the pins to a file; one that is there gets them at its end, with the time before them. */
function addToFile(path: string, lines: readonly string[]): void {
  const former = statSync(path, { throwIfNoEntry: false });
  if (former === undefined) {
    writeFileAtomically(path, `${lines.join("\n")}\n`);
    return;
  }
  const added = ["", `# Added by buildout at ${timestamp(new Date())}`, ...lines.slice(1), ""];
  const file = realpathSync(path);
  writeFileAtomically(file, readFileSync(file, "utf8") + added.join("\n"), former.mode & 0o777);
}

/**
 * Prints the versions that were picked, and adds them to a file, if `show-picked-versions` and
 * `update-versions-file` ask for it.
 */
export async function reportPicked(buildout: Buildout): Promise<void> {
  const options = await buildout.section("buildout");
  const file = options.get("update-versions-file") ?? "";
  if (file === "" && options.get("show-picked-versions") !== "true") return;
  const picked = await findPicked(buildout);
  if (picked.length === 0) return;
  const { output } = buildout.request;
  const lines = formatPicked(picked);
  output.print("Versions had to be automatically picked.");
  output.print("The following part definition lists the versions picked:");
  output.print(lines.join("\n"));
  if (file === "") return;
  addToFile(fromDirectory(buildout.directory, file), lines);
  output.print(`Picked versions have been written to ${file}`);
}

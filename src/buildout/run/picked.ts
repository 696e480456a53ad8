import { readFileSync, realpathSync, statSync } from "node:fs";
import type { EngineContext } from "../../contract/engine.ts";
import { fromDirectory } from "../../contract/paths.ts";
import type { Distribution } from "../../distributions/distribution.ts";
import { versionsOf } from "../../distributions/versions.ts";
import type { PickedVersion } from "../../events/engine.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { formatPicked } from "../kit/picked-format.ts";

/** `code`: distributions that recipes and extensions needed to run, including those of removed parts. */
export async function findPicked(
  buildout: EngineContext,
  code: readonly Distribution[],
): Promise<PickedVersion[]> {
  const { versions, developPackages } = buildout;
  const developed = new Set(developPackages.map(({ name }) => name));
  const installed = [...code, ...(await buildout.distributions())].filter(
    ({ name }) => !developed.has(name),
  );
  const askers = new Map<string, Set<string>>();
  const key = ({ name, version }: Pick<Distribution, "name" | "version">) => `${name} ${version}`;
  for (const distribution of installed) {
    const known = askers.get(key(distribution)) ?? new Set();
    for (const asker of distribution.requiredBy ?? []) known.add(asker.replace(" ", "=="));
    askers.set(key(distribution), known);
  }
  const known = new Map<string, boolean | undefined>();
  for (const one of installed) known.set(key(one), known.get(key(one)) || one.picked);
  return [...versionsOf(installed)].flatMap(([option, version]) => {
    const name = option.replace(/(?!^)@.*$/, "");
    const isPinned = versions.has(option) || versions.get(name) === version;
    if (!(known.get(key({ name, version })) ?? !isPinned)) return [];
    return [{ option, version, requiredBy: [...(askers.get(key({ name, version })) ?? [])] }];
  });
}

/** `2026-08-20 14:11:55.123000` in local time: Python's `str(datetime.now())`. */
function timestamp(now: Date): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return `${local.toISOString().slice(0, -1).replace("T", " ")}000`;
}

/** Appends the pins to a file, preceded by the time if the file exists. */
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
 * Reports the versions that were picked, and adds them to a file, if `show-picked-versions` and
 * `update-versions-file` ask for it.
 */
export async function reportPicked(buildout: EngineContext): Promise<void> {
  const options = await buildout.section("buildout");
  const file = options.get("update-versions-file") ?? "";
  const show = options.get("show-picked-versions") === "true";
  if (file === "" && !show) return;
  const picked = await buildout.pickedVersions();
  if (picked.length === 0) return;
  if (show) buildout.report({ type: "versions-picked", versions: picked });
  if (file === "") return;
  addToFile(fromDirectory(buildout.directory, file), formatPicked(picked));
  buildout.report({ type: "versions-written", path: file });
}

/** What a host is sent for a plan. */
import { buffer } from "node:stream/consumers";
import type { PlanFacts } from "../plan/host-plan.ts";
import type { BundleFile } from "../release/fileset.ts";
import { compare, entryLine } from "../release/manifest.ts";

/** Bytes of a file that is sent for the plan, at most: nothing that parts read at their beginning is larger. */
const MOST_SENT = 1 << 20;

/** Files that the host has in another form than the release, which parts may read. */
export function filesToSee({
  options,
  release,
  before,
  releases,
}: Pick<PlanFacts, "options" | "release" | "before" | "releases">): BundleFile[] {
  const { added, changed } = compare(release.files, before, entryLine);
  const drifted = new Set(releases.drift.map(({ path }) => path));
  const differ = new Set([...[...changed, ...added].map(({ path }) => path), ...drifted]);
  return release.files.filter(
    ({ path, kind, size }) =>
      differ.has(path) &&
      kind !== "directory" &&
      size <= MOST_SENT &&
      (!drifted.has(path) || !options.keepDrift),
  );
}

/** Empty where there is nothing to send. */
export async function archiveOf(
  files: readonly BundleFile[],
  engine: Buffer | undefined,
): Promise<Buffer> {
  if (files.length === 0 && engine === undefined) return Buffer.alloc(0);
  const made = { kind: "file", mode: 0o600, hash: "", mtime: 0 } as const;
  const { makeBundle } = await import("../release/bundle.ts");
  const { stream } = makeBundle(
    [
      ...files.map((file) => ({ ...file, path: `tree/${file.path}` })),
      // There is a tree even if nothing is in it.
      { ...made, kind: "directory", path: "tree", mode: 0o700, hash: "-", size: 0 },
      ...(engine === undefined
        ? []
        : [{ ...made, path: "engine.mjs", size: engine.length, content: engine }]),
    ],
    0,
  );
  return buffer(stream);
}

/** What is sent to a host for a plan. */
import { buffer } from "node:stream/consumers";
import type { PlanFacts } from "../plan/host-plan.ts";
import type { BundleFile } from "../release/fileset.ts";
import { compare, entryLine } from "../release/manifest.ts";

/** Maximum size of a file sent for the plan, in bytes: files that parts read are smaller. */
const MOST_SENT = 1 << 20;

/** Files that differ on the host and that parts may read. */
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

/** Empty if there is nothing to send. */
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
      // The tree exists even if it is empty.
      { ...made, kind: "directory", path: "tree", mode: 0o700, hash: "-", size: 0 },
      ...(engine === undefined
        ? []
        : [{ ...made, path: "engine.cjs", size: engine.length, content: engine }]),
    ],
    "tgz",
  );
  return buffer(stream);
}

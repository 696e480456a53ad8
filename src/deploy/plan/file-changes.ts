import type { PlannedFile } from "../../events/deployment-plan.ts";
import type { SeenFile } from "../host/look.ts";
import type { Drift } from "../host/release-list.ts";
import { diffWithoutSecrets } from "./hide-options.ts";

/** What a plan compares: files of the new release and those on the host. */
export interface FileFacts {
  /** Lines of the manifests, by path: of the current checkout and of the new release. */
  before: ReadonlyMap<string, string>;
  now: ReadonlyMap<string, string>;
  drift: readonly Drift[];
  /** Keep changes made on the host. */
  keepDrift: boolean;
  /** As on the host. */
  seen: ReadonlyMap<string, SeenFile>;
  /** A file of the new release; for a link, its target. */
  read(path: string): { content: Buffer; isPrivate: boolean };
  /** Whether to compare contents. */
  diffs: boolean;
}

/** Maximum size of files to compare, in bytes. */
export const LARGE = 262144;

/** The changed files, by path. Diffs go from the host's state to the new one. */
export function fileChanges(facts: FileFacts): PlannedFile[] {
  const { before, now, drift, keepDrift } = facts;
  const drifted = new Map(drift.map(({ path, what }) => [path, what]));
  const paths = [...new Set([...before.keys(), ...now.keys(), ...drifted.keys()])].sort();
  return paths.flatMap((path): PlannedFile[] => {
    const by = drifted.get(path);
    const change = changeOf(before.get(path), now.get(path));
    if (change === undefined && by === undefined) return [];
    const isKept = by !== undefined && keepDrift;
    return [
      {
        change: change ?? "drift",
        path,
        ...(by !== undefined && { drift: by }),
        ...(isKept && { kept: true }),
        ...(isKept ? {} : contents(path, facts)),
      },
    ];
  });
}

function changeOf(before: string | undefined, now: string | undefined) {
  if (before === now) return undefined;
  if (before === undefined) return "added";
  return now === undefined ? "removed" : "changed";
}

/** The change in content, or why it is not shown. */
function contents(path: string, facts: FileFacts): Partial<PlannedFile> {
  const { before, now, seen } = facts;
  const line = now.get(path);
  if (line === undefined || line.startsWith("directory ")) return {};
  const { content, isPrivate } = facts.read(path);
  const sized = { bytes: content.length };
  if (!facts.diffs) return sized;
  const hidden = (why: string) => ({ ...sized, hidden: why });
  const there = seen.get(path);
  if (isPrivate) return hidden("private");
  if (content.length > LARGE || (there?.size ?? 0) > LARGE) return hidden("large");
  if (isBinary(content) || (there?.content && isBinary(there.content))) return hidden("binary");
  if (there !== undefined && there.content === undefined) return hidden("not read");
  if (there === undefined && before.has(path)) return sized;
  const diff = diffWithoutSecrets(there?.content?.toString() ?? "", content.toString());
  return diff === "" ? sized : { ...sized, diff };
}

/** As in git: a zero byte near the beginning. */
function isBinary(content: Buffer): boolean {
  return content.subarray(0, 8000).includes(0);
}

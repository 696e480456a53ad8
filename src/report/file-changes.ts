import { unifiedDiff } from "../deploy/plan/unified-diff.ts";
import type { Detail, FileChange, FileState } from "../events/deployment.ts";
import { bytesText } from "../system/bytes.ts";

/** Changes of files as text; full diffs are in the form of patch(1). */
export function fileChanges(files: readonly FileChange[], detail: Detail): string[] {
  return files.flatMap((file) => (detail === "full" ? wholeChange(file) : [lineOf(file, detail)]));
}

/** `3 files: 1 added, 2 changed` */
export function countChanges(files: readonly FileChange[]): string {
  const counts = { added: 0, changed: 0, removed: 0 };
  for (const { before, after } of files) {
    counts[before === undefined ? "added" : after === undefined ? "removed" : "changed"]++;
  }
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  const total = files.length === 1 ? "1 file" : `${files.length} files`;
  return `${total}: ${some.map(([word, count]) => `${count} ${word}`).join(", ")}`;
}

function wholeChange(file: FileChange): string[] {
  const { path, before, after } = file;
  const texts = [before, after].map((state) => (state === undefined ? "" : textOf(state)));
  const mode =
    before?.kind === "file" && after?.kind === "file" && before.mode !== after.mode
      ? [`~ ${path}: mode ${before.mode} -> ${after.mode}`]
      : [];
  const [old, now] = texts;
  if (old === undefined || now === undefined) return [...mode, lineOf(file, "no")];
  const hunks = unifiedDiff(old, now);
  if (hunks === "") return mode.length > 0 ? mode : [lineOf(file, "no")];
  const name = (state: FileState | undefined, side: string) =>
    state === undefined ? "/dev/null" : `${side}/${path}`;
  return [...mode, `--- ${name(before, "a")}`, `+++ ${name(after, "b")}`, hunks];
}

/** One line: `~ logo.png: binary, 12 kB -> 13 kB`. */
function lineOf({ path, before, after }: FileChange, detail: Detail): string {
  const sign = before === undefined ? "+" : after === undefined ? "-" : "~";
  const states = [before, after].filter((state) => state !== undefined);
  const what = states.map(described).filter((text, at, all) => all.indexOf(text) === at);
  const line = `${sign} ${path}`;
  if (states.some(({ kind, text }) => kind !== "file" || text === undefined)) {
    return `${line}: ${what.join(" -> ")}`;
  }
  if (detail !== "stat") return line;
  const lines = unifiedDiff(before?.text ?? "", after?.text ?? "").split("\n");
  const count = (mark: string) => lines.filter((one) => one.startsWith(mark)).length;
  return `${line}: +${count("+")} -${count("-")}`;
}

function described({ kind, mode, bytes, text }: FileState): string {
  if (kind === "directory") return "an empty directory";
  if (kind === "link") return `a link to ${text}`;
  const what = text !== undefined ? "text" : mode.endsWith("00") ? "private" : "binary";
  return `${what}, ${bytesText(bytes)}`;
}

/** Undefined if there is no text to compare. */
function textOf({ kind, text }: FileState): string | undefined {
  return kind === "file" ? text : undefined;
}

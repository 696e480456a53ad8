import type {
  HostPlan,
  PlannedFile,
  PlannedPackage,
  PlannedVersion,
  ShownRelease,
  Step,
} from "../events/deployment-plan.ts";
import type { PlannedPart } from "../events/engine.ts";
import { bytesText } from "../system/bytes.ts";
import { ago, counted } from "./ago.ts";
import { partLines } from "./plan-text.ts";

const SIGNS = { added: "+", changed: "~", removed: "-", drift: "!" } as const;
/** Maximum rows of a block; there may be thousands of files. */
const MOST = 100;
const TITLE = 11;

/** How to show changes of files: in full, counted, or not at all. */
export type ShownDiff = "no" | "stat" | "full";

const DRIFT: Record<NonNullable<PlannedFile["drift"]>, string> = {
  changed: "was changed on the host",
  missing: "was removed on the host",
  mode: "has another mode on the host",
  kind: "was replaced by another kind of file on the host",
};

/** A plan as text. */
export function deploymentPlanText(
  host: string,
  plan: HostPlan,
  { diff, now }: { diff: ShownDiff; now: Date },
): string {
  const { packages, versions, files, parts, overrides, notes } = plan;
  return [
    `${host}  ${header(plan, now)}`,
    ...block("Host", hostLines(plan)),
    ...block("Packages", packages.map(packageText)),
    ...block("Versions", versions.map(versionText)),
    ...block("Files", [...files.map((file) => fileText(file, diff)), ...diffs(files, diff)]),
    ...block("Parts", partRows(parts)),
    ...block("Commands", commandLines(plan.steps)),
    ...block("Overrides", overrides.map(overrideText)),
    ...block("Notes", notes),
    `${summaryText(plan)} Nothing was changed.`,
  ].join("\n");
}

export function header({ current, release }: HostPlan, now: Date): string {
  const before = current === undefined ? "nothing deployed" : releaseText(current, now);
  return `${before}  ->  ${release.id}${commitText(release)}`;
}

function releaseText({ number, id, who, start, commit, dirty }: ShownRelease, now: Date): string {
  const facts = [
    id,
    ...(who === undefined ? [] : [who]),
    ...(start === undefined ? [] : [ago(now.getTime() - Date.parse(start))]),
    ...(commit === undefined ? [] : [`commit ${commit.slice(0, 7)}${dirty ? "+" : ""}`]),
  ];
  return `release ${number} (${facts.join(", ")})`;
}

function commitText({ commit, changedFiles = 0 }: ShownRelease): string {
  if (commit === undefined) return "";
  const more = changedFiles === 0 ? "" : ` + ${counted(changedFiles, "changed file")}`;
  return ` (commit ${commit.slice(0, 7)}${more})`;
}

/** Rows with a title next to the first one. */
function block(title: string, rows: readonly string[]): string[] {
  const shown =
    rows.length > MOST + 1 ? [...rows.slice(0, MOST), `... and ${rows.length - MOST} more`] : rows;
  return shown.flatMap((row, index) =>
    row.split("\n").map((line, at) => {
      const head = index === 0 && at === 0 ? title : "";
      return `${head.padEnd(TITLE)}${printable(line)}`.trimEnd();
    }),
  );
}

/** Files of a host can contain control characters. */
function printable(line: string): string {
  return line.replace(/[^\P{Cc}\t]/gu, "?");
}

export function packageText({ change, name, before, now, bytes }: PlannedPackage): string {
  const upload = bytes === undefined ? "" : `  upload ${bytesText(bytes)}`;
  return `${SIGNS[change]} ${name} ${between(before, now)}${upload}`;
}

function between(before: string | undefined, now: string | undefined): string {
  if (before === now) return now ?? "";
  return [before, now].filter((one) => one !== undefined).join(" -> ");
}

export function versionText(version: PlannedVersion): string {
  const { name, before, now, file, line, requiredBy = [] } = version;
  const facts = [
    ...(file === undefined ? [] : [`${file}:${line}`]),
    ...(requiredBy.length === 0 ? [] : [`required by ${requiredBy.join(", ")}`]),
  ];
  const sign = before === undefined ? "+" : now === undefined ? "-" : "~";
  return `${sign} ${name} ${between(before, now)}${facts.length === 0 ? "" : `  (${facts.join("; ")})`}`;
}

export function fileText(file: PlannedFile, diff: ShownDiff): string {
  const { change, path, drift, kept, hidden, bytes } = file;
  const facts = [
    ...(drift === undefined ? [] : [`${DRIFT[drift]}${kept ? " and is kept" : ""}`]),
    ...(hidden === undefined ? [] : [`${hidden}, ${bytesText(bytes ?? 0)}`]),
    ...(diff === "stat" && file.diff !== undefined ? [lineCounts(file.diff)] : []),
  ];
  if (facts.length === 0) return `${SIGNS[change]} ${path}`;
  return `${SIGNS[change]} ${path} ${change === "drift" ? facts.join(", ") : `(${facts.join(", ")})`}`;
}

function lineCounts(diff: string): string {
  const lines = diff.split("\n");
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  return `+${count("+")} -${count("-")}`;
}

function diffs(files: readonly PlannedFile[], diff: ShownDiff): string[] {
  if (diff !== "full") return [];
  return files.flatMap(({ path, diff: text }) =>
    text === undefined ? [] : [`@@ ${path} @@\n${text}`],
  );
}

export function partRows(parts: readonly PlannedPart[]): string[] {
  const staying = parts.filter(({ action }) => action === "update").map(({ part }) => part);
  return [
    ...parts.filter(({ action }) => action !== "update").flatMap(partLines),
    ...(staying.length > 0 ? [`= ${staying.join(", ")}`] : []),
  ];
}

/** What is installed or cleaned up before the release. */
export function hostLines({ steps, bootstrap }: HostPlan): string[] {
  return steps.flatMap((one) => {
    if (one.step === "engine") return [`~ the buildout engine (${one.file})`];
    if (one.step === "bootstrap") return [...bootstrap];
    if (one.step !== "repair") return [];
    return one.what === "former"
      ? ["~ the state of an earlier version, which is upgraded"]
      : ["~ the partial changes of an interrupted deployment, which are undone"];
  });
}

export function commandLines(steps: readonly Step[]): string[] {
  return steps.flatMap((one) => {
    if (one.step === "command") {
      return [`${one.when}: ${one.command}${one.sudo ? " (root)" : ""}`];
    }
    if (one.step === "data-version") return [`after: ${one.command} (data-version)`];
    if (one.step === "health") {
      return [
        `after: ${one.check} (health check, ${counted(one.passes, "pass")} within ${one.timeout} s)`,
      ];
    }
    if (one.step === "switch") return [`switch: current -> releases/${one.number}`];
    if (one.step !== "root-build") return [];
    return [`after: bin/buildout install ${one.parts.join(" ")}${one.sudo ? " (root)" : ""}`];
  });
}

export function overrideText({ command, source }: { command: string; source: string }): string {
  if (command === "initcommand") {
    return `'initcommand' of ${source} runs before each command; its effects are unknown`;
  }
  return `'${command}' is overridden by ${source}; its effects are unknown`;
}

/** The number of changes, what is sent, and whether sudo is needed. */
export function summaryText(plan: HostPlan): string {
  const { packages, versions, files, parts, bytes, sudo, changes } = plan;
  if (!changes) return "Nothing to do.";
  const changing = parts.filter(({ action }) => action !== "update");
  const counts = [
    counted(packages.length, "package"),
    counted(versions.length, "version"),
    counted(files.length, "file"),
    counted(changing.length, "part"),
  ];
  return `${counts.join(", ")}; ${bytesText(bytes)} to send; sudo: ${sudo ? "yes" : "no"}.`;
}

/** `status` as text: a block for one host, a line each for several. */
import type { HostStatus } from "../events/host-status.ts";
import { bytesText } from "../system/bytes.ts";
import { ago, counted } from "./ago.ts";
import type { Paint } from "./color.ts";
import { tableText } from "./table-text.ts";

const TITLE = 11;
/** Maximum number of files to list. */
const MOST = 20;

/** One host. */
export function statusText(host: string, status: HostStatus, paint: Paint, now: Date): string[] {
  const { release, locks, drift, disk, kept, supervisor } = status;
  const size = kept.bytes === undefined ? "" : `, ${bytesText(kept.bytes)}`;
  const rows: [string, string[]][] = [
    ["Release", [release === undefined ? "none" : releaseLine(release, now)]],
    ["Lock", locks.length > 0 ? locks : ["free"]],
    ["Hand edits", drift.length > 0 ? files(drift) : ["none"]],
    ["Health", healthLines(status.health)],
    [
      "Disk",
      disk === undefined ? [] : [`${bytesText(disk.free)} free of ${bytesText(disk.total)}`],
    ],
    ["Kept", [`${counted(kept.releases, "release")}${size}`]],
    ["Programs", supervisor?.lines ?? []],
    ["Problems", status.problems.map((one) => paint(one, "red"))],
  ];
  return [
    `${host}  ${status.ok ? "well" : paint("has problems", "red")}`,
    ...rows.flatMap(([title, lines]) =>
      lines.map((line, at) => `${(at === 0 ? title : "").padEnd(TITLE)}${line}`),
    ),
  ];
}

/** Several hosts. */
export function statusTable(statuses: ReadonlyMap<string, HostStatus>, now: Date): string[] {
  const rows = [...statuses].map(([host, { release, locks, drift, health, disk, problems }]) => [
    problems.length > 0 ? "!" : "",
    host,
    release === undefined ? "none" : `${release.number} (${release.id.slice(0, 7)})`,
    release?.start === undefined ? "" : ago(now.getTime() - Date.parse(release.start)),
    release?.who ?? "",
    locks.length > 0 ? "locked" : "",
    drift.length > 0 ? `${drift.length}` : "",
    health === undefined ? "" : health.answer.ok ? "healthy" : "NOT HEALTHY",
    disk === undefined ? "" : bytesText(disk.free),
    problems.join("; "),
  ]);
  return tableText(HEAD, rows);
}

const HEAD = ["", "HOST", "RELEASE", "WHEN", "WHO", "LOCK", "EDITS", "HEALTH", "FREE", "PROBLEMS"];

function releaseLine(
  { number, id, start, who, commit, dirty, result, reason }: NonNullable<HostStatus["release"]>,
  now: Date,
): string {
  const facts = [
    id,
    ...(who === undefined ? [] : [who]),
    ...(start === undefined ? [] : [ago(now.getTime() - Date.parse(start))]),
    ...(commit === undefined ? [] : [`commit ${commit.slice(0, 7)}${dirty ? "+" : ""}`]),
    ...(result === undefined || result === "ok"
      ? []
      : [[result, reason].filter(Boolean).join(": ")]),
  ];
  return `${number} (${facts.join(", ")})`;
}

function files(drift: HostStatus["drift"]): string[] {
  const named = drift.slice(0, MOST).map(({ what, path }) => `${path} (${WORDS[what]})`);
  return drift.length > MOST ? [...named, `and ${drift.length - MOST} more`] : named;
}

const WORDS = { changed: "changed", missing: "removed", mode: "mode", kind: "replaced" } as const;

function healthLines(health: HostStatus["health"]): string[] {
  if (health === undefined) return [];
  const { check, answer } = health;
  const { status, exit, late, lines } = answer;
  const said =
    status !== undefined
      ? `HTTP ${status}`
      : exit !== undefined
        ? `exit status ${exit}`
        : late
          ? "too late"
          : "no answer";
  const first = check.split("\n")[0]!;
  return [
    `${answer.ok ? "healthy" : "not healthy"}: ${said} (${first})`,
    ...(answer.ok ? [] : lines),
  ];
}

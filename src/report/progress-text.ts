import getWidth from "fast-string-truncated-width";
import { bytesText } from "../system/bytes.ts";
import { counted } from "./ago.ts";

/** The progress of one upload or download. */
export interface Transfer {
  name: string;
  bytes: number;
  total: number;
  /** Bytes per second; undefined while unknown. */
  rate?: number | undefined;
}

/** A running host, or other work in progress. */
export interface Work {
  who: string;
  /** Its activity. */
  text: string;
  /** Its last line of output. */
  line?: string | undefined;
  transfer?: Transfer | undefined;
  /** Seconds that it has taken so far. */
  seconds: number;
}

/** Counts of the hosts of a call by state. */
export interface Tally {
  total: number;
  done: number;
  failed: number;
}

export interface Size {
  columns: number;
  rows: number;
}

/** Maximum width of a name in the table. */
const NAME_WIDTH = 24;

/** `release 1d0de5a 62% of 120 MB, 14 MB/s, 3 s left` */
export function transferText({ name, bytes, total, rate }: Transfer): string {
  const percent = total === 0 ? 100 : Math.floor((bytes / total) * 100);
  const text = `${name} ${percent}% of ${bytesText(total)}`;
  if (!rate || bytes >= total) return text;
  return `${text}, ${bytesText(rate)}/s, ${durationText((total - bytes) / rate)} left`;
}

/** `45 s`, `3 min 20 s`, `1 h 5 min` */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** One line that fits in `columns`: `text` is truncated, `end` is not. */
export function fitted(text: string, end: string, columns: number): string {
  // The last column stays empty: some terminals wrap after it.
  const limit = Math.max(columns - 1 - end.length, 1);
  const line = printable(text);
  const { index, ellipsed } = getWidth(line, { limit, ellipsis: "…" });
  return `${line.slice(0, index)}${ellipsed ? "…" : ""}${end}`;
}

/** A line for all hosts together, and one for each running host, using at most half of the terminal. */
export function tableRows(works: readonly Work[], tally: Tally, size: Size): string[] {
  const place = Math.max(Math.floor(size.rows / 2) - 1, 1);
  const shown = works.slice(0, works.length > place ? Math.max(place - 1, 1) : place);
  const width = Math.min(Math.max(0, ...shown.map(({ who }) => getWidth(who).width)), NAME_WIDTH);
  const rows = shown.map((work) => {
    const { width: own } = getWidth(work.who);
    return fitted(
      `${work.who}${" ".repeat(Math.max(width - own, 0) + 2)}${workText(work)}`,
      ` (${durationText(work.seconds)})`,
      size.columns,
    );
  });
  const more = works.length - shown.length;
  return [
    fitted(tallyText(tally, works.length), "", size.columns),
    ...rows,
    ...(more > 0 ? [fitted(`and ${more} more`, "", size.columns)] : []),
  ];
}

function workText({ text, line, transfer }: Work): string {
  return transfer === undefined ? (line ?? text) : transferText(transfer);
}

/** `12 of 60 hosts done, 1 failed, 32 running` */
function tallyText({ total, done, failed }: Tally, running: number): string {
  return [
    `${done} of ${counted(total, "host")} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${running} running`,
  ].join(", ");
}

/** The first line without control characters, which a terminal would execute. */
function printable(text: string): string {
  return text
    .trim()
    .replace(/[\r\n][\s\S]*$/, "")
    .replace(/\p{Cc}/gu, " ");
}

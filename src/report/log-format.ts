/** One message on its way to the user. */
export interface LogRecord {
  /** Python's number: 10 debug, 20 info, 30 warning, 40 error. */
  level: number;
  /** The logger: `zc.buildout` or the name of a part. */
  name: string;
  message: string;
  time: Date;
}

const LEVEL_NAMES = new Map([
  [10, "DEBUG"],
  [20, "INFO"],
  [30, "WARNING"],
  [40, "ERROR"],
  [50, "CRITICAL"],
]);

function digits(value: number, count: number): string {
  return String(value).padStart(count, "0");
}

/** `2026-08-20 14:11:55,123` in local time: the default of Python's logging module. */
function timestamp(time: Date): string {
  const date = [time.getFullYear(), digits(time.getMonth() + 1, 2), digits(time.getDate(), 2)];
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((n) => digits(n, 2));
  return `${date.join("-")} ${clock.join(":")},${digits(time.getMilliseconds(), 3)}`;
}

function attribute(record: LogRecord, name: string): string {
  switch (name) {
    case "message":
      return record.message;
    case "name":
      return record.name;
    case "levelname":
      return LEVEL_NAMES.get(record.level) ?? `Level ${record.level}`;
    case "levelno":
      return String(record.level);
    case "asctime":
      return timestamp(record.time);
    case "created":
      return String(record.time.getTime() / 1000);
    case "msecs":
      return String(record.time.getMilliseconds());
    case "process":
      return String(process.pid);
    default:
      return "";
  }
}

/**
 * Formats a record with a %-style format of Python's logging module, with field widths:
 * `%(levelname)-8s %(name)s: %(message)s` (Library Reference, "LogRecord attributes").
 * Python-specific attributes are empty.
 */
export function formatRecord(format: string, record: LogRecord): string {
  return format.replace(
    /%(?:%|\((\w+)\)(-?)(\d*)(?:\.\d+)?[sdf])/g,
    (_, name: string | undefined, left: string, width: string) => {
      if (name === undefined) return "%";
      const value = attribute(record, name);
      return left === "-" ? value.padEnd(Number(width)) : value.padStart(Number(width));
    },
  );
}

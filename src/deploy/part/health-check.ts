/** The options for the health check. */
import { unescape as decoded } from "node:querystring";
import type { BuildoutError } from "../../errors/error.ts";
import { words } from "../../pythonic/text.ts";

export interface HealthCheck {
  asks: HealthQuestion;
  /** The same for display, without a password. */
  shown: string;
  /** Seconds between tries. */
  interval: number;
  /** Seconds in all. */
  timeout: number;
  /** Number of passes in a row that are required. */
  passes: number;
  /** Globs below the path, of log files to show on failure. */
  logs: string[];
}

/** `authorization` is the value of a header, or empty. */
export type HealthQuestion = { url: string; authorization: string } | { command: string };

type Invalid = (option: string, message: string, hint?: string) => BuildoutError;

/** Undefined without `health-check`. */
export function healthCheck(
  text: (option: string) => string | undefined,
  count: (option: string, otherwise: number) => number,
  invalid: Invalid,
): HealthCheck | undefined {
  const interval = count("health-interval", 1);
  const timeout = count("health-timeout", 30);
  const passes = count("health-passes", 6);
  const logs = globsBelow("health-logs", text, invalid) ?? [];
  const value = text("health-check");
  if (value === undefined) return undefined;
  if ((passes - 1) * interval >= timeout) {
    throw invalid(
      "health-timeout",
      `${passes} passes, one each ${interval} s, take longer than ${timeout} s.`,
      "Increase it, or decrease 'health-passes' or 'health-interval'.",
    );
  }
  return { ...question(value, invalid), interval, timeout, passes, logs };
}

/** The globs of an option, all below the path. */
export function globsBelow(
  option: string,
  text: (option: string) => string | undefined,
  invalid: Invalid,
): string[] | undefined {
  const value = text(option);
  if (value === undefined) return undefined;
  const globs = words(value);
  for (const one of globs) {
    if (isBelow(one)) continue;
    throw invalid(option, `'${one}' is not below 'path'.`, "Write it as var/log/*.log.");
  }
  return globs;
}

function isBelow(glob: string): boolean {
  return !/^[/~]|\p{Cc}/u.test(glob) && !glob.split("/").includes("..");
}

function question(value: string, invalid: Invalid): Pick<HealthCheck, "asks" | "shown"> {
  if (!/^https?:\/\//i.test(value)) return { asks: { command: value }, shown: value };
  if (/[\s\p{Cc}"\\]/u.test(value) || !URL.canParse(value)) {
    throw invalid(
      "health-check",
      "This is not a URL.",
      "Write http://HOST:PORT/PATH, as seen from the host, or a shell command.",
    );
  }
  const { username, password } = new URL(value);
  const [, scheme = "", user = ""] = /^(https?:\/\/)(?:([^/?#]*)@)?/i.exec(value) ?? [];
  const rest = value.slice(scheme.length + (user === "" ? 0 : user.length + 1));
  const login = `${decoded(username)}:${decoded(password)}`;
  return {
    asks: {
      url: `${scheme}${rest}`,
      authorization: user === "" ? "" : `Basic ${Buffer.from(login).toString("base64")}`,
    },
    shown: `${scheme}${user === "" ? "" : "***@"}${rest}`,
  };
}

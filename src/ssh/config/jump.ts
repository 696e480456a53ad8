import type { Location } from "../../errors/error.ts";
import { invalid } from "./invalid.ts";

export interface Jump {
  host: string;
  user?: string;
  port?: number;
}

/** `[user@]host[:port]` or `ssh://[user@]host[:port]`, as in ProxyJump (ssh(1), -J). */
export function parseJump(text: string, at?: Location): Jump {
  const match =
    /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:@\s/]+|[^:]*:[^:]*:.*?))(?::(\d+))?\/?$/.exec(
      text,
    );
  const host = match?.[2] ?? match?.[3];
  const port = Number(match?.[4] ?? 22);
  if (host === undefined || host === "" || port < 1 || port > 65_535) {
    throw invalid(
      `Not a jump host: ${text}`,
      at,
      "ProxyJump takes [user@]host[:port], separated by commas.",
    );
  }
  return {
    host,
    ...(match?.[1] === undefined ? {} : { user: match[1] }),
    ...(match?.[4] === undefined ? {} : { port }),
  };
}

/** The hosts in a ProxyJump, nearest first; none for `none`, which must be alone. */
export function jumpsOf(value: string): string[] {
  if (value.trim().toLowerCase() === "none") return [];
  const clean = value.replace(/#.*$/, "").trim();
  return clean.split(",").map((jump) => jump.trim());
}

/**
 * @throws BuildoutError `ssh-config-invalid` if one is not a host
 */
export function checkJumps(value: string, at: Location): void {
  for (const jump of jumpsOf(value)) parseJump(jump, at);
}

import type { HostOptions } from "./options.ts";

/** `api.env`: the options of the part by name, plus values set by commands, of any type. */
export type Environment = Record<string, unknown>;

/**
 * The initial environment of a host: every option of the part as a string, and `host`, `hosts`, `port`,
 * `user`, `host_string`, `path`.
 */
export function initialEnvironment(options: HostOptions): Environment {
  // Read logins only when needed.
  const own = [...options.all].filter(([, text]) => !text.includes("${secrets:"));
  // No prototype: an option can have any name.
  return Object.assign(Object.create(null) as Environment, Object.fromEntries(own), {
    name: options.name,
    host: options.host,
    hosts: [options.host],
    port: options.port ?? 22,
    user: options.user,
    host_string: options.port === undefined ? options.host : `${options.host}:${options.port}`,
    path: options.path,
  });
}

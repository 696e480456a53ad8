import type { HostOptions } from "./options.ts";

/** `api.env`: the options of the part by name, with what commands have set; any value. */
export type Environment = Record<string, unknown>;

/**
 * What the environment of a host is at first: every option of the part as text, and `host`,
 * `hosts`, `port`, `user`, `host_string`, `path`.
 */
export function initialEnvironment(options: HostOptions): Environment {
  // A login is read only when it is needed.
  const own = [...options.all].filter(([, text]) => !text.includes("${secrets:"));
  // Without prototype: an option may have any name.
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

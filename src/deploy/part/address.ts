import type { HostOptions } from "./options.ts";

const SSH_PORT = 22;

/** The address of a part's host for display, with the port unless it is the default. */
export function addressOf({ host, port }: Pick<HostOptions, "host" | "port">): string {
  if (port === undefined || port === SSH_PORT) return host;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

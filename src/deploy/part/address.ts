import type { HostOptions } from "./options.ts";

const SSH_PORT = 22;

/** Where a part says that its host is, as people write it: with the port if that is not the usual one. */
export function addressOf({ host, port }: Pick<HostOptions, "host" | "port">): string {
  if (port === undefined || port === SSH_PORT) return host;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

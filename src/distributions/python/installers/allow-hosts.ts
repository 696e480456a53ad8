import { BuildoutError } from "../../../errors/error.ts";
import type { Search } from "../search.ts";
import type { Chosen } from "./installer.ts";

function matches(host: string, pattern: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`, "i").test(host);
}

/** The host of a URL, if it is on another machine and no pattern allows it. */
export function disallowed(url: string, allowHosts: readonly string[]): string | undefined {
  const address = url.replace(/^[a-z]+\+/, "");
  if (!URL.canParse(address)) return undefined;
  const { protocol, host, hostname } = new URL(address);
  if (protocol === "file:") return undefined;
  const names = host === hostname ? [host] : [host, hostname];
  return names.some((name) => allowHosts.some((pattern) => matches(name, pattern)))
    ? undefined
    : hostname;
}

export function allowsAll(allowHosts: readonly string[]): boolean {
  return allowHosts.includes("*");
}

const HINT = "Add the host to [buildout] allow-hosts.";

/** Checks index and find-links before any request. Throws `host-not-allowed`. */
export function checkHosts({ index, findLinks }: Search, allowHosts: readonly string[]): void {
  for (const [option, url] of [
    ["index", index],
    ...findLinks.map((link) => ["find-links", link] as const),
  ] as const) {
    const host = url && disallowed(url, allowHosts);
    if (!host) continue;
    throw new BuildoutError(
      "host-not-allowed",
      `The host ${host} of [buildout] ${option} is not in allow-hosts.`,
      { hint: HINT },
    );
  }
}

/** Checks the sources of chosen distributions before they are installed. Throws `host-not-allowed`. */
export function checkSources(chosen: readonly Chosen[], allowHosts: readonly string[]): void {
  for (const { name, version, url } of chosen) {
    const host = url && disallowed(url, allowHosts);
    if (!host) continue;
    throw new BuildoutError(
      "host-not-allowed",
      `${name} ${version} would be downloaded from ${host}, which is not in allow-hosts.`,
      { hint: HINT },
    );
  }
}

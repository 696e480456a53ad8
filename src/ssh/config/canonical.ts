import { isIP } from "node:net";
import { invalid } from "./invalid.ts";
import { matchesPatternList } from "./pattern.ts";
import type { Settings } from "./settings.ts";

/** A host's canonical name from the resolver; undefined for an unknown host. */
export type Lookup = (name: string) => Promise<string | undefined>;

/** The full name of a host according to CanonicalizeHostname, or `name` itself. */
export async function canonicalName(
  name: string,
  settings: Settings,
  lookup: Lookup,
): Promise<string> {
  const wanted = settings.one("CanonicalizeHostname") ?? "no";
  if (wanted === "no" || isIP(name) !== 0) return name;
  const isProxied = ["ProxyCommand", "ProxyJump"].some(
    (keyword) => (settings.one(keyword) ?? "none").toLowerCase() !== "none",
  );
  // Names resolved by a proxy are not canonicalized, unless the user wants that.
  if (isProxied && wanted !== "always") return name;
  for (const candidate of candidates(name, settings)) {
    const target = await lookup(candidate);
    if (target !== undefined) return followed(candidate.replace(/\.$/, ""), target, settings);
  }
  const isTried = candidates(name, settings).length > 0 || isCandidate(name, settings);
  if (isTried && settings.one("CanonicalizeFallbackLocal") === "no") {
    throw invalid(
      `The host '${name}' was not found in any of the CanonicalDomains.`,
      settings.setting("CanonicalDomains")?.location,
      "CanonicalizeFallbackLocal is 'no': check the name, or the network.",
    );
  }
  return followed(name, (await lookup(name)) ?? name, settings);
}

function candidates(name: string, settings: Settings): string[] {
  if (name.endsWith(".")) return [name];
  if (!isCandidate(name, settings)) return [];
  const domains = settings.many("CanonicalDomains") ?? [];
  const none = domains.findIndex((domain) => domain.toLowerCase() === "none");
  // The trailing dot keeps resolvers from appending a domain.
  return (none < 0 ? domains : domains.slice(0, none)).map((domain) => `${name}.${domain}.`);
}

/** Names with enough dots are complete. */
function isCandidate(name: string, settings: Settings): boolean {
  return name.split(".").length - 1 <= Number(settings.one("CanonicalizeMaxDots") ?? 1);
}

/** `target` if CanonicalizePermittedCNAMEs allows `name` as an alias of it. */
function followed(name: string, target: string, settings: Settings): string {
  const isPermitted = (settings.many("CanonicalizePermittedCNAMEs") ?? []).some((rule) => {
    const [from = "", to = ""] = rule.toLowerCase().split(":");
    return (
      matchesPatternList(from, name.toLowerCase()) && matchesPatternList(to, target.toLowerCase())
    );
  });
  return isPermitted ? target : name;
}

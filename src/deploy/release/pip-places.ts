import { separateLogins } from "../../distributions/python/index-logins.ts";
import type { BuildSettings } from "../part/project.ts";

/**
 * The index and the links of a buildout that other machines reach, as lines of a requirements file for
 * a pip with a Python of `version`, and the logins apart from them.
 */
export function pipPlaces({ index, findLinks }: BuildSettings, version: () => string) {
  // Places that are on this machine are no use there; what the host's own pip.conf says counts.
  const isRemote = (place: string) => /^https?:/.test(place);
  const all = [
    ...(index !== undefined && isRemote(index) ? [["--index-url", index] as const] : []),
    ...findLinks.filter(isRemote).map((place) => ["--find-links", place] as const),
  ];
  const { addresses, netrc, visible } = separateLogins(
    all.map(([, place]) => place),
    version,
  );
  return { lines: all.map(([option], at) => `${option} ${addresses[at]}`), netrc, visible };
}

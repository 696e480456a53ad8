import { separateLogins } from "../../distributions/python/index-logins.ts";
import type { BuildSettings } from "../part/project.ts";

/**
 * The index and links of a buildout that other machines can reach, as lines of a requirements file for pip
 * on Python `version`, and their logins separately.
 */
export function pipPlaces({ index, findLinks }: BuildSettings, version: () => string) {
  // Local paths are useless there; the host's own pip.conf applies.
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

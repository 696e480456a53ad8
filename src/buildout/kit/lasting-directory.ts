import { existsSync } from "node:fs";
import type { BuildoutContext } from "../../contract/recipe.ts";

/** The directory of an atomic release. */
const RELEASE = /^(.*)\/releases\/([1-9]\d*)$/;

/**
 * The name of a buildout directory that is the same for all releases: that of the link `current` for an
 * atomic release on a host, otherwise the directory itself. For what a part creates outside the buildout.
 */
export function lastingDirectory({ place }: Pick<BuildoutContext, "place">): string {
  const [, path = "", number] = RELEASE.exec(place) ?? [];
  if (number === undefined) return place;
  // A deployment has created it.
  return existsSync(`${path}/.hostout/releases/${number}/directory`) ? `${path}/current` : place;
}

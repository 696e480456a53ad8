import type { SemVer } from "semver";
import { isPackageName } from "./package-requirement.ts";

/** The part of the `semver` package that is used: loaded only if something is installed. */
export interface Semver {
  valid(version: string): string | null;
  validRange(range: string): string | null;
  satisfies(version: string, range: string): boolean;
  rcompare(a: string | SemVer, b: string | SemVer): number;
}

/** The pinned versions of each npm package, highest first. */
export type Pins = ReadonlyMap<string, readonly string[]>;

/** A version made by a release, which ends with the hash of the content. */
export function isReleaseVersion(version: string): boolean {
  return /[+.]h[0-9a-f]{12}$/.test(version);
}

/**
 * The pins in a `[versions]` section that npm can use. A package with several versions has `name = highest`
 * and one `name@V = V` for each other version. Pins of Python packages with compatible versions are
 * included, too, but do no harm.
 */
export function readPins(versions: ReadonlyMap<string, string>, semver: Semver): Pins {
  const pins = new Map<string, string[]>();
  for (const [option, pin] of versions) {
    const at = option.lastIndexOf("@");
    const name = at > 0 ? option.slice(0, at) : option;
    if (!isPackageName(name) || pin === "" || semver.validRange(pin) === null) continue;
    const known = pins.get(name) ?? [];
    if (!known.includes(pin)) pins.set(name, [...known, pin]);
  }
  for (const [name, found] of pins) {
    const byHeight = found
      .filter((pin) => semver.valid(pin) !== null)
      .sort((a, b) => semver.rcompare(a, b));
    pins.set(name, byHeight.length === found.length ? byHeight : found.slice(0, 1));
  }
  return pins;
}

/** The pinned version to use for a range: the highest one in it. */
export function pinFor(
  pins: Pins,
  name: string,
  range: string,
  semver: Semver,
): string | undefined {
  return pins.get(name)?.find((pin) => pin === range || satisfies(pin, range, semver));
}

/** Whether a version matches a range by npm's rules; anything that is not a range (a tag, a URL) matches. */
export function satisfies(version: string, range: string, semver: Semver): boolean {
  const wanted = range.replace(/^npm:@?[^@]+@?/, "").trim();
  if (wanted === "" || wanted === "*" || semver.validRange(wanted) === null) return true;
  return semver.valid(version) === null || semver.satisfies(version, wanted);
}

/**
 * npm's `overrides` that apply the pins to indirect dependencies. Of several versions, the highest allowed
 * by a requirement is used: npm takes the first entry whose version is in the required range, so the last
 * entry is for requirements that allow none.
 */
export function overridesFor(pins: Pins, except: ReadonlySet<string>): Record<string, string> {
  const entries: [string, string][] = [];
  for (const [name, versions] of pins) {
    if (except.has(name) || versions.some(isReleaseVersion)) continue;
    if (versions.length > 1) {
      for (const version of versions) entries.push([`${name}@${version}`, version]);
    }
    entries.push([name, versions[0]!]);
  }
  return Object.fromEntries(entries);
}

import type { PythonFacts } from "../../config/conditions/facts.ts";
import { evaluateMarker, type Marker, parseMarker } from "../../config/conditions/marker.ts";
import { BuildoutError } from "../../errors/error.ts";
import { isVersion, meets } from "../../pythonic/version.ts";

/** A PEP 508 requirement: `name[extra] >=1,<2 ; python_version < "3.9"`. */
export interface Requirement {
  name: string;
  /** The normalized name (PEP 503). */
  key: string;
  extras: string[];
  /** `>=1` and `<2`, without blanks. */
  specifiers: string[];
  /** Of `name @ URL`. */
  url: string | undefined;
  marker: Marker | undefined;
}

const NAME = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*/;

/** The normalized name of a project (PEP 503), equal for all its spellings. */
export function normalizeName(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

function words(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** Nearly all: without parsing them, a working set of 60 distributions takes a third less. */
const PLAIN = /^(?:[<>=!]=|[<>])\d+(?:\.\d+)*$/;

function readSpecifiers(text: string): string[] | undefined {
  const inner = /^\((.*)\)$/s.exec(text.trim())?.[1] ?? text;
  const specifiers = words(inner).map((word) => word.replace(/\s+/g, ""));
  return specifiers.every((one) => PLAIN.test(one) || meets("0", one) !== undefined)
    ? specifiers
    : undefined;
}

/** Reads a requirement; undefined if the text is not one. */
export function readRequirement(line: string): Requirement | undefined {
  // As setuptools reads a line of requirements.
  const text = line.replace(/\s#.*$/s, "");
  const head = NAME.exec(text);
  if (head === null) return undefined;
  const [whole, name = "", extras = ""] = head;
  const base = { name, key: normalizeName(name), extras: words(extras) };
  let rest = text.slice(whole.length);
  let url: string | undefined;
  if (rest.startsWith("@")) {
    const [address = "", ...others] = rest
      .slice(1)
      .trim()
      .split(/\s+;|\s;\s*/);
    url = address.trim();
    rest = others.length > 0 ? `;${others.join(";")}` : "";
  }
  const [before = "", after] = rest.split(/;(.*)/s);
  const specifiers = readSpecifiers(before);
  const marker = after === undefined || after.trim() === "" ? undefined : parseMarker(after);
  if (specifiers === undefined || (after?.trim() && marker === undefined)) return undefined;
  return { ...base, specifiers, url, marker };
}

/** The same; throws `invalid-requirement`. */
export function parseRequirement(text: string): Requirement {
  const requirement = readRequirement(text);
  if (requirement !== undefined) return requirement;
  throw new BuildoutError("invalid-requirement", `'${text}' is not a Python requirement.`, {
    hint: text.startsWith("#")
      ? "A comment must start in the first column."
      : "Write it as in 'name', 'name[extra]', 'name>=1.2' or 'name==1.0; python_version < \"3.9\"'.",
  });
}

/** The requirement for pip and messages, without its marker: `name[extra]<2,>=1`. */
export function requirementText({ name, extras, specifiers, url }: Requirement): string {
  const suffix = extras.length > 0 ? `[${[...extras].sort().join(",")}]` : "";
  return url ? `${name}${suffix} @ ${url}` : `${name}${suffix}${[...specifiers].sort().join(",")}`;
}

/** Whether the requirement applies to this interpreter with one of the requested extras. */
export function applies(
  { marker }: Requirement,
  facts: () => PythonFacts,
  extras: readonly string[] = [""],
): boolean {
  return marker === undefined || extras.some((extra) => evaluateMarker(marker, facts, extra));
}

/** Whether the requirement allows the version, including pre-releases. */
export function allows({ specifiers }: Pick<Requirement, "specifiers">, version: string): boolean {
  return specifiers.every((one) => meets(version, one) === true);
}

/** Whether the requirement is exact: only `==1.0`. */
export function isExact({ specifiers, url }: Pick<Requirement, "specifiers" | "url">): boolean {
  return url !== undefined || (specifiers.length === 1 && /^===?/.test(specifiers[0]!));
}

/**
 * The specifiers of a pin in `[versions]`: `1.0`, `==1.0`, `>=1,<2`; undefined if the value is neither a
 * version nor a specifier.
 */
export function pinSpecifiers(pin: string): string[] | undefined {
  const value = pin.trim();
  if (/^[<>=~!]/.test(value)) return readSpecifiers(value);
  return isVersion(value.replace(/\.\*$/, "")) ? readSpecifiers(`==${value}`) : undefined;
}

import { BuildoutError, type Location } from "../../errors/error.ts";
import type { Candidate, Demand } from "./environment.ts";
import {
  allows,
  isExact,
  normalizeName,
  pinSpecifiers,
  type Requirement,
  requirementText,
} from "./requirement.ts";

export interface PinsRequest {
  versions: ReadonlyMap<string, string>;
  /** The location of a pin, if it is in a file. */
  locate(option: string): Location | undefined;
  /** The requester of the working set. */
  asker: string;
}

/** zc.buildout's own: the last versions that have pkg_resources. Pins override it. */
const IMPLIED = new Map([["setuptools", "<82"]]);

/** The current pins, by normalized name. */
export class Pins {
  private readonly request: PinsRequest;
  private readonly options = new Map<string, string>();
  private readonly parsed = new Map<string, string[] | undefined>();

  constructor(request: PinsRequest) {
    this.request = request;
    for (const [option, value] of request.versions) {
      if (value.trim() !== "") this.options.set(normalizeName(option), option);
    }
  }

  get(key: string): string | undefined {
    const option = this.options.get(key);
    return option && this.request.versions.get(option)?.trim();
  }

  /** The specifiers of a pin; undefined if it is invalid. */
  private specifiers(pin: string): string[] | undefined {
    if (!this.parsed.has(pin)) this.parsed.set(pin, pinSpecifiers(pin));
    return this.parsed.get(pin);
  }

  /** Whether the pin leaves no choice. */
  isExact(key: string): boolean {
    const specifiers = this.specifiers(this.get(key) ?? "") ?? [];
    return isExact({ specifiers, url: undefined });
  }

  /** Whether the pin, if there is one, allows the version. An invalid pin excludes nothing. */
  allowsVersion(key: string, version: string): boolean {
    return allows({ specifiers: this.specifiers(this.get(key) ?? "") ?? [] }, version);
  }

  location(key: string): Location | undefined {
    const option = this.options.get(key);
    return option === undefined ? undefined : this.request.locate(option);
  }

  /** Lines of a constraints file for pip. Skips pins that are not Python versions. */
  constraints(): string[] {
    const implied = [...IMPLIED.keys()].filter((key) => !this.options.has(key));
    return [...this.options.keys(), ...implied].flatMap((key) => {
      const specifiers = this.specifiers(this.get(key) ?? IMPLIED.get(key)!);
      return specifiers && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(key)
        ? [`${key}${specifiers.join(",")}`]
        : [];
    });
  }

  /** Whether a pin is invalid, which must be reported if its distribution is needed. */
  get hasUnreadable(): boolean {
    return [...this.options.keys()].some((key) => !this.isReadable(key));
  }

  isReadable(key: string): boolean {
    const pin = this.get(key);
    return pin === undefined || this.specifiers(pin) !== undefined;
  }

  /** The requirement with its pin. Throws `version-conflict`, `invalid-version`. */
  constrain(demand: Demand): Requirement {
    const { requirement } = demand;
    const pin = this.get(requirement.key) ?? IMPLIED.get(requirement.key);
    if (pin === undefined || requirement.url !== undefined) return requirement;
    const specifiers = this.specifiers(pin);
    const location = this.location(requirement.key);
    if (specifiers === undefined) {
      throw new BuildoutError(
        "invalid-version",
        `The pin '${pin}' of ${requirement.name} is not a version.`,
        { ...(location && { location }) },
      );
    }
    const pinned = { ...requirement, specifiers };
    if (!isExact(pinned)) {
      return { ...requirement, specifiers: [...requirement.specifiers, ...specifiers] };
    }
    const version = specifiers[0]!.replace(/^=+/, "");
    if (version.endsWith(".*") || allows(requirement, version)) return pinned;
    throw this.conflict(requirement, pin, demand.by && `${demand.by.name} ${demand.by.version}`);
  }

  /** The error for a requirement that a pin does not allow; `by`: who requires it, with version. */
  conflict(requirement: Requirement, pin: string, by: string | undefined): BuildoutError {
    const location = this.location(requirement.key);
    const text = requirementText(requirement);
    return new BuildoutError(
      "version-conflict",
      `The requirement ('${text}') is not allowed by your [versions] constraint (${pin.replace(/^==/, "")})`,
      {
        ...(location && { location }),
        hint: `${by ?? this.request.asker} requires ${text}.`,
      },
    );
  }
}

/** The error for a distribution that does not meet a requirement. */
export function versionConflict(
  { name, version, developed, location }: Candidate,
  { requirement, by }: Demand,
  asker: string,
): BuildoutError {
  const requirer = by ? `${by.name} ${by.version}` : asker;
  return new BuildoutError(
    "version-conflict",
    `There is a version conflict.\nWe already have: ${name} ${version}\n` +
      `but ${requirer} requires '${requirementText(requirement)}'.`,
    {
      hint: developed
        ? `${name} is developed in ${location}: raise its version, or remove it from develop.`
        : undefined,
    },
  );
}

/** Native recipes have no version, but a requirement that no version can meet is still an error. */
import type { EngineContext } from "../../contract/engine.ts";
import { Pins } from "../../distributions/python/pins.ts";
import {
  allows,
  type Requirement,
  readRequirement,
  requirementText,
} from "../../distributions/python/requirement.ts";
import { BuildoutError, type Location } from "../../errors/error.ts";

/** Versions at and next to the bounds of the specifiers: if any version is allowed, one of these is. */
function borderline({ specifiers }: Requirement): string[] {
  const bounds = specifiers.map((one) => one.replace(/^[<>=~!]+|\.\*$/g, ""));
  return bounds.flatMap((bound) => {
    const release = /^v?(?:\d+!)?\d+(?:\.\d+)*/.exec(bound)?.[0] ?? bound;
    return [bound, `${bound}.dev0`, `${release}.0.1`, `${release}.1`, `${release}.post999`];
  });
}

function canBeMet(requirement: Requirement): boolean {
  if (requirement.specifiers.some((one) => one.startsWith("==="))) return true;
  return ["0", "9999", ...borderline(requirement)].some((version) => allows(requirement, version));
}

/**
 * Checks version specifiers in `recipe =`, such as `zc.recipe.egg <2`, against `[versions]`. Throws
 * `version-conflict`, `version-not-found`, `invalid-version`.
 */
export function checkNativeRequirement(
  recipe: string,
  { versions, report }: Pick<EngineContext, "versions" | "report">,
  location: Location | undefined,
): void {
  const [text = ""] = recipe.split(":");
  const requirement = readRequirement(text);
  if (requirement === undefined || requirement.specifiers.length === 0) return;
  const doing = [`Installing recipe ${text.trim()}.`];
  try {
    const pins = new Pins({ versions, locate: () => location, asker: "recipe =" });
    const constrained = pins.constrain({ requirement, by: undefined });
    if (canBeMet(constrained)) return;
    const wanted = requirementText(constrained);
    report({ type: "distribution-getting", kind: "python", requirement: wanted });
    doing.push(`Getting distribution for '${wanted}'.`);
    throw new BuildoutError("version-not-found", `Couldn't find a distribution for '${wanted}'.`, {
      ...(location && { location }),
      hint: `Change the version in recipe =, or the pin of ${requirement.name} in [versions].`,
    });
  } catch (error) {
    if (error instanceof BuildoutError) error.while.unshift(...doing);
    throw error;
  }
}

import { BuildoutError } from "../../errors/error.ts";

/** A required package. */
export interface Requirement {
  name: string;
  /** A range, exact version or tag in npm's notation; `*` for any version. */
  range: string;
}

const PACKAGE_NAME = /^(?:@[a-z0-9~-][\w.~-]*\/)?[A-Za-z0-9~-][\w.~-]*$/;
const REQUIREMENT = /^(@?[^@\s=<>~!]+)\s*(?:@\s*(\S.*)|((?:==|>=|<=|>|<).*))?$/;

/** Whether `name` is valid as a package name for npm. */
export function isPackageName(name: string): boolean {
  return PACKAGE_NAME.test(name);
}

/** `==1.2` means 1.2.0 (PEP 440), but npm's `=1.2` would allow any 1.2.x. */
function exact(version: string): string {
  const numbers = version.split(".");
  while (numbers.length < 3 && numbers.every((part) => /^\d+$/.test(part))) numbers.push("0");
  return numbers.join(".");
}

/**
 * Reads `name`, `name@range` (npm) or `name>=1,<2`, `name==1.2` (as in zc.recipe.egg). Throws
 * `invalid-requirement`.
 */
export function parseRequirement(text: string): Requirement {
  const [, name = "", npmRange, clauses] = REQUIREMENT.exec(text.trim()) ?? [];
  if (!isPackageName(name)) {
    throw new BuildoutError("invalid-requirement", `'${text}' is not an npm requirement.`, {
      hint: "Write name, name@^1.2, name==1.2.3 or name>=1.2,<2.",
    });
  }
  const range =
    npmRange ??
    clauses
      ?.split(",")
      .map((clause) => clause.trim().replace(/\s+/g, ""))
      .map((clause) => (clause.startsWith("==") ? exact(clause.slice(2)) : clause))
      .join(" ") ??
    "*";
  if (/^(file|link|workspace):|^\.{0,2}\//.test(range)) {
    throw new BuildoutError("invalid-requirement", `'${text}' names a directory or file.`, {
      hint: `Add the directory to 'develop' in [buildout] and write '${name}' here.`,
    });
  }
  return { name, range };
}

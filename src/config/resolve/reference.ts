import { BuildoutError, type ErrorDetails } from "../../errors/error.ts";

/** `${section:option}`; an empty section means the current one. */
export interface Reference {
  section: string;
  option: string;
}

const REFERENCE = /(\$\{[^}]*\})/;
// Python's `$` also matches before a final line break.
const NAME = /^[-a-zA-Z0-9 ._]+\n?$/;

/** The literal texts (even places) and the references (odd places) of a text without `$$`. */
export function splitReferences(text: string): string[] {
  return text.split(REFERENCE);
}

/**
 * The parts of `${section:option}`.
 * Throws `invalid-reference` with `details`.
 */
export function parseReference(text: string, details: () => ErrorDetails): Reference {
  const names = text.slice(2, -1).split(":");
  const [section = "", option = ""] = names;
  let problem: string | undefined;
  if (names.length < 2) problem = `The substitution, ${text},\ndoesn't contain a colon.`;
  else if (names.length > 2) problem = `The substitution, ${text},\nhas too many colons.`;
  else if (!NAME.test(option)) {
    const culprit = NAME.test(section) ? "option" : "section";
    problem = `The ${culprit} name in substitution, ${text},\nhas invalid characters.`;
  } else if (section !== "" && !NAME.test(section)) {
    problem = `The section name in substitution, ${text},\nhas invalid characters.`;
  }
  if (problem !== undefined) {
    throw new BuildoutError("invalid-reference", problem, {
      hint: "A reference is ${section:option}; write $${ for a literal ${.",
      ...details(),
    });
  }
  return { section, option };
}
